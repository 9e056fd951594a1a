"""Running scaling: numbers of any unit become numbers near 1, as they come.

``count``, ``mean`` and ``variance`` are ``(F,)``, one element a column. A column whose count is
below 0 is passed through as it is.
"""

import math

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.products import Array

# A spread below this part of the mean is taken for rounding, not for information.
SMALLEST_SPREAD = 1e-9


@kernel
def deviation(mean: float, variance: float) -> float:
    """Return the standard deviation, or 0 where it is no more than rounding."""
    root = math.sqrt(variance)
    return root if root > SMALLEST_SPREAD * abs(mean) else 0.0


@kernel
def divisor(size: float) -> float:
    """Return a running size as a divisor: 1 where there was none."""
    return size if size > 0 else 1.0


@kernel
def update_size(size: float, largest: float, forgetting: float, mean: NDArray[np.float64]) -> None:
    """Update how many sizes there were and their running mean, ``mean (2,)``.

    A size beyond the ``largest`` counts as that: a spike must not change what is usual. Each weighs
    as in `update_scaling`.
    """
    mean[0] += 1
    mean[1] += max(1 / mean[0], forgetting) * (min(size, largest) - mean[1])


@kernel
def update_scaling(
    values: Array, count: Array, mean: Array, variance: Array, forgetting: float
) -> None:
    """Update running means and variances, in place, by one row of values.

    Each new value weighs ``max(1 / count, forgetting)``: plain statistics at first, exponential
    forgetting later (West 1979). NaN stands for a value that is not known, and changes nothing.
    """
    for k in range(values.size):
        if count[k] < 0 or math.isnan(values[k]):
            continue
        count[k] += 1
        weight = max(1 / count[k], forgetting)
        difference = values[k] - mean[k]
        mean[k] += weight * difference
        variance[k] = (1 - weight) * (variance[k] + weight * difference * difference)


@kernel
def scale(
    values: Array, count: Array, mean: Array, variance: Array, limit: float, scaled: Array
) -> None:
    """Fill ``scaled`` with the values' distances from their means, in standard deviations.

    They are cut at ``limit``. What does not vary, or is not known, becomes 0: its mean.
    """
    for k in range(values.size):
        scaled[k] = 0
        if math.isnan(values[k]):
            continue
        if count[k] < 0:
            scaled[k] = values[k]
            continue
        spread = deviation(mean[k], variance[k])
        if spread > 0:
            scaled[k] = min(max((values[k] - mean[k]) / spread, -limit), limit)
