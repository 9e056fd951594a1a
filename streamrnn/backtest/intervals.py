"""How good intervals are, and those that a stream's last errors would give."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

LAST = 500
FEWEST = 20


class LastErrors:
    """The quantiles of the last errors of one stream.

    Args:
        coverage: The share of errors that is to lie between them.
    """

    def __init__(self, coverage: float) -> None:
        self._levels = np.array([(1 - coverage) / 2, (1 + coverage) / 2])
        self._errors = np.empty(0)

    def quantiles(self, errors: NDArray[np.float64]) -> NDArray[np.float64]:
        """Take errors in order; return the quantiles of the last ones after each.

        Args:
            errors: ``(n,)``, NaN where there is none.

        Returns:
            ``(n, 2)``; NaN as long as there are fewer than `FEWEST`.
        """
        known = np.isfinite(errors)
        joined = np.concatenate([self._errors, errors[known]])
        seen = len(self._errors) + np.cumsum(known)
        # What is not there yet is sorted to the end.
        padded = np.concatenate([np.full(LAST, np.inf), joined])
        ordered = np.sort(sliding_window_view(padded, LAST)[seen], axis=1)
        count = np.minimum(seen, LAST)
        places = self._levels * np.maximum(count - 1, 0)[:, None]
        below = np.floor(places).astype(np.int64)
        above = np.minimum(below + 1, np.maximum(count - 1, 0)[:, None])
        low, high = (np.take_along_axis(ordered, at, axis=1) for at in (below, above))
        self._errors = joined[-LAST:]
        enough = (count >= FEWEST)[:, None]
        with np.errstate(invalid="ignore"):
            return np.where(enough, low + (places - below) * (high - low), np.nan)


def interval_scores(
    lower: NDArray[np.float64],
    upper: NDArray[np.float64],
    values: NDArray[np.float64],
    coverage: float,
) -> NDArray[np.float64]:
    """Return the interval score of each value: the width, and a fine for a value outside.

    It is the smaller, the narrower intervals are that hold their share of the values (Gneiting and
    Raftery, 2007; Winkler, 1972).
    """
    outside = np.maximum(lower - values, 0) + np.maximum(values - upper, 0)
    return (upper - lower) + 2 / (1 - coverage) * outside
