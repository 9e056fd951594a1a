"""What every transport offers to a worker."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from streamrnn.checkpoints.snapshot import Snapshot
from streamrnn.records import DeadLetter, Prediction, Record


class AbortedError(Exception):
    """A commit did not take place, or nobody knows: go on from what is known to be committed."""


class UnavailableError(Exception):
    """The other side does not answer just now: try again."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Records of one partition, read in one go.

    Offsets may have gaps, where a topic holds what is no record; between batches there are none.

    Attributes:
        partition: Whose they are.
        start: The offset from which they were read.
        records: In order.
        stop: The offset from which reading goes on.
    """

    partition: int
    start: int
    records: Sequence[Record]
    stop: int


@dataclass(frozen=True, slots=True)
class Poll:
    """What came since the last poll.

    Attributes:
        revoked: Partitions that are no longer this worker's.
        assigned: Partitions that are its own now; each is to be restored before it brings records.
        batches: At most one for each partition.
    """

    revoked: Sequence[int] = ()
    assigned: Sequence[int] = ()
    batches: Sequence[Batch] = ()


@dataclass(frozen=True, slots=True)
class Restored:
    """Where a partition is to go on.

    Attributes:
        snapshot: The newest one, if there is any.
        offset: The next record to read: the snapshot's, or the partition's first.
        committed: Records before it have been answered: they are only to be learned again.
    """

    snapshot: Snapshot | None
    offset: int
    committed: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is to be committed for one partition.

    Attributes:
        partition: Whose it is.
        stop: The next record to read.
        answers: One for each record, in order.
        snapshot: The state at ``stop``, where one is due.
    """

    partition: int
    stop: int
    answers: Sequence[Prediction | DeadLetter] = field(default=())
    snapshot: Snapshot | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """What a transport is doing.

    Attributes:
        joined: Whether it knows its partitions, even if it has none.
        waiting: What is being waited for, and since when on the monotonic clock.
        read: Grows as long as the reading of a snapshot gets on.
    """

    joined: bool = True
    waiting: tuple[str, float] | None = None
    read: int = 0


class Transport(Protocol):
    """Partitions that come and go, their records, and the way out for the answers."""

    incremental: bool
    """Whether a snapshot needs only those streams that had an event since the one before."""

    @property
    def status(self) -> Status:
        """What it is doing; may be asked from another thread."""
        ...

    @property
    def ended(self) -> bool:
        """Whether no record will come any more."""
        ...

    @property
    def progress(self) -> tuple[int, int] | None:
        """Bytes read and bytes in all; None where the end is not known."""
        ...

    def poll(self, timeout: float, most: int) -> Poll:
        """Return at most about ``most`` records; none if none came within ``timeout`` seconds.

        Raises:
            UnavailableError: The other side does not answer.
        """
        ...

    def restore(self, partition: int) -> Restored:
        """Find a partition's newest snapshot, and go to its place.

        Raises:
            SnapshotError: It is damaged, or what comes after it is lost.
            UnavailableError: The other side does not answer.
        """
        ...

    def commit(self, outcomes: Sequence[Outcome]) -> None:
        """Let out all answers, offsets and snapshots, or none of them.

        Raises:
            AbortedError: None is out, or nobody knows; each of these partitions is to be restored.
        """
        ...

    def close(self) -> None:
        """Let go of everything; what was not committed is lost."""
        ...
