"""Asks the brokers where the records end, past the worker's own client."""

from collections.abc import Sequence

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from streamrnn.errors import ConfigurationError
from streamrnn.transports.base import UnavailableError
from streamrnn.transports.kafka.connection import Connection

PROBE_SECONDS = 5.0


class EndProbe:
    """Where the committed records of an input topic end."""

    def __init__(self, connection: Connection, topic: str) -> None:
        self._connection, self._topic = connection, topic
        self._consumer: KafkaConsumer | None = None

    def __call__(self, partitions: Sequence[int]) -> dict[int, int]:
        """Return the offset after the last record of each partition.

        Raises:
            UnavailableError: The brokers do not answer in time.
        """
        places = [TopicPartition(self._topic, number) for number in partitions]
        try:
            consumer = self._consumer = self._consumer or self._connection.make(
                KafkaConsumer,
                isolation_level="read_committed",
                enable_auto_commit=False,
                allow_auto_create_topics=False,
                metrics_enabled=False,
            )
            limit = int(1000 * PROBE_SECONDS)
            ends = consumer.end_offsets(places, timeout_ms=limit) if places else {}
        except (KafkaError, ConfigurationError) as error:
            raise UnavailableError(str(error)) from error
        return {place.partition: end for place, end in ends.items()}

    def close(self) -> None:
        """Let go of the connection."""
        if self._consumer:
            self._consumer.close()
