"""Reading a compacted topic: the newest value of each key."""

import time
from collections.abc import Mapping
from typing import Any

from kafka import KafkaConsumer, TopicPartition

from streamrnn.errors import ConfigurationError
from streamrnn.transports.base import UnavailableError
from streamrnn.transports.kafka.calls import LARGEST_BYTES, Calls
from streamrnn.transports.kafka.connection import Connection

READ_SECONDS = 30.0
"""How long reading may take without getting on."""


class NewestReader:
    """Reads partitions of a topic to their ends.

    Args:
        calls: Makes the calls.
        topic: What is read.
    """

    def __init__(self, calls: Calls, topic: str) -> None:
        self._calls, self._topic = calls, topic
        self._consumer: Any = None

    def read(self, partition: int) -> Mapping[bytes, bytes]:
        """Return the newest committed value of each key.

        Raises:
            UnavailableError: The brokers do not answer, or a transaction stays open.
        """
        place = TopicPartition(self._topic, partition)
        return self._calls.make("read", UnavailableError, lambda: self._read(place))

    def _read(self, place: Any) -> Mapping[bytes, bytes]:
        reader = self._consumer = self._consumer or self._calls.connect(
            UnavailableError,
            KafkaConsumer,
            enable_auto_commit=False,
            isolation_level="read_committed",
            auto_offset_reset="earliest",
            allow_auto_create_topics=False,
            max_partition_fetch_bytes=LARGEST_BYTES,
        )
        if place.partition not in (reader.partitions_for_topic(self._topic) or ()):
            raise ConfigurationError(
                f"kafka: topic {self._topic!r} has no partition {place.partition}: give it as many "
                "as the input has"
            )
        reader.assign([place])
        reader.seek_to_beginning(place)
        # It ends at a position and not at a record: what ends a transaction takes an offset too.
        end = reader.end_offsets([place])[place]
        newest: dict[bytes, bytes] = {}
        reached, until = -1, time.monotonic() + READ_SECONDS
        while (position := reader.position(place, timeout_ms=int(1000 * READ_SECONDS))) < end:
            if position > reached:
                reached, until = position, time.monotonic() + READ_SECONDS
                self._calls.got_on()
            elif time.monotonic() > until:
                raise UnavailableError(f"{self._topic}: reading stopped at {position} of {end}")
            for record in reader.poll(timeout_ms=100, max_records=10_000).get(place, ()):
                newest.pop(record.key, None)
                if record.value is not None:
                    newest[record.key] = record.value
        return newest

    def close(self) -> None:
        """Let go of the connection."""
        if self._consumer is not None:
            self._consumer.close()


def read_newest(connection: Connection, topic: str, partition: int) -> Mapping[bytes, bytes]:
    """Return the newest committed value of each key, as one who is no member of a group.

    Raises:
        ConfigurationError: No broker answers, or there is no such topic or partition.
    """
    reader = NewestReader(Calls(connection), topic)
    try:
        return reader.read(partition)
    except UnavailableError as error:
        raise ConfigurationError(f"kafka: {topic}: cannot be read: {error}") from error
    finally:
        reader.close()
