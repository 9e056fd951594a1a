"""Drift: the errors of a stream have grown, and stay so.

The cumulative sum of Page (1954), on errors in units of their own running mean: what lies above it
by more than an allowance adds up, what lies below takes away, and past a threshold it is drift.
"""

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.compiler import kernel

Numbers = NDArray[np.float64]

LARGEST = 4.0
"""Errors are cut at so many times their mean: one spike is no drift."""
ALLOWANCE, THRESHOLD = 0.25, 80.0
"""Among 100,000 errors of a normal distribution, or of Student's t with 3 degrees of freedom, there
is none; errors that double are found within about 100 records."""
FEWEST = 30
FORGETTING = 0.001

SEEN, MEAN, SUM = range(3)
WATCH = 3


@kernel
def drifts(error: float, watch: Numbers) -> bool:
    """Return whether this absolute error shows a drift; then all begins anew.

    ``watch (3,)`` holds how many errors there were, their running mean and the sum.
    """
    if watch[MEAN] > 0:
        error = min(error, LARGEST * watch[MEAN])
    watch[SEEN] += 1
    watch[MEAN] += max(1 / watch[SEEN], FORGETTING) * (error - watch[MEAN])
    if watch[SEEN] < FEWEST or watch[MEAN] == 0:
        return False
    watch[SUM] = max(0.0, watch[SUM] + error / watch[MEAN] - 1 - ALLOWANCE)
    if watch[SUM] <= THRESHOLD:
        return False
    watch[:] = 0
    return True
