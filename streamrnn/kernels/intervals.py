"""Intervals around forecasts that hold, and how unusual a value is.

An interval reaches ``multiple`` times the size of past errors below and above a forecast, with a
multiple for each side. They are adaptive conformal (Gibbs and Candès 2021; the multiplicative step
as in the quantile tracking of Angelopoulos, Candès and Tibshirani 2023): a miss makes its side
larger, all else smaller, so that in the long run the share of hits is the one that was asked for,
whatever the errors are like. Their size is a geometric mean of a fast and a slow running mean.

How unusual a value is, is told by the place of its error among all of its step, in units of a mean
that runs so slowly that errors which grow for hours are unusual too. The last step tells most: what
changes slowly is forecast well one step ahead.

Not every step of a horizon is judged, for that would take memory by its square, but 1, 2, 4, ...
and the last: between two of these *places* the reach is interpolated, beyond the last one that
was judged yet it grows with the root of the steps, as that of a random walk.
"""

import math

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.drift import drifts
from streamrnn.kernels.rarity import FIRST_ERRORS, count, is_alarm, place_of_error, rarity

Numbers = NDArray[np.float64]
Counters = NDArray[np.int64]
Known = NDArray[np.bool_]

FAST, SLOW, LONG = 0.05, 0.005, 0.001
"""The least weights of a new error in the running means of their size."""
FAST_SHARE = 0.3
"""Of the fast one, in their geometric mean."""
STEP, FIRST_STEP, FIRST_STEPS = 0.01, 0.05, 100
"""How fast the multiples are adapted: in the long run, at first, and how soon it becomes less."""
LEAST_MULTIPLE, LARGEST_MULTIPLE = 1 / 16, 64.0
LARGEST_ERROR = 8.0
"""In units of the running size: one spike must not blow intervals up for long."""
SHARES = (0.2, 0.8)
"""What is unusual is so by the error of one step, or by that of the last one, in such shares."""

CENTRE, BELOW, ABOVE = range(3)
PENDING = 3
COUNT, FAST_SIZE, SLOW_SIZE, LONG_SIZE, LOWER, UPPER = range(6)
SCALE = 6


@kernel
def size_of(scale: Numbers) -> float:
    """Return the size of past errors, 0 where there were none."""
    fast, slow = scale[FAST_SIZE], scale[SLOW_SIZE]
    if fast <= 0 or slow <= 0:
        return 0.0
    return math.exp(FAST_SHARE * math.log(fast) + (1 - FAST_SHARE) * math.log(slow))


@kernel
def without_spikes(size: float, usual: float) -> float:
    """Return the size of an error, cut where it is far beyond the usual one, if that is known."""
    return min(size, LARGEST_ERROR * usual) if usual > 0 else size


@kernel
def adapt(
    error: float, waiting: Numbers, coverage: float, first_multiple: float, scale: Numbers
) -> None:
    """Learn from an error how far intervals are to reach.

    Args:
        error: The value less its forecast.
        waiting: The forecast, and how far its interval reached below and above; NaN without one.
        coverage: The share of values that intervals are to hold.
        first_multiple: What it is for errors of a normal distribution.
        scale: How many errors there were, their fast, slow and long running size, and the multiples
            of both sides, ``(SCALE,)``.
    """
    if scale[COUNT] == 0:
        scale[LOWER] = scale[UPPER] = first_multiple
    scale[COUNT] += 1
    size = without_spikes(abs(error), scale[SLOW_SIZE])
    scale[FAST_SIZE] += max(1 / scale[COUNT], FAST) * (size - scale[FAST_SIZE])
    scale[SLOW_SIZE] += max(1 / scale[COUNT], SLOW) * (size - scale[SLOW_SIZE])
    size = without_spikes(abs(error), scale[LONG_SIZE])
    scale[LONG_SIZE] += max(1 / scale[COUNT], LONG) * (size - scale[LONG_SIZE])
    if math.isnan(waiting[BELOW]):
        return
    outside = (1 - coverage) / 2
    for side in range(2):
        beyond = error < -waiting[BELOW] if side == 0 else error > waiting[ABOVE]
        step = max(STEP, FIRST_STEP / (1 + scale[COUNT] / FIRST_STEPS))
        towards = 1 - outside if beyond else -outside
        multiple = scale[LOWER + side] * math.exp(step * towards)
        scale[LOWER + side] = min(max(multiple, LEAST_MULTIPLE), LARGEST_MULTIPLE)


