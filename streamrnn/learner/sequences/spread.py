"""How far off predictions of a number are: intervals around them, and how unusual an error is."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels import rarity

SIZE_RATE, QUANTILE_RATE = 0.01, 0.05
"""The least weight of a new error in their mean size; steps of the quantile, in units of that."""
FIRST_QUANTILE = 2.0


class Spread:
    """The errors of a kind of prediction.

    An interval reaches as far as a quantile of the errors, which is moved after each: out by the
    coverage where a value lay beyond, else in by the rest, so that in the long run the coverage is
    met whatever the errors are like (Gibbs and Candes 2021).

    Args:
        coverage: The share of values that intervals are to hold.
    """

    def __init__(self, coverage: float) -> None:
        self._coverage = coverage
        # How many errors there were, their mean size, and the quantile in units of that.
        self._numbers = np.array([0.0, 0.0, FIRST_QUANTILE])
        self._counts = np.zeros(rarity.BINS)

    def interval(self, prediction: float) -> tuple[float, float] | None:
        """Return where a value is expected to lie; None before any error is known."""
        if not self._numbers[0]:
            return None
        reach = float(self._numbers[1] * self._numbers[2])
        return prediction - reach, prediction + reach

    def take_in(self, error: float) -> float:
        """Take in an error; return the share of errors that are smaller, NaN for the first ones."""
        size, (count, mean, quantile) = abs(error), self._numbers.tolist()
        anomaly = np.nan
        if count:
            beyond = size > mean * quantile
            step = self._coverage if beyond else self._coverage - 1
            quantile = max(0.0, quantile + QUANTILE_RATE * step)
        if count >= rarity.FIRST_ERRORS:
            place = rarity.place_of_error(size, mean)
            anomaly = 1 - rarity.rarity(place, self._counts)
            rarity.count(place, self._counts)
        mean += (size - mean) * max(SIZE_RATE, 1 / (count + 1))
        self._numbers[:] = count + 1, mean, quantile
        return float(anomaly)

    def tensors(self) -> dict[str, NDArray[Any]]:
        """Return what it has learned, views."""
        return {"spread_numbers": self._numbers, "spread_counts": self._counts}
