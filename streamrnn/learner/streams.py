"""The streams of a partition: one row of numbers for each, found by the stream's key."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

FIRST_ROWS = 16


class Streams:
    """A table with a row for each stream, bounded in number.

    When a stream comes that has no row and there is room for no more, the one idle longest,
    counted in events, makes way.

    Args:
        fields: The row's fields, as of a structured dtype: ``(name, type, shape)``.
        most: The largest number of streams.
    """

    def __init__(self, fields: list[tuple[str, Any, tuple[int, ...]]], most: int) -> None:
        self._dtype = np.dtype(fields, align=True)
        self._most = most
        self._rows: dict[str, int] = {}
        self.evicted = 0
        self._table = np.zeros(0, self._dtype)
        self._allocate(min(FIRST_ROWS, most))

    def _allocate(self, rows: int) -> None:
        former, self._table = self._table, np.zeros(rows, self._dtype)
        self._table[: len(former)] = former
        self._fields = {name: self._table[name] for name in self._dtype.names or ()}

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, name: str) -> NDArray[Any]:
        """Return a field of all rows, a view; the table may move when a stream is added."""
        return self._fields[name]

    def row(self, key: str) -> int:
        """Return the row of a stream, all zero if it is new, and count this as its event."""
        row = self._rows.pop(key, None)
        if row is None:
            row = self._new_row()
        # A dictionary keeps the order of insertion, so its first key is the one idle longest.
        self._rows[key] = row
        return row

    def _new_row(self) -> int:
        if len(self._rows) == self._most:
            row = self._rows.pop(next(iter(self._rows)))
            self.evicted += 1
            self._table[row] = np.zeros((), self._dtype)
            return row
        if len(self._rows) == len(self._table):
            self._allocate(min(2 * len(self._table), self._most))
        return len(self._rows)

    def saved(self, row: int) -> NDArray[Any]:
        """Return a copy of a row, for `undo`."""
        return self._table[row : row + 1].copy()

    def undo(self, row: int, saved: NDArray[Any]) -> None:
        """Make a row again what it was when it was `saved`."""
        self._table[row] = saved[0]

    def tensors(self) -> dict[str, NDArray[Any]]:
        """Return each field of the streams, from the one idle longest to the newest."""
        rows = list(self._rows.values())
        return {name: field[rows] for name, field in self._fields.items()}

    def keys(self) -> list[str]:
        """Return the streams' keys in the order of `tensors`."""
        return list(self._rows)

    def restore(
        self, keys: Iterable[str], evicted: int, tensors: Mapping[str, NDArray[Any]]
    ) -> None:
        """Take over the streams of `keys`, with their `tensors`."""
        self._rows = {key: row for row, key in enumerate(keys)}
        self.evicted = evicted
        self._table = np.zeros(0, self._dtype)
        self._allocate(max(len(self._rows), min(FIRST_ROWS, self._most)))
        for name, field in self._fields.items():
            field[: len(self._rows)] = tensors[name]
