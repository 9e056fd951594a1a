"""Calls of kafka-python: what is waited for, and what their errors mean."""

import time
from collections.abc import Callable
from typing import Any, TypeVar

from kafka.errors import (
    AuthorizationError,
    GroupMaxSizeReachedError,
    InconsistentGroupProtocolError,
    InvalidGroupIdError,
    InvalidSessionTimeoutError,
    InvalidTransactionTimeoutError,
    KafkaError,
    MessageSizeTooLargeError,
    OffsetOutOfRangeError,
    UnsupportedVersionError,
)

from streamrnn.errors import ConfigurationError, StreamrnnError
from streamrnn.transports.kafka.connection import Connection

T = TypeVar("T")

LARGEST_BYTES = 16 * 1024 * 1024
IN_VAIN = (
    GroupMaxSizeReachedError,
    InconsistentGroupProtocolError,
    InvalidGroupIdError,
    InvalidSessionTimeoutError,
    InvalidTransactionTimeoutError,
    UnsupportedVersionError,
)
"""What the brokers refuse, however often they are asked."""


class Calls:
    """Makes the calls of one worker, one at a time.

    Attributes:
        waiting: What is being waited for, and since when on the monotonic clock; None for nothing.
        read: How often reading got on.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.read = 0
        self.waiting: tuple[str, float] | None = None

    def make(self, name: str, failure: type[Exception], call: Callable[[], T]) -> T:
        """Make a call, and translate its errors.

        Args:
            name: What is called.
            failure: What is raised where the call fails.
            call: Is made.

        Raises:
            ConfigurationError: The user may not do this.
        """
        self.waiting = name, time.monotonic()
        try:
            return call()
        except OffsetOutOfRangeError:
            raise
        except AuthorizationError as error:
            raise ConfigurationError(f"kafka: {name}: not allowed: {error}") from error
        except IN_VAIN as error:
            raise ConfigurationError(f"kafka: {name}: {type(error).__name__}: {error}") from error
        except MessageSizeTooLargeError as error:
            raise StreamrnnError(
                f"kafka: {name}: {error}; raise max.message.bytes of the topic"
            ) from error
        except (KafkaError, RuntimeError) as error:
            raise failure(f"{name}: {type(error).__name__}: {error}") from error
        finally:
            self.waiting = None

    def got_on(self) -> None:
        """Note that what is being waited for has got on."""
        self.read += 1
        if self.waiting:
            self.waiting = self.waiting[0], time.monotonic()

    def connect(self, failure: type[Exception], kind: Any, **options: Any) -> Any:
        """Return a new client of a class of kafka-python, in a worker that runs already."""
        try:
            return self._connection.make(kind, metrics_enabled=False, **options)
        except ConfigurationError as error:
            # It was right when the worker started.
            raise failure(str(error)) from error
