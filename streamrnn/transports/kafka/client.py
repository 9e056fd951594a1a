"""A `Client` that is a member of a consumer group of Apache Kafka."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.consumer.subscription_state import ConsumerRebalanceListener
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.errors import (
    AuthorizationError,
    KafkaError,
    MessageSizeTooLargeError,
    OffsetOutOfRangeError,
)
from kafka.structs import OffsetAndMetadata

from streamrnn.errors import ConfigurationError, StreamrnnError
from streamrnn.records import Headers, Record
from streamrnn.transports.base import AbortedError, Batch, Poll, UnavailableError
from streamrnn.transports.client import OutOfRangeError, Topic
from streamrnn.transports.kafka.connection import Connection

T = TypeVar("T")

READ_SECONDS = 30.0
"""How long a request may take that reads; a former owner's transaction ends before."""
CLOSE_SECONDS = 5.0
LARGEST_BYTES = 16 * 1024 * 1024
BATCH_BYTES = 128 * 1024


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


class Rebalances(ConsumerRebalanceListener):  # type: ignore[misc]
    """Notes what a rebalance changes, for the next poll; runs on the client's own thread."""

    def __init__(self, consumer: Any) -> None:
        self._consumer = consumer
        self.noted: deque[tuple[bool, int]] = deque()

    def on_partitions_assigned(self, assigned: Iterable[Any]) -> None:
        """Hold new partitions until `KafkaClient.read_from` says where they are read from."""
        for partition in assigned:
            self._consumer.pause(partition)
            # With a place the consumer asks for none; it reads nothing while it is paused.
            self._consumer.seek(partition, 0)
            self.noted.append((True, partition.partition))

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


