"""A `Client` that is a member of a consumer group of Apache Kafka."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.errors import OffsetOutOfRangeError
from kafka.structs import OffsetAndMetadata

from streamrnn.records import Headers, Record
from streamrnn.transports.base import Batch, Poll, Status, UnavailableError
from streamrnn.transports.client import OutOfRangeError, Topic
from streamrnn.transports.kafka.calls import LARGEST_BYTES, Calls
from streamrnn.transports.kafka.connection import Connection
from streamrnn.transports.kafka.newest import READ_SECONDS, NewestReader
from streamrnn.transports.kafka.rebalances import Rebalances
from streamrnn.transports.kafka.transactions import CLOSE_SECONDS, Transactions


@dataclass(frozen=True, slots=True)
class Group:
    """Which topics a group of workers reads and writes.

    Attributes:
        id: The consumer group.
        transactional_id: Of this worker; no other may have the same.
        input_topic: What is read.
        topics: What is written.
        session_timeout: Seconds until a worker that is silent is taken for dead, and until its
            transaction is aborted.
    """

    id: str
    transactional_id: str
    input_topic: str
    topics: Mapping[Topic, str]
    session_timeout: float = 10.0


class KafkaClient:
    """See `Client`.

    Args:
        connection: Where the brokers are.
        group: What is read and written.
    """

    def __init__(self, connection: Connection, group: Group) -> None:
        self._group = group
        self._positions: dict[int, int] = {}
        self._membership: Any = None
        self._member: str | None = None
        self._calls = Calls(connection)
        self._transactions = Transactions(
            self._calls, group.transactional_id, group.session_timeout
        )
        self._changelog = NewestReader(self._calls, group.topics["changelog"])
        self._consumer = connection.make(
            KafkaConsumer,
            group_id=group.id,
            enable_auto_commit=False,
            isolation_level="read_committed",
            auto_offset_reset="none",
            allow_auto_create_topics=False,
            partition_assignment_strategy=[CooperativeStickyAssignor()],
            session_timeout_ms=int(1000 * group.session_timeout),
            heartbeat_interval_ms=int(1000 * group.session_timeout / 3.5),
            max_partition_fetch_bytes=LARGEST_BYTES,
            metrics_enabled=False,
        )
        self._rebalances = Rebalances(self._consumer)
        # Known before the group is joined, so that it is not joined twice.
        self._consumer.partitions_for_topic(group.input_topic)
        self._consumer.subscribe([group.input_topic], listener=self._rebalances)

    @property
    def status(self) -> Status:
        joined = self._membership is not None and self._membership.generation_id >= 0
        return Status(joined, self._calls.waiting, self._calls.read)

    def _input(self, partition: int) -> Any:
        return TopicPartition(self._group.input_topic, partition)

    def poll(self, timeout: float, most: int) -> Poll:
        self._finish_joining()
        try:
            polled = self._calls.make(
                "poll",
                UnavailableError,
                lambda: self._consumer.poll(timeout_ms=int(1000 * timeout), max_records=most),
            )
        except OffsetOutOfRangeError as error:
            (partition,) = error.args[0]
            self._consumer.pause(partition)
            del self._positions[partition.partition]
            raise OutOfRangeError(partition.partition) from error
        # The membership before the assignment: where a rebalance falls in between, the commit
        # fails, rather than the partition of another worker being committed.
        self._membership = self._consumer.group_metadata()
        changes = self._changes()
        for partition in (*changes.revoked, *changes.assigned):
            self._positions.pop(partition, None)
        batches = [
            self._batch(partition, polled.get(self._input(partition), []))
            for partition in self._positions
        ]
        # What ends a transaction is no record, but is passed over.
        moved = [batch for batch in batches if batch.stop > batch.start]
        return Poll(changes.revoked, changes.assigned, moved)

    def _changes(self) -> Poll:
        """Return what rebalances have changed.

        As another member of the group it has nothing of what it had: kafka-python keeps it, but
        others may have worked on it meanwhile.
        """
        changes, member = self._rebalances.take(), self._member
        if self._membership.generation_id >= 0:
            self._member = self._membership.member_id
        if member in (None, self._member):
            return changes
        # What it had may have been claimed by two in this rebalance, and given to nobody.
        self._consumer._coordinator.request_rejoin()
        kept = {place.partition for place in self._consumer.assignment()} - {*changes.assigned}
        for partition in kept:
            self._rebalances.hold(self._input(partition))
        return Poll(sorted({*changes.revoked, *kept}), sorted({*changes.assigned, *kept}))

    def _finish_joining(self) -> None:
        """Let the next poll take the result of a join that an earlier one began.

        kafka-python forgets it where the time of a poll runs out while the leader is joining, and
        is then a member without partitions for ever.
        """
        coordinator = self._consumer._coordinator
        if coordinator.rejoining and not coordinator.need_rejoin():
            coordinator.rejoin_needed = True

    def _batch(self, partition: int, records: list[Any]) -> Batch:
        start = self._positions[partition]
        stop = self._positions[partition] = self._consumer.position(self._input(partition))
        taken = [_record(partition, record) for record in records]
        if taken and not start <= taken[0].offset <= taken[-1].offset < stop:
            raise RuntimeError(
                f"partition {partition}: expected records of offsets from {start} to below {stop}, "
                f"got {taken[0].offset} to {taken[-1].offset}"
            )
        return Batch(partition, start, taken, stop)

    def read_from(self, partition: int, offset: int) -> None:
        place = self._input(partition)
        # Records that were left when it was held stay parked in kafka-python while others flow, and
        # while they are parked it fetches no more.
        self._consumer._fetcher._paused_partition_records.pop(place, None)
        self._consumer.seek(place, offset)
        self._consumer.resume(place)
        self._positions[partition] = offset

    def range_of(self, partition: int) -> tuple[int, int]:
        place = self._input(partition)
        first = self._ask("beginning_offsets", [place])[place]
        return first, self._ask("end_offsets", [place])[place]

    def committed(self, partition: int) -> int | None:
        offset: int | None = self._ask("committed", self._input(partition))
        return None if offset is None or offset < 0 else offset

    def _ask(self, method: str, about: Any) -> Any:
        # A former owner's transaction is waited for, which may last as long as a session.
        limit = int(1000 * (READ_SECONDS + 2 * self._group.session_timeout))
        ask = getattr(self._consumer, method)
        return self._calls.make(method, UnavailableError, lambda: ask(about, timeout_ms=limit))

    def read_changelog(self, partition: int) -> Mapping[bytes, bytes]:
        return self._changelog.read(partition)

    def begin(self) -> None:
        self._transactions.begin()

    def send(
        self,
        topic: Topic,
        partition: int,
        key: bytes | None,
        value: bytes | None,
        headers: Headers = (),
    ) -> None:
        self._transactions.send(self._group.topics[topic], partition, key, value, headers)

    def send_offsets(self, offsets: Mapping[int, int]) -> None:
        places = {
            self._input(partition): OffsetAndMetadata(offset, "", -1)
            for partition, offset in offsets.items()
        }
        self._transactions.send_offsets(places, self._membership)

    def commit(self) -> None:
        self._transactions.commit()

    def abort(self) -> None:
        self._transactions.abort()

    def close(self) -> None:
        self._transactions.close()
        self._changelog.close()
        self._consumer.close(autocommit=False, timeout_ms=int(1000 * CLOSE_SECONDS))


def _record(partition: int, record: Any) -> Record:
    headers, timestamp = tuple(record.headers), record.timestamp
    # A record of before version 0.10 has none, and is told as -1.
    seconds = timestamp / 1000 if timestamp is not None and timestamp >= 0 else None
    return Record(partition, record.offset, record.key, record.value, headers, seconds)
