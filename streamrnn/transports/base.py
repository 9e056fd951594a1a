"""What every transport offers to a processor."""

from typing import Protocol

from streamrnn.checkpoints.snapshot import Snapshot
from streamrnn.records import DeadLetter, Record


class Transport(Protocol):
    """One partition's records, and the way out for their answers."""

    @property
    def ended(self) -> bool:
        """Whether no record will come any more."""
        ...

    @property
    def progress(self) -> tuple[int, int] | None:
        """Bytes read and bytes in all; None where the end is not known."""
        ...

    def restore(self) -> Snapshot | None:
        """Open input and output at the place of the newest snapshot, and return it."""
        ...

    def poll(self, timeout: float) -> list[Record]:
        """Return the next records; none if none came within ``timeout`` seconds."""
        ...

    def send(self, prediction: bytes) -> None:
        """Send a prediction with the next commit."""
        ...

    def send_dead_letter(self, letter: DeadLetter) -> None:
        """Send a dead letter with the next commit."""
        ...

    def commit(self, snapshot: Snapshot | None) -> None:
        """Let out what was sent; with a snapshot, make it durable together with it."""
        ...

    def close(self) -> None:
        """Let go of everything; what was not committed may be lost."""
        ...