class KafkaClient:
    """See `Client`. Calls that wait without limit are named in ``calling`` while they do.

    Attributes:
        calling: What is being waited for, and since when on the monotonic clock.
    """

    def __init__(self, connection: Connection, group: Group) -> None:
        self._connection, self._group = connection, group
        self.calling: tuple[str, float] | None = None
        self._positions: dict[int, int] = {}
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
        self._membership: Any = None
        self._producer: Any = None
        self._sent: list[Any] = []
        self._reader: Any = None

    def _input(self, partition: int) -> Any:
        return TopicPartition(self._group.input_topic, partition)

    def _call(self, name: str, failure: type[Exception], call: Callable[[], T]) -> T:
        """Make a call, and translate its errors.

        Raises:
            ConfigurationError: The user may not do this.
        """
        self.calling = name, time.monotonic()
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
            self.calling = None

    def poll(self, timeout: float, most: int) -> Poll:
        self._finish_joining()
        try:
            polled = self._call(
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
        changes = self._rebalances.take()
        for partition in (*changes.revoked, *changes.assigned):
            self._positions.pop(partition, None)
        batches = [
            self._batch(partition.partition, records)
            for partition, records in polled.items()
            if partition.partition in self._positions
        ]
        return Poll(changes.revoked, changes.assigned, batches)

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
        taken = [
            Record(partition, record.offset, record.key, record.value, tuple(record.headers))
            for record in records
        ]
        if not start <= taken[0].offset <= taken[-1].offset < stop:
            raise RuntimeError(
                f"partition {partition}: expected records of offsets from {start} to below {stop}, "
                f"got {taken[0].offset} to {taken[-1].offset}"
            )
        return Batch(partition, start, taken, stop)

    def read_from(self, partition: int, offset: int) -> None:
        self._consumer.seek(self._input(partition), offset)
        self._consumer.resume(self._input(partition))
        self._positions[partition] = offset

    def range_of(self, partition: int) -> tuple[int, int]:
        place, limit = self._input(partition), int(1000 * READ_SECONDS)
        first = self._call(
            "beginning_offsets",
            UnavailableError,
            lambda: self._consumer.beginning_offsets([place], timeout_ms=limit)[place],
        )
        end = self._call(
            "end_offsets",
            UnavailableError,
            lambda: self._consumer.end_offsets([place], timeout_ms=limit)[place],
        )
        return int(first), int(end)

    def committed(self, partition: int) -> int | None:
        place, limit = self._input(partition), int(1000 * READ_SECONDS)
        offset: int | None = self._call(
            "committed",
            UnavailableError,
            lambda: self._consumer.committed(place, timeout_ms=limit),
        )
        return None if offset is None or offset < 0 else offset

    def read_changelog(self, partition: int) -> Mapping[bytes, bytes]:
        place = TopicPartition(self._group.topics["changelog"], partition)
        return self._call("read changelog", UnavailableError, lambda: self._read_to_end(place))

    def _read_to_end(self, place: Any) -> Mapping[bytes, bytes]:
        """Return the newest value of each key.

        It ends at a position and not at a record: what ends a transaction takes an offset too.
        """
        reader = self._reader = self._reader or self._make(
            UnavailableError,
            KafkaConsumer,
            enable_auto_commit=False,
            isolation_level="read_committed",
            auto_offset_reset="earliest",
            allow_auto_create_topics=False,
            max_partition_fetch_bytes=LARGEST_BYTES,
            metrics_enabled=False,
        )
        reader.assign([place])
        reader.seek_to_beginning(place)
        end = reader.end_offsets([place])[place]
        newest: dict[bytes, bytes] = {}
        reached, until = -1, time.monotonic() + READ_SECONDS
        while (position := reader.position(place, timeout_ms=int(1000 * READ_SECONDS))) < end:
            if position > reached:
                reached, until = position, time.monotonic() + READ_SECONDS
            elif time.monotonic() > until:
                raise UnavailableError(f"the changelog stopped at {position} of {end}")
            for record in reader.poll(timeout_ms=100, max_records=10_000).get(place, ()):
                newest.pop(record.key, None)
                if record.value is not None:
                    newest[record.key] = record.value
        return newest

    def begin(self) -> None:
        self._producer = self._producer or self._new_producer()
        self._sent.clear()
        self._call("begin", AbortedError, self._producer.begin_transaction)

    def _new_producer(self) -> Any:
        """Return a producer of this worker's name; what a former one has left open is aborted."""
        producer = self._make(
            AbortedError,
            KafkaProducer,
            transactional_id=self._group.transactional_id,
            transaction_timeout_ms=int(1000 * self._group.session_timeout),
            max_request_size=LARGEST_BYTES,
            batch_size=BATCH_BYTES,
            metrics_enabled=False,
        )
        try:
            self._call("init transactions", AbortedError, producer.init_transactions)
        except AbortedError:
            _close(producer)
            raise
        return producer

    def _make(self, failure: type[Exception], kind: Any, **options: Any) -> Any:
        try:
            return self._connection.make(kind, **options)
        except ConfigurationError as error:
            # It was right when the worker started.
            raise failure(str(error)) from error

    def send(
        self,
        topic: Topic,
        partition: int,
        key: bytes | None,
        value: bytes | None,
        headers: Headers = (),
    ) -> None:
        try:
            self._sent.append(
                self._producer.send(self._group.topics[topic], value, key, list(headers), partition)
            )
        except MessageSizeTooLargeError as error:
            raise StreamrnnError(f"kafka: topic {topic}: {error}") from error
        except (KafkaError, RuntimeError) as error:
            raise AbortedError(f"send: {type(error).__name__}: {error}") from error

    def send_offsets(self, offsets: Mapping[int, int]) -> None:
        if self._membership.generation_id < 0:
            # The group took this member for dead. A broker lets offsets pass that name no member.
            raise AbortedError("send offsets: the group has lost this member")
        places = {
            self._input(partition): OffsetAndMetadata(offset, "", -1)
            for partition, offset in offsets.items()
        }
        self._call(
            "send offsets",
            AbortedError,
            lambda: self._producer.send_offsets_to_transaction(places, self._membership),
        )

    def commit(self) -> None:
        # kafka-python may give up a record, or abort by beginning a new epoch, and still say that
        # it committed: all must be accepted before.
        limit = self._group.session_timeout
        self._call("flush", AbortedError, lambda: self._producer.flush(limit))
        if not all(sent.succeeded() for sent in self._sent):
            raise AbortedError("commit: not all records were accepted")
        self._call("commit", AbortedError, self._producer.commit_transaction)
        transactions = self._producer._transaction_manager
        if transactions._pending_requests or transactions.has_in_flight_transactional_request():
            # After a lost connection kafka-python may hold the same request twice, and would end
            # the next transaction with it.
            self._drop_producer()

    def abort(self) -> None:
        """Abort by a new producer of the same name.

        It ends the open transaction, and fences all that the former has still under way: records
        that reach the broker late, and offsets that kafka-python would commit with its next
        transaction.
        """
        self._drop_producer()
        with suppress(AbortedError):
            self._producer = self._new_producer()

    def _drop_producer(self) -> None:
        if self._producer is not None:
            _close(self._producer)
        self._producer = None

    def close(self) -> None:
        if self._producer is not None:
            with suppress(KafkaError):
                self._producer.close(timeout=CLOSE_SECONDS)
        if self._reader is not None:
            self._reader.close()
        self._consumer.close(autocommit=False, timeout_ms=int(1000 * CLOSE_SECONDS))


def _close(producer: Any) -> None:
    """Let go of a producer, and of what it has under way."""
    with suppress(KafkaError):
        producer.close(timeout=0)
