"""Counts of numbers by their size."""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate


class Histogram:
    """Counts numbers in buckets.

    Args:
        bounds: The largest number of each bucket, ascending; one more takes what is beyond.

    Attributes:
        total: The sum of the numbers.
    """

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds, self._counts = bounds, [0] * (len(bounds) + 1)
        self.total = 0.0

    def observe(self, number: float, times: int = 1) -> None:
        """Count a number, as often as it came."""
        self._counts[bisect_left(self._bounds, number)] += times
        self.total += number * times

    def buckets(self) -> list[tuple[str, float]]:
        """Return for each bound how many numbers were not beyond it, as Prometheus wants it."""
        bounds = [*map(repr, self._bounds), "+Inf"]
        return list(zip(bounds, accumulate(self._counts), strict=True))
