"""The streams of a partition: one row of numbers for each, found by the stream's key."""

from collections.abc import Iterable, KeysView, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from streamrnn.arrays import aligned_zeros

FIRST_ROWS = 16
LAST_EVENT = "last_event"
"""The field that says when a stream had its newest event, in events of all streams."""


class Streams:
    """Tables with a row for each stream, bounded in number.

    When a stream comes that has no row and there is room for no more, the one idle longest,
    counted in events, makes way.

    Args:
        fields: The tables: ``(name, type, shape of a row)``.
        most: The largest number of streams.
        first: What a field's new rows begin as, where that is not zero.

    Attributes:
        events: Events of all streams so far.
        evicted: Streams that had to make way so far.
        version: Changes whenever the tables have moved.
    """

    def __init__(
        self,
        fields: Iterable[tuple[str, DTypeLike, tuple[int, ...]]],
        most: int,
        first: Mapping[str, NDArray[Any]] | None = None,
    ) -> None:
        self._specifications = (*fields, (LAST_EVENT, np.int64, ()))
        self._first = dict(first or {})
        self._most = most
        self._rows: dict[str, int] = {}
        self.events = self.evicted = self.version = 0
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
        self.events += 1
        self._tables[LAST_EVENT][row] = self.events
        return row

    @property
    def full(self) -> bool:
        """Whether a new stream would have to take the place of another."""
        return len(self._rows) == self._most

    def _new_row(self) -> int:
        if self.full:
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
        """Return a copy of a row's fields, but for some, for `undo`.

        That it had an event stays so.
        """
        fields = self._tables.keys() - {*besides, LAST_EVENT}
        return {name: self._tables[name][row].copy() for name in fields}

    def undo(self, row: int, saved: Mapping[str, NDArray[Any]]) -> None:
        """Make a row again what it was when it was `saved`."""
        for name, value in saved.items():
            self._tables[name][row] = value

    def keys(self) -> KeysView[str]:
        """Return the keys of all streams, from the one idle longest to the newest."""
        return self._rows.keys()

    def state(self, since: int = 0) -> tuple[list[str], dict[str, NDArray[Any]]]:
        """Return keys and rows of the streams that had an event after the first ``since``.

        Both go from the one idle longest to the newest.
        """
        last, touched = self._tables[LAST_EVENT], []
        for key, row in reversed(self._rows.items()):
            if last[row] <= since:
                break
            touched.append((key, row))
        touched.reverse()
        rows = [row for _, row in touched]
        return [key for key, _ in touched], {n: t[rows] for n, t in self._tables.items()}

    def restore(self, keys: Sequence[str], rows: Mapping[str, NDArray[Any]], evicted: int) -> None:
        """Take over streams, in any order, in place of all that are here."""
        order = np.argsort(rows[LAST_EVENT], kind="stable") if len(keys) else np.zeros(0, np.int64)
        self._rows = {keys[place]: row for row, place in enumerate(order)}
        self.evicted = evicted
        self._tables = {}
        self._allocate(max(len(keys), min(FIRST_ROWS, self._most)))
        for name, table in self._tables.items():
            table[: len(keys)] = rows[name][order]
