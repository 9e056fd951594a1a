"""Sums over parts of a file whose length is not known beforehand."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

MOST = 120


class Windows:
    """Sums of rows over windows of equal length, which doubles as often as there are too many.

    Args:
        widths: How many numbers a row has, for each name.
        most: The largest number of windows; even.

    Attributes:
        size: Records of a window.
        times: The time of each window's first record.
    """

    def __init__(self, widths: Mapping[str, int], most: int = MOST) -> None:
        self.size, self._most = 1, most
        self._sums = {name: np.zeros((most, width + 1)) for name, width in widths.items()}
        self.times: list[object] = []

    def follow(self, places: NDArray[np.int64], times: Sequence[object]) -> None:
        """Make room for records.

        Args:
            places: Their places in the file, ascending, ``(n,)``.
            times: Their times.
        """
        last = int(places[-1])
        while last // self.size >= self._most:
            self._halve()
        while len(self.times) <= last // self.size:
            first = np.searchsorted(places, len(self.times) * self.size)
            self.times.append(times[int(first)])

    def _halve(self) -> None:
        self.size *= 2
        self.times = self.times[::2]
        for sums in self._sums.values():
            half = sums[::2] + sums[1::2]
            sums[:] = 0
            sums[: len(half)] = half

    def add(self, name: str, places: NDArray[np.int64], rows: ArrayLike) -> None:
        """Add rows of records that `follow` has made room for.

        Args:
            name: Of what is summed.
            places: Of the records, ``(n,)``.
            rows: ``(n, width)``.
        """
        counted = np.column_stack([rows, np.ones(len(places))])
        np.add.at(self._sums[name], places // self.size, counted)

    def means(self, name: str, least: int = 1) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return the means over as few neighbouring windows as hold enough rows.

        Args:
            name: Of what was summed.
            least: How many rows are enough.

        Returns:
            The number of the first window of each mean, ``(w,)``, and the means, ``(w, width)``.
        """
        groups: list[tuple[int, NDArray[np.float64]]] = []
        for number, sums in enumerate(self._sums[name]):
            if groups and groups[-1][1][-1] < least:
                groups[-1][1][:] += sums
            elif sums[-1]:
                groups.append((number, sums.copy()))
        if len(groups) > 1 and groups[-1][1][-1] < least:
            groups[-2][1][:] += groups.pop()[1]
        firsts = np.array([first for first, _ in groups], np.int64)
        totals = np.array([sums for _, sums in groups]).reshape(len(groups), -1)
        return firsts, totals[:, :-1] / totals[:, -1:]
