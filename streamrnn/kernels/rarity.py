"""How rare an error is among those of its stream, from counts by size.

Scores are shares, and so the same on all streams: of all errors, as many are larger. What is rarer
than anything seen yet is told by the tail of the largest ones.
"""

import math

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.compiler import kernel

Numbers = NDArray[np.float64]
Counters = NDArray[np.int64]

BINS, BINS_PER_OCTAVE, LEAST_OCTAVE = 192, 16, -4
"""Scaled errors are counted by their logarithms, from ``2**-4`` to ``2**8``."""
FIRST_ERRORS = 20
"""Are not counted: what their size is shows only later."""
MOST_COUNTED = 20_000.0
"""Beyond it all counts are halved: what is usual may change."""

FEWEST_OF_TAIL, TAIL = 20, 0.02
"""As many of the largest errors, or such a share, tell what is rarer than any of them."""
LIGHTEST, HEAVIEST = -0.4, 0.4
"""Shapes of their distribution, of which 0 is exponential."""
LEAST_SHARE = 1e-6

QUIET, QUIET_SHARE = 100, 0.5
"""After so many ordinary values, or such a share of those from one unusual value to the next, an
unusual one begins a run of its own."""


@kernel
def place_of_error(error: float, size: float) -> float:
    """Return where in the bins an error of a stream lies, from 0 to below BINS."""
    if error == 0:
        return 0.0
    if size == 0:
        return BINS - 1e-9
    octave = math.log2(error) - math.log2(size) - LEAST_OCTAVE
    return min(max(BINS_PER_OCTAVE * octave, 0.0), BINS - 1e-9)


@kernel
def error_at(place: float) -> float:
    """Return how large an error at a place in the bins is, in units of the size of errors."""
    return float(2.0 ** (LEAST_OCTAVE + place / BINS_PER_OCTAVE))


@kernel
def rarity(place: float, counts: Numbers) -> float:
    """Return the share of errors expected to lie beyond a place, judged by those counted.

    Far out it is that of a generalised Pareto distribution, with the mean and the variance that the
    excess of the largest errors has (Hosking and Wallis 1987).
    """
    bin, total, beyond = int(place), 0.0, 0.0
    for k in range(counts.size):
        total += counts[k]
        if k > bin:
            beyond += counts[k]
    beyond += float(counts[bin]) * (bin + 1 - place)
    share = (beyond + 1) / (total + 1)
    fewest = max(FEWEST_OF_TAIL, TAIL * total)
    if beyond < fewest < 0.5 * total:
        start, above = counts.size, 0.0
        while above < fewest:
            start -= 1
            above += counts[start]
        least, mean, square = error_at(start), 0.0, 0.0
        for k in range(start, counts.size):
            excess = error_at(k + 0.5) - least
            mean += counts[k] * excess / above
            square += counts[k] * excess * excess / above
        ratio = mean * mean / max(square - mean * mean, 1e-12)
        shape = min(max(0.5 * (1 - ratio), LIGHTEST), HEAVIEST)
        scaled = max(0.0, error_at(place) - least) * shape / (mean * (1 - shape))
        if scaled > -1:
            if abs(shape) < 1e-6:
                share = math.exp(-max(0.0, error_at(place) - least) / mean)
            else:
                share = math.exp(-math.log1p(scaled) / shape)
        else:
            share = 0.0
        share = min(max(share, LEAST_SHARE) * above / total, 1.0)
    return share


@kernel
def count(place: float, counts: Numbers) -> None:
    """Count an error at its place."""
    counts[int(place)] += 1
    total = 0.0
    for k in range(counts.size):
        total += counts[k]
    if total > MOST_COUNTED:
        for k in range(counts.size):
            counts[k] *= 0.5


@kernel
def is_alarm(anomaly: float, rate: float, quiet: Counters, row: int) -> bool:
    """Return whether a value as unusual as this is the first one of its run.

    A run ends when so many values have not been unusual; ``quiet`` counts these.
    """
    quiet[row] += 1
    if not anomaly >= 1 - rate:
        return False
    first = bool(quiet[row] > min(QUIET, QUIET_SHARE / rate))
    quiet[row] = 0
    return first
