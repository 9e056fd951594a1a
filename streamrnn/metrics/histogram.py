"""Counts of numbers by their size."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


class Histogram:
    """Counts numbers in buckets, many of them at once.

    Args:
        bounds: The largest number of each bucket, ascending; one more takes what is beyond.

    Attributes:
        total: The sum of the numbers.
    """

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = np.array(bounds)
        self._counts = np.zeros(len(bounds) + 1, np.int64)
        self.total = 0.0

    def observe(self, number: float, times: int = 1) -> None:
        """Count a number, as often as it came."""
        self._counts[np.searchsorted(self._bounds, number)] += times
        self.total += number * times

    def observe_each(self, numbers: NDArray[np.float64]) -> None:
        """Count numbers ``(N,)``."""
        places = np.searchsorted(self._bounds, numbers)
        self._counts += np.bincount(places, minlength=len(self._counts))
        self.total += float(numbers.sum())

    def buckets(self) -> list[tuple[str, float]]:
        """Return for each bound how many numbers were not beyond it, as Prometheus wants it."""
        bounds = [*(repr(float(bound)) for bound in self._bounds), "+Inf"]
        return list(zip(bounds, np.cumsum(self._counts).tolist(), strict=True))
