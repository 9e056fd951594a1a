"""A broker that demands TLS and SASL, reached through the KAFKA_* variables."""

import logging
from collections.abc import Iterator

import pytest

from streamrnn.build import administrator_of, build
from streamrnn.configuration import Configuration, load
from streamrnn.errors import ConfigurationError
from tests.kafka.broker import Broker

CONFIGURATION = """
[input]
topic = "sensors"
[task]
kind = "forecast"
target = "temperature"
[model]
hidden = 4
[output]
topic = "predictions"
"""
SECRETS = ("tester-secret", "not-the-password")


@pytest.fixture(scope="module")
def broker(new_broker: type[Broker]) -> Iterator[Broker]:
    with new_broker(security=True) as broker:
        yield broker


@pytest.fixture
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("security") / "a.toml"
    file.write_text(CONFIGURATION, encoding="utf-8")
    return str(file)


def configured(broker: Broker, path: str, protocol: str, mechanism: str | None) -> Configuration:
    environment = {
        "KAFKA_BOOTSTRAP_SERVERS": broker.bootstrap_for(protocol),
        "KAFKA_SECURITY_PROTOCOL": protocol,
        "KAFKA_SSL_CAFILE": str(broker.ca_file),
        "STREAMRNN_APP__ID": f"secure-{protocol}-{mechanism}",
    }
    if mechanism:
        environment |= {
            "KAFKA_SASL_MECHANISM": mechanism,
            "KAFKA_SASL_USERNAME": broker.user,
        }
    return load(path, (), environment)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("protocol", "mechanism"),
    [
        ("SSL", None),
        ("SASL_SSL", "PLAIN"),
        ("SASL_SSL", "SCRAM-SHA-256"),
        ("SASL_SSL", "SCRAM-SHA-512"),
        ("SASL_PLAINTEXT", "PLAIN"),
    ],
)
def test_records_are_answered_and_no_secret_is_logged(
    broker: Broker,
    path: str,
    protocol: str,
    mechanism: str | None,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("KAFKA_SASL_PASSWORD", broker.password)
    configuration = configured(broker, path, protocol, mechanism)
    administrator = administrator_of(configuration)
    administrator.create(None, None)
    administrator.close()
    worker = build(configuration)
    while not worker.processors:
        worker.turn()
    worker.stop()
    worker.transport.close()
    assert broker.password in SECRETS
    assert not any(secret in caplog.text for secret in SECRETS)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("protocol", "hint"),
    [("SASL_SSL", "a wrong password"), ("PLAINTEXT", "does it demand TLS or SASL")],
)
def test_a_refusal_says_what_to_look_at_and_no_secret(
    broker: Broker,
    path: str,
    protocol: str,
    hint: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr("streamrnn.transports.kafka.connection.BOOTSTRAP_SECONDS", 2.0)
    monkeypatch.setenv("KAFKA_SASL_PASSWORD", "not-the-password")
    configuration = configured(broker, path, "SASL_SSL", "PLAIN")
    if protocol == "PLAINTEXT":
        monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", broker.bootstrap_for("SASL_SSL"))
        configuration = load(path)
    with pytest.raises(ConfigurationError, match=f"(?i){hint}") as error:
        build(configuration)
    assert not any(secret in caplog.text + str(error.value) for secret in SECRETS)


def test_a_password_in_a_configuration_is_refused_without_repeating_it(path: str) -> None:
    with pytest.raises(ConfigurationError, match="set KAFKA_SASL_PASSWORD in the") as error:
        load(path, ["kafka.sasl_password=not-the-password"], {})
    assert "not-the-password" not in str(error.value)
