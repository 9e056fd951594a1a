"""What tests of the whole tree share: Apache Kafka, and logs that are as they were before."""

import logging
import os
from collections.abc import Iterator
from typing import NoReturn

import pytest

from tests.kafka.broker import Broker, UnavailableError, libraries, require_java

# Where colorama is, which sacrebleu brings, Numba would put its own in the place of the standard
# output that a test captures, and reset it after that was closed.
os.environ.setdefault("NUMBA_DISABLE_ERROR_MESSAGE_HIGHLIGHTING", "1")


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    """Undo what a command that was run within the tests has set up."""
    loggers = [logging.getLogger(name) for name in ("", "kafka", "streamrnn", "streamrnn.contents")]
    levels, handlers = [logger.level for logger in loggers], list(loggers[0].handlers)
    yield
    loggers[0].handlers[:] = handlers
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


@pytest.fixture(scope="session")
def new_broker() -> type[Broker]:
    """Return the class that starts brokers, for a test or a fixture that needs its own."""
    lacking = _lacking()
    if lacking:
        _without_kafka(lacking)
    return Broker


@pytest.fixture
def broker(new_broker: type[Broker]) -> Iterator[Broker]:
    """Give the test a broker of its own, to stop and to kill."""
    with new_broker() as broker:
        yield broker


@pytest.fixture(scope="session")
def kafka(request: pytest.FixtureRequest) -> Iterator[str]:
    """Give the address of the Kafka that all tests share; name topics and groups apart.

    `STREAMRNN_TEST_KAFKA` names one that runs already; without it a broker is started.
    """
    given = os.environ.get("STREAMRNN_TEST_KAFKA")
    if given:
        yield given
        return
    new_broker: type[Broker] = request.getfixturevalue("new_broker")
    with new_broker() as broker:
        yield broker.bootstrap


def _lacking() -> str | None:
    """Return what this machine lacks to start brokers, and what to do; nothing where it can."""
    try:
        require_java()
        libraries()
    except UnavailableError as error:
        return str(error)
    return None


def _without_kafka(reason: str) -> NoReturn:
    """Skip what needs Kafka, or fail it where `STREAMRNN_REQUIRE_SERVICES` is set."""
    if os.environ.get("STREAMRNN_REQUIRE_SERVICES"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
