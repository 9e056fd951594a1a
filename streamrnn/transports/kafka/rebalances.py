"""What rebalances give to a worker and take from it."""

from collections import deque
from collections.abc import Iterable
from typing import Any

from kafka.consumer.subscription_state import ConsumerRebalanceListener

from streamrnn.transports.base import Poll


class Rebalances(ConsumerRebalanceListener):  # type: ignore[misc]
    """Notes what a rebalance changes, for the next poll; runs on the client's own thread."""

    def __init__(self, consumer: Any) -> None:
        self._consumer = consumer
        self.noted: deque[tuple[bool, int]] = deque()

    def on_partitions_assigned(self, assigned: Iterable[Any]) -> None:
        """Hold new partitions until `KafkaClient.read_from` says where they are read from."""
        for partition in assigned:
            self.hold(partition)
            self.noted.append((True, partition.partition))

    def hold(self, partition: Any) -> None:
        """Read nothing of a partition for now."""
        self._consumer.pause(partition)
        # With a place the consumer asks for none.
        self._consumer.seek(partition, 0)

    def on_partitions_revoked(self, revoked: Iterable[Any]) -> None:
        """Note that partitions went away; `on_partitions_lost` comes here too."""
        self.noted.extend((False, partition.partition) for partition in revoked)

    def take(self) -> Poll:
        """Return what was noted since the last call."""
        revoked: set[int] = set()
        assigned: set[int] = set()
        while self.noted:
            came, partition = self.noted.popleft()
            if came:
                assigned.add(partition)
            elif partition in assigned:
                assigned.remove(partition)
            else:
                revoked.add(partition)
        return Poll(sorted(revoked), sorted(assigned))
