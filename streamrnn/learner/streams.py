"""The streams of a partition: one row of numbers for each, found by the stream's key."""

from collections.abc import Iterable, Mapping
from typing import Any

from numpy.typing import DTypeLike, NDArray

from streamrnn.arrays import aligned_zeros

FIRST_ROWS = 16


class Streams:
    """Tables with a row for each stream, bounded in number.

    When a stream comes that has no row and there is room for no more, the one idle longest,
    counted in events, makes way.

    Args:
        fields: The tables: ``(name, type, shape of a row)``.
        most: The largest number of streams.
        first: What a field's new rows begin as, where that is not zero.

    Attributes:
        evicted: Streams that had to make way so far.
        version: Changes whenever the tables have moved.
    """

    def __init__(
        self,
        fields: Iterable[tuple[str, DTypeLike, tuple[int, ...]]],
        most: int,
        first: Mapping[str, NDArray[Any]] | None = None,
    ) -> None:
        self._specifications = tuple(fields)
        self._first = dict(first or {})
        self._most = most
        self._rows: dict[str, int] = {}
        self.evicted = self.version = 0
        self._tables: dict[str, NDArray[Any]] = {}
        self._allocate(min(FIRST_ROWS, most))

    def _allocate(self, rows: int) -> None:
        former, self._tables = self._tables, {}
        for name, dtype, shape in self._specifications:
            table = self._tables[name] = aligned_zeros((rows, *shape), dtype)
            if name in former:
                table[: len(former[name])] = former[name]
        self._capacity = rows
        self.version += 1

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, name: str) -> NDArray[Any]:
        """Return a field of all rows, a view; the table may move when a stream is added."""
        return self._tables[name]

    def find(self, key: str) -> int | None:
        """Return the row of a stream, or None if it has none; this is no event of it."""
        return self._rows.get(key)

    def row(self, key: str) -> int:
        """Return the row of a stream, which is made if it is new, and count this as its event."""
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
        else:
            row = len(self._rows)
            if row == self._capacity:
                self._allocate(min(2 * self._capacity, self._most))
        for name, table in self._tables.items():
            table[row] = self._first.get(name, 0)
        return row

    def saved(self, row: int, besides: Iterable[str] = ()) -> dict[str, NDArray[Any]]:
        """Return a copy of a row's fields, but for some, for `undo`."""
        return {name: self._tables[name][row].copy() for name in self._tables.keys() - {*besides}}

    def undo(self, row: int, saved: Mapping[str, NDArray[Any]]) -> None:
        """Make a row again what it was when it was `saved`."""
        for name, value in saved.items():
            self._tables[name][row] = value

    def tensors(self) -> dict[str, NDArray[Any]]:
        """Return each field of the streams, from the one idle longest to the newest."""
        rows = list(self._rows.values())
        return {name: table[rows] for name, table in self._tables.items()}

    def keys(self) -> list[str]:
        """Return the streams' keys in the order of `tensors`."""
        return list(self._rows)

    def restore(
        self, keys: Iterable[str], evicted: int, tensors: Mapping[str, NDArray[Any]]
    ) -> None:
        """Take over the streams of `keys`, with their `tensors`."""
        self._rows = {key: row for row, key in enumerate(keys)}
        self.evicted = evicted
        self._tables = {}
        self._allocate(max(len(self._rows), min(FIRST_ROWS, self._most)))
        for name, table in self._tables.items():
            table[: len(self._rows)] = tensors[name]
