"""Calls of kafka-python: what is waited for, and what their errors mean."""

import time
from collections.abc import Callable
from typing import Any, TypeVar

from kafka.errors import (
    AuthorizationError,
    KafkaError,
    MessageSizeTooLargeError,
    OffsetOutOfRangeError,
)

from streamrnn.errors import ConfigurationError, StreamrnnError
from streamrnn.transports.kafka.connection import Connection

T = TypeVar("T")

LARGEST_BYTES = 16 * 1024 * 1024


class Calls:
    """Makes the calls of one worker, one at a time.

    Attributes:
        waiting: What is being waited for, and since when on the monotonic clock; None for nothing.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
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
        except MessageSizeTooLargeError as error:
            raise StreamrnnError(
                f"kafka: {name}: {error}; raise max.message.bytes of the topic"
            ) from error
        except (KafkaError, RuntimeError) as error:
            raise failure(f"{name}: {type(error).__name__}: {error}") from error
        finally:
            self.waiting = None

    def connect(self, failure: type[Exception], kind: Any, **options: Any) -> Any:
        """Return a new client of a class of kafka-python, in a worker that runs already."""
        try:
            return self._connection.make(kind, metrics_enabled=False, **options)
        except ConfigurationError as error:
            # It was right when the worker started.
            raise failure(str(error)) from error
