"""Running scaling: numbers of any unit become numbers near 1, as they come."""

import math

from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.products import Array

# A spread below this part of the mean is taken for rounding, not for information.
SMALLEST_SPREAD = 1e-9


@kernel
def standardise(
    values: Array,
    count: Array,
    mean: Array,
    variance: Array,
    forgetting: float,
    limit: float,
    scaled: Array,
) -> None:
    """Update running means and variances by one row of values, and standardise it by them.

    Each new value weighs ``max(1 / count, forgetting)``: plain statistics at first, exponential
    forgetting later (West 1979). What does not vary, or is not known, becomes 0: its mean.

    Args:
        values: One value of each feature, NaN where it is not known, ``(F,)``.
        count: Values seen of each, changed in place, ``(F,)``.
        mean: Running means, changed in place, ``(F,)``.
        variance: Running variances, changed in place, ``(F,)``.
        forgetting: The least weight of a new value.
        limit: Results are cut at this many deviations.
        scaled: Filled with the result, ``(F,)``.
    """
    for k in range(values.size):
        scaled[k] = 0
        if math.isnan(values[k]):
            continue
        count[k] += 1
        weight = max(1 / count[k], forgetting)
        difference = values[k] - mean[k]
        mean[k] += weight * difference
        variance[k] = (1 - weight) * (variance[k] + weight * difference * difference)
        deviation = math.sqrt(variance[k])
        if deviation > SMALLEST_SPREAD * abs(mean[k]):
            scaled[k] = min(max((values[k] - mean[k]) / deviation, -limit), limit)
