"""Intervals around forecasts that hold, and how unusual a value is.

An interval reaches ``multiple`` times the running size of past errors to both sides of a forecast.
The multiple is adaptive conformal (Gibbs and Candès 2021; the multiplicative step as in the
quantile tracking of Angelopoulos, Candès and Tibshirani 2023): a miss makes it larger, a hit
smaller, so that in the long run the share of hits is the one that was asked for, whatever the
errors are like.

Not every step of a horizon is judged, for that would take memory by its square, but 1, 2, 4, ...
and the last: between two of these *places* the reach is interpolated, beyond the last one that
was judged yet it grows with the root of the steps, as that of a random walk.
"""

import math

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.drift import drifts

Numbers = NDArray[np.float64]
Counters = NDArray[np.int64]
Known = NDArray[np.bool_]

FORGETTING = 0.05
"""The least weight of a new error in the running mean of their size."""
STEP = 0.05
"""How fast the multiple is adapted."""
LEAST_MULTIPLE, LARGEST_MULTIPLE = 1 / 16, 64.0
LARGEST_ERROR = 8.0
"""In units of the running size: one spike must not blow intervals up for long."""
BINS, BINS_PER_OCTAVE, LEAST_OCTAVE = 64, 4, -8
"""Scaled errors are counted by their logarithms, from ``2**-8`` to ``2**8``."""
MOST_COUNTED = 20_000.0
"""Beyond it all counts are halved: what is usual may change."""

CENTRE, REACH = range(2)


@kernel
def adapt(
    error: float, reach: float, coverage: float, first_multiple: float, scale: Numbers
) -> None:
    """Learn from an absolute error how far intervals are to reach.

    ``scale (3,)`` holds how many errors there were, their running size and the multiple; ``reach``
    is how far the interval did, NaN where there was none.
    """
    if scale[0] == 0:
        scale[2] = first_multiple
    if scale[1] > 0:
        error = min(error, LARGEST_ERROR * scale[1])
    scale[0] += 1
    scale[1] += max(1 / scale[0], FORGETTING) * (error - scale[1])
    if not math.isnan(reach):
        step = coverage if error > reach else coverage - 1
        scale[2] = min(max(scale[2] * math.exp(STEP * step), LEAST_MULTIPLE), LARGEST_MULTIPLE)


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
def rank(place: float, counts: Numbers) -> float:
    """Return the share of the errors counted so far that lie below a place, and count it.

    Of n errors it is at most ``n / (n + 1)``: a few of them cannot tell what is rare.
    """
    bin, total = int(place), 0.0
    below = float(counts[bin]) * (place - bin)
    for k in range(counts.size):
        total += counts[k]
        if k < bin:
            below += counts[k]
    counts[bin] += 1
    if total >= MOST_COUNTED:
        for k in range(counts.size):
            counts[k] *= 0.5
    return below / (total + 1)


@kernel
def reach_of(ahead: int, places: Counters, scales: Numbers) -> float:
    """Return how far the interval reaches around a forecast of ``ahead`` steps; NaN if unknown."""
    before, at, reach = 0, 0.0, math.nan
    for k in range(places.size):
        if scales[k, 0] == 0:
            break
        here, there = float(scales[k, 1] * scales[k, 2]), int(places[k])
        if there >= ahead:
            if there == ahead:
                return here
            return reach + (here - reach) * (ahead - before) / (there - before)
        before, at, reach = there, float(there), here
    return reach * math.sqrt(ahead / at) if before else math.nan


@kernel
def surround(
    places: Counters,
    coverage: float,
    first_multiple: float,
    steps: Counters,
    pending: Numbers,
    scales: Numbers,
    counts: Numbers,
    watch: Numbers,
    rows: Counters,
    values: Numbers,
    forecasts: Numbers,
    lower: Numbers,
    upper: Numbers,
    anomaly: Numbers,
    covered: Numbers,
    drift: Known,
) -> None:
    """Work through events in order: judge what was forecast of each, then surround its forecasts.

    Args:
        places: The steps ahead that are judged, ascending, ``(A,)``.
        coverage: The share of values that intervals are to hold.
        first_multiple: What it is for errors of a normal distribution.
        steps: The steps of each stream so far, ``(rows,)``.
        pending: Forecasts whose values are still to come, and how far their intervals reach: for
            each place as many as it is steps ahead, ``(rows, sum of places, 2)``.
        scales: As in `adapt`, ``(rows, A, 3)``.
        counts: Scaled errors of one step by their size, ``(rows, BINS)``.
        watch: As in `streamrnn.kernels.drift.drifts`, ``(rows, 3)``.
        rows: The stream of each event, ``(E,)``.
        values: Its value, ``(E,)``; NaN where it is not known.
        forecasts: ``(E, H)``; where they are NaN the event is passed over.
        lower: Filled, ``(E, H)``; NaN as long as no forecast of the stream was judged.
        upper: The same.
        anomaly: Filled with the share of past errors that were smaller for their time, ``(E,)``;
            NaN where nothing was judged.
        covered: Filled with 1 or 0 for whether the value lay within the interval of one step,
            ``(E,)``; NaN where there was none.
        drift: Filled with whether the error of one step shows that errors have grown, ``(E,)``.
    """
    for e in range(rows.size):
        row, value = rows[e], values[e]
        anomaly[e] = covered[e] = math.nan
        drift[e] = False
        lower[e] = upper[e] = math.nan
        if math.isnan(forecasts[e, 0]):
            continue
        start = 0
        for k in range(places.size):
            ahead = places[k]
            waiting = pending[row, start + steps[row] % ahead]
            scale = scales[row, k]
            if steps[row] >= ahead and not math.isnan(value):
                error = abs(value - waiting[CENTRE])
                if k == 0:
                    drift[e] = drifts(error, watch[row])
                    anomaly[e] = rank(place_of_error(error, scale[1]), counts[row])
                    if not math.isnan(waiting[REACH]):
                        covered[e] = 1.0 if error <= waiting[REACH] else 0.0
                adapt(error, waiting[REACH], coverage, first_multiple, scale)
            start += ahead
        for j in range(forecasts.shape[1]):
            reach = reach_of(j + 1, places, scales[row])
            lower[e, j], upper[e, j] = forecasts[e, j] - reach, forecasts[e, j] + reach
        start = 0
        for k in range(places.size):
            ahead = places[k]
            waiting = pending[row, start + steps[row] % ahead]
            waiting[CENTRE] = forecasts[e, ahead - 1]
            waiting[REACH] = reach_of(ahead, places, scales[row])
            start += ahead
        steps[row] += 1
