"""Sequences that wait for a label of their own."""

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from streamrnn.learner.sequences.ragged import packed, unpacked
from streamrnn.learner.sequences.sequence import AXES, Steps

PREFIX = "waiting_"


class Waiting:
    """Keeps each sequence until its label comes, for so many records at most.

    Args:
        records: How long one waits.
    """

    def __init__(self, records: int) -> None:
        self._records = records
        self._waiting: dict[str, tuple[int, Steps]] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, name: str, offset: int, steps: Steps) -> None:
        """Let a sequence wait; another of this name is forgotten."""
        self._waiting.pop(name, None)
        self._waiting[name] = offset, steps

    def take(self, name: str) -> Steps | None:
        """Return a sequence that waits, which then waits no more; None if there is none."""
        found = self._waiting.pop(name, None)
        return None if found is None else found[1]

    def forget(self, offset: int) -> None:
        """Forget those that have waited too long, at the record of this offset."""
        while self._waiting:
            name = next(iter(self._waiting))
            if self._waiting[name][0] + self._records >= offset:
                return
            del self._waiting[name]

    @property
    def details(self) -> list[list[Any]]:
        """Their names and offsets, as JSON holds them."""
        return [[name, offset] for name, (offset, _) in self._waiting.items()]

    def tensors(self) -> dict[str, NDArray[Any]]:
        """Return all that wait."""
        rows = [steps.arrays for _, steps in self._waiting.values()]
        return packed(PREFIX, AXES, rows)

    def restore(self, details: list[list[Any]], tensors: Mapping[str, NDArray[Any]]) -> None:
        """Take over sequences in place of those that wait here."""
        rows = unpacked(PREFIX, AXES, tensors)
        self._waiting = {
            name: (offset, Steps(*row)) for (name, offset), row in zip(details, rows, strict=True)
        }
