"""A producer that sends records to one topic, and knows which of them the brokers have."""

import math
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from kafka import KafkaAdminClient, KafkaProducer
from kafka.errors import KafkaError, MessageSizeTooLargeError

from streamrnn.errors import ConfigurationError, StreamrnnError, nearest
from streamrnn.transports.kafka.calls import LARGEST_BYTES
from streamrnn.transports.kafka.connection import Connection
from streamrnn.transports.kafka.transactions import BATCH_BYTES, CLOSE_SECONDS

MOST_UNDER_WAY = 10_000
LINGER_MILLISECONDS = 5
DELIVERY_SECONDS = 120.0
"""How long a broker may be away before the records under way are given up."""
LAST_SECONDS = 10.0
"""How long it may hold up the end after a signal."""
FLUSH_SLICE_SECONDS = 0.005


class Feeder:
    """Sends records in order; each is confirmed by the brokers, or an error that names its line.

    Args:
        connection: Where the brokers are.
        topic: Must be there.

    Raises:
        ConfigurationError: It is not, or no broker can be reached.
    """

    def __init__(self, connection: Connection, topic: str) -> None:
        self._topic, self._partitions = topic, _partitions(connection, topic)
        self._next_partition = 0
        self._under_way: deque[tuple[int, Any]] = deque()
        self._producer = connection.make(
            KafkaProducer,
            acks="all",
            enable_idempotence=True,
            allow_auto_create_topics=False,
            delivery_timeout_ms=int(1000 * DELIVERY_SECONDS),
            linger_ms=LINGER_MILLISECONDS,
            max_request_size=LARGEST_BYTES,
            batch_size=BATCH_BYTES,
            metrics_enabled=False,
        )

    @property
    def under_way(self) -> int:
        """How many records were sent and are not confirmed yet.

        Raises:
            StreamrnnError: The brokers refused a record.
        """
        self._confirm()
        return len(self._under_way)

    @property
    def full(self) -> bool:
        """Whether so much is under way that nothing more is to be sent for now."""
        return self.under_way >= MOST_UNDER_WAY

    def send(self, key: bytes | None, value: bytes, line: int) -> None:
        """Send a record: to its key's partition, or without a key to each partition in turn.

        Args:
            key: The record's own.
            value: Its bytes.
            line: Where it comes from, for errors.

        Raises:
            StreamrnnError: The brokers refused this record or one before.
        """
        partition = None
        if key is None:
            partition = self._next_partition
            self._next_partition = (partition + 1) % self._partitions
        try:
            future = self._producer.send(self._topic, value, key, partition=partition)
        except (KafkaError, ValueError) as error:
            raise self._refused(line, error) from error
        self._under_way.append((line, future))
        self._confirm()

    def _confirm(self) -> None:
        while self._under_way and self._under_way[0][1].is_done:
            line, future = self._under_way.popleft()
            if future.failed():
                raise self._refused(line, future.exception)

    def _refused(self, line: int, error: Exception) -> StreamrnnError:
        reason = f"{type(error).__name__}: {error}"
        if isinstance(error, MessageSizeTooLargeError):
            reason = "it is larger than the topic's max.message.bytes"
        return StreamrnnError(
            f"line {line}: kafka: topic {self._topic!r} did not take the record: {reason}"
        )

    def flush(self, stopped: Callable[[], bool] = lambda: False) -> None:
        """Wait until the brokers have all that was sent; not for long once it is to stop.

        Raises:
            StreamrnnError: They refused a record, or do not have all.
        """
        until = math.inf
        while self.under_way:
            if time.monotonic() > until:
                raise self._lost()
            if stopped():
                until = min(until, time.monotonic() + LAST_SECONDS)
            time.sleep(FLUSH_SLICE_SECONDS)

    def _lost(self) -> StreamrnnError:
        first, count = self._under_way[0][0], len(self._under_way)
        return StreamrnnError(
            f"line {first}: kafka: the broker has not confirmed this record and the {count - 1:,} "
            f"after it: they may be missing in topic {self._topic!r}"
        )

    def close(self) -> None:
        """Let go of the connection; what was not flushed may be lost."""
        if self._under_way:
            # Closing waits for what is under way, and fails where no broker takes it. There is no
            # public way to give it up.
            self._producer._sender.force_close()
        with suppress(KafkaError):
            self._producer.close(timeout=CLOSE_SECONDS)


def _partitions(connection: Connection, topic: str) -> int:
    """Return how many partitions a topic has.

    Raises:
        ConfigurationError: It is not there.
    """
    administrator = connection.make(KafkaAdminClient)
    try:
        known = administrator.list_topics()
        described = administrator.describe_topics([topic]) if topic in known else []
    except KafkaError as error:
        raise ConfigurationError(f"kafka: cannot look at topics: {error}") from error
    finally:
        administrator.close()
    if not described:
        raise ConfigurationError(
            f"kafka: there is no topic {topic!r}{nearest(topic, known)}; this makes the topics of "
            "a configuration: streamrnn topics CONFIG --create"
        )
    return len(described[0]["partitions"])
