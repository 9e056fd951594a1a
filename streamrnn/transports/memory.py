"""A cluster of topics within one process, with the same contract as Apache Kafka's.

For tests, and for trying things without a broker: nothing outlives the process.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from streamrnn.records import Headers, Record
from streamrnn.transports.base import AbortedError, Batch, Poll, Status, UnavailableError
from streamrnn.transports.client import OutOfRangeError, Topic


@dataclass(slots=True)
class Sent:
    """A record of an output, a changelog or dead letters."""

    key: bytes | None
    value: bytes | None
    headers: Headers = ()


@dataclass(slots=True)
class Transaction:
    """What becomes visible together."""

    records: list[tuple[Topic, int, Sent]] = field(default_factory=list)
    offsets: dict[int, int] = field(default_factory=dict)


class MemoryCluster:
    """Input, output, dead letters and changelog of one application.

    Args:
        partitions: Of each topic.

    Attributes:
        inputs: All records that ever were in each partition.
        first: The first offset of each partition that is still kept.
        topics: What was committed to each other topic, by partition.
        offsets: Committed, by partition.
        open: The open transaction of each member.
        owners: The member that has each partition.
        members: In the order in which they joined.
        answering: Without it every request fails as if the broker were gone.
    """

    def __init__(self, partitions: int = 1) -> None:
        self.partitions = partitions
        self.inputs: list[list[Record]] = [[] for _ in range(partitions)]
        self.first = [0] * partitions
        topics: tuple[Topic, ...] = ("output", "dead_letters", "changelog")
        self.topics: dict[Topic, list[list[Sent]]] = {
            name: [[] for _ in range(partitions)] for name in topics
        }
        self.offsets: dict[int, int] = {}
        self.open: dict[MemoryClient, Transaction] = {}
        self.owners: dict[int, MemoryClient] = {}
        self.members: list[MemoryClient] = []
        self.answering = True

    def feed(
        self, partition: int, key: bytes | None, value: bytes | None, headers: Headers = ()
    ) -> None:
        """Put a record at the end of a partition of the input."""
        log = self.inputs[partition]
        log.append(Record(partition, len(log), key, value, headers))

    def forget(self, partition: int, first: int) -> None:
        """Drop the records of the input before an offset, as retention does."""
        self.first[partition] = first

    def remove(self, member: "MemoryClient") -> None:
        """Take a member out of the group, as a session timeout does."""
        if member in self.members:
            self.members.remove(member)
        self.owners = {p: owner for p, owner in self.owners.items() if owner is not member}

    def target(self, member: "MemoryClient") -> set[int]:
        """Return the partitions that a member should have."""
        place, count = self.members.index(member), len(self.members)
        return set(range(place, self.partitions, count))

    def end(self, transaction: Transaction) -> None:
        """Make a transaction visible."""
        for topic, partition, sent in transaction.records:
            self.topics[topic][partition].append(sent)
        self.offsets.update(transaction.offsets)


class MemoryClient:
    """A member of the group of a `MemoryCluster`; see `Client`.

    Args:
        cluster: Where the topics are.
        before: Called with the name of each step before it is taken, and may raise.
    """

    def __init__(
        self, cluster: MemoryCluster, before: Callable[[str], None] = lambda step: None
    ) -> None:
        self._cluster, self._before = cluster, before
        self._positions: dict[int, int] = {}
        self._waiting: set[int] = set()

    @property
    def status(self) -> Status:
        return Status(joined=self in self._cluster.members)

    def _ask(self, step: str) -> None:
        self._before(step)
        if not self._cluster.answering:
            raise UnavailableError("the cluster does not answer")

    def poll(self, timeout: float, most: int) -> Poll:
        self._ask("poll")
        cluster = self._cluster
        lost: list[int] = []
        if self not in cluster.members:
            lost = [*self._positions, *self._waiting]
            cluster.members.append(self)
        mine = cluster.target(self)
        owned = {p for p, owner in cluster.owners.items() if owner is self}
        revoked = sorted({*lost, *(owned - mine)})
        for partition in revoked:
            self._positions.pop(partition, None)
            self._waiting.discard(partition)
        for partition in owned - mine:
            del cluster.owners[partition]
        assigned = sorted(mine - cluster.owners.keys())
        for partition in assigned:
            cluster.owners[partition] = self
        self._waiting.update(assigned)
        return Poll(revoked, assigned, self._batches(most))

    def _batches(self, most: int) -> list[Batch]:
        batches = []
        for partition, start in self._positions.items():
            log = self._cluster.inputs[partition]
            if start < self._cluster.first[partition]:
                raise OutOfRangeError(partition)
            records = log[start : start + most]
            if records:
                stop = self._positions[partition] = start + len(records)
                batches.append(Batch(partition, start, records, stop))
        return batches

    def read_from(self, partition: int, offset: int) -> None:
        self._waiting.discard(partition)
        self._positions[partition] = offset

    def range_of(self, partition: int) -> tuple[int, int]:
        self._ask("range")
        return self._cluster.first[partition], len(self._cluster.inputs[partition])

    def committed(self, partition: int) -> int | None:
        self._ask("committed")
        # A transaction that holds these offsets is that of a former owner; it is timed out.
        cluster = self._cluster
        cluster.open = {m: t for m, t in cluster.open.items() if partition not in t.offsets}
        return cluster.offsets.get(partition)

    def read_changelog(self, partition: int) -> Mapping[bytes, bytes]:
        self._ask("changelog")
        newest: dict[bytes, bytes] = {}
        for sent in self._cluster.topics["changelog"][partition]:
            assert sent.key is not None
            newest.pop(sent.key, None)
            if sent.value is not None:
                newest[sent.key] = sent.value
        return newest

    def _step(self, step: str) -> Transaction:
        """Return the open transaction."""
        self._before(step)
        transaction = self._cluster.open.get(self)
        if transaction is None or not self._cluster.answering:
            raise AbortedError("the transaction is no longer open")
        return transaction

    def begin(self) -> None:
        self._before("begin")
        self._cluster.open[self] = Transaction()

    def send(
        self,
        topic: Topic,
        partition: int,
        key: bytes | None,
        value: bytes | None,
        headers: Headers = (),
    ) -> None:
        sent = Sent(key, value, headers)
        self._step(f"send {topic}").records.append((topic, partition, sent))

    def send_offsets(self, offsets: Mapping[int, int]) -> None:
        transaction = self._step("send_offsets")
        for partition in offsets:
            if self._cluster.owners.get(partition) is not self:
                raise AbortedError(f"partition {partition} was taken away")
        transaction.offsets.update(offsets)

    def commit(self) -> None:
        transaction = self._step("commit")
        del self._cluster.open[self]
        self._cluster.end(transaction)
        self._before("after commit")

    def abort(self) -> None:
        self._cluster.open.pop(self, None)

    def close(self) -> None:
        self.abort()
        self._cluster.remove(self)
