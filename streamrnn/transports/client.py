"""What a cluster of topics offers to one worker."""

from collections.abc import Mapping
from typing import Literal, Protocol

from streamrnn.records import Headers
from streamrnn.transports.base import Poll, Status

Topic = Literal["output", "dead_letters", "changelog"]


class OutOfRangeError(Exception):
    """Records that are to be read next are no longer there.

    Attributes:
        partition: Whose they were.
    """

    def __init__(self, partition: int) -> None:
        super().__init__(f"partition {partition}: the next records are no longer there")
        self.partition = partition


class Client(Protocol):
    """A member of a consumer group that also writes in transactions.

    `begin`, `send`, `send_offsets` and `commit` raise `AbortedError` where they fail, or where it
    is not known whether they did. The others raise `UnavailableError`.
    """

    @property
    def status(self) -> Status:
        """What it is doing; may be asked from another thread."""
        ...

    def poll(self, timeout: float, most: int) -> Poll:
        """Return what came; no records of a partition that was assigned and not yet `read_from`.

        Raises:
            OutOfRangeError: What is to be read next is no longer there.
        """
        ...

    def read_from(self, partition: int, offset: int) -> None:
        """Go to an offset of an assigned partition, and read on from there."""
        ...

    def range_of(self, partition: int) -> tuple[int, int]:
        """Return the offsets of the first record of the input, and of the one after the last."""
        ...

    def committed(self, partition: int) -> int | None:
        """Return the committed offset, once no transaction is open that could still change it."""
        ...

    def read_changelog(self, partition: int) -> Mapping[bytes, bytes]:
        """Return the newest committed value of each key."""
        ...

    def begin(self) -> None:
        """Begin a transaction."""
        ...

    def send(
        self,
        topic: Topic,
        partition: int,
        key: bytes | None,
        value: bytes | None,
        headers: Headers = (),
    ) -> None:
        """Send a record within the transaction."""
        ...

    def send_offsets(self, offsets: Mapping[int, int]) -> None:
        """Make the offsets of partitions part of the transaction.

        It fails where the partitions were taken away since the last `poll`.
        """
        ...

    def commit(self) -> None:
        """Commit the transaction."""
        ...

    def abort(self) -> None:
        """Abort the transaction, as far as it is still open; never fails."""
        ...

    def close(self) -> None:
        """Leave the group; an open transaction is aborted."""
        ...