@kernel
def reach_of(ahead: int, side: int, places: Counters, scales: Numbers) -> float:
    """Return how far the interval reaches to a side of a forecast of ``ahead`` steps.

    It is NaN as long as none was judged.
    """
    before, at, reach = 0, 0.0, math.nan
    for k in range(places.size):
        if scales[k, COUNT] == 0:
            break
        here, there = float(size_of(scales[k]) * scales[k, LOWER + side]), int(places[k])
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
    alarm_rate: float,
    steps: Counters,
    pending: Numbers,
    scales: Numbers,
    counts: Numbers,
    watch: Numbers,
    quiet: Counters,
    rows: Counters,
    values: Numbers,
    forecasts: Numbers,
    lower: Numbers,
    upper: Numbers,
    anomaly: Numbers,
    covered: Numbers,
    drift: Known,
    alarm: Known,
) -> None:
    """Work through events in order: judge what was forecast of each, then surround its forecasts.

    Args:
        places: The steps ahead that are judged, ascending, ``(A,)``.
        coverage: The share of values that intervals are to hold.
        first_multiple: What it is for errors of a normal distribution.
        alarm_rate: How rare a value must be to raise an alarm.
        steps: The steps of each stream so far, ``(rows,)``.
        pending: Forecasts whose values are still to come, and how far their intervals reach below
            and above: for each place as many as it is steps ahead, ``(rows, sum of places, 3)``.
        scales: As in `adapt`, ``(rows, A, SCALE)``.
        counts: Scaled errors of the first and the last step by their size, ``(rows, 2, BINS)``.
        watch: As in `streamrnn.kernels.drift.drifts`, ``(rows, 3)``.
        quiet: As in `is_alarm`, ``(rows,)``.
        rows: The stream of each event, ``(E,)``.
        values: Its value, ``(E,)``; NaN where it is not known.
        forecasts: ``(E, H)``; where they are NaN the event is passed over.
        lower: Filled, ``(E, H)``; NaN as long as no forecast of the stream was judged.
        upper: The same.
        anomaly: Filled with the share of errors expected to be smaller for their time than that of
            the value, of the first or the last step, whichever is rarer, ``(E,)``; NaN where
            nothing was judged.
        covered: Filled with 1 or 0 for whether the value lay within the interval of one step,
            ``(E,)``; NaN where there was none.
        drift: Filled with whether the error of one step shows that errors have grown, ``(E,)``.
        alarm: Filled with whether the value is the first of a run of unusual ones, ``(E,)``.
    """
    last = places.size - 1
    for e in range(rows.size):
        row, value = rows[e], values[e]
        anomaly[e] = covered[e] = math.nan
        drift[e] = alarm[e] = False
        lower[e] = upper[e] = math.nan
        if math.isnan(forecasts[e, 0]):
            continue
        start, rarest, judged = 0, 1.0, False
        for k in range(places.size):
            ahead = places[k]
            waiting = pending[row, start + steps[row] % ahead]
            scale = scales[row, k]
            if steps[row] >= ahead and not math.isnan(value + waiting[CENTRE]):
                error = value - waiting[CENTRE]
                if k == 0:
                    drift[e] = drifts(abs(error), watch[row])
                    if not math.isnan(waiting[BELOW]):
                        within = -waiting[BELOW] <= error <= waiting[ABOVE]
                        covered[e] = 1.0 if within else 0.0
                if k in (0, last) and scale[COUNT] >= FIRST_ERRORS:
                    place = place_of_error(abs(error), scale[LONG_SIZE])
                    which = 1 if k == last else 0
                    share = 1.0 if last == 0 else SHARES[which]
                    rarest = min(rarest, rarity(place, counts[row, which]) / share)
                    count(place, counts[row, which])
                    judged = True
                adapt(error, waiting, coverage, first_multiple, scale)
            start += ahead
        if judged:
            anomaly[e] = max(0.0, 1 - rarest)
            alarm[e] = is_alarm(anomaly[e], alarm_rate, quiet, row)
        for j in range(forecasts.shape[1]):
            lower[e, j] = forecasts[e, j] - reach_of(j + 1, 0, places, scales[row])
            upper[e, j] = forecasts[e, j] + reach_of(j + 1, 1, places, scales[row])
        start = 0
        for k in range(places.size):
            ahead = places[k]
            waiting = pending[row, start + steps[row] % ahead]
            waiting[CENTRE] = forecasts[e, ahead - 1]
            waiting[BELOW] = forecasts[e, ahead - 1] - lower[e, ahead - 1]
            waiting[ABOVE] = upper[e, ahead - 1] - forecasts[e, ahead - 1]
            start += ahead
        steps[row] += 1
