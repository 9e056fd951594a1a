"""Recursive least squares on a stream's traits, for all steps of a horizon.

The gain depends on the traits alone, so one covariance serves every step: a step costs no more than
a product of vectors. What is learned is the change from the present, in units of the mean change.

Where the errors of one step have grown, the covariance becomes again what it is at first: the
weights are then learned anew from where they are.
"""

import math

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.drift import WATCH, drifts
from streamrnn.kernels.history import cut, unseen
from streamrnn.kernels.scaling import update_size
from streamrnn.kernels.views import view

Numbers = NDArray[np.float64]
Counters = NDArray[np.int64]

PRIOR = 0.3
"""The first variance of a weight, and the largest: forgetting must not go beyond what was never
seen, or the weights of traits that fall silent would blow up."""
ROBUST = 1.5
"""Errors beyond so many times their running size weigh as if they were just so large (Huber)."""
LARGEST_ERROR = 6.0
ERROR_RATE = 0.01
FIRST_EVENTS = 20
"""Are not learned from: what a unit is shows only later."""
FIRST_ERRORS = 10
"""Are not cut."""

COUNT, SIZE = range(2)
# What is kept of an origin, before its traits and gains.
PRESENT, UNIT = range(2)
ORIGIN = 2


def room(width: int, horizon: int) -> int:
    """Return how many numbers a stream keeps, with so many traits; see `regress`."""
    return width * width + horizon * (width + 2 + ORIGIN + 2 * width) + WATCH


@kernel
def renew(covariance: Numbers) -> None:
    """Make the covariance what it is at first: nothing is certain."""
    covariance[:] = 0
    for k in range(covariance.shape[0]):
        covariance[k, k] = PRIOR


@kernel
def begin(covariance: Numbers, weights: Numbers, origins: Numbers) -> None:
    """Make a regression what it is before its first event."""
    renew(covariance)
    weights[:] = 0
    for j in range(origins.shape[0]):
        origins[j, UNIT] = math.nan


@kernel
def update_gain(traits: Numbers, forgetting: float, covariance: Numbers, gain: Numbers) -> bool:
    """Fill the gain ``(F,)`` of an event's traits, and update the covariance ``(F, F)``.

    Only one triangle is computed and then mirrored, for a covariance that is no longer symmetric
    is soon no longer positive. Return whether all is finite.
    """
    size, spread = traits.size, forgetting
    for i in range(size):
        total = 0.0
        for j in range(size):
            total += covariance[i, j] * traits[j]
        gain[i] = total
        spread += total * traits[i]
    if not math.isfinite(spread) or spread <= 0:
        return False
    for i in range(size):
        for j in range(i + 1):
            reduced = (covariance[i, j] - gain[i] * gain[j] / spread) / forgetting
            covariance[i, j] = covariance[j, i] = reduced
    for i in range(size):
        gain[i] /= spread
        if covariance[i, i] > PRIOR:
            shrink = math.sqrt(PRIOR / covariance[i, i])
            for j in range(size):
                covariance[i, j] *= shrink
                covariance[j, i] *= shrink
    return True


@kernel
def correct(
    present: float, origin: Numbers, width: int, weights: Numbers, errors: Numbers
) -> float:
    """Learn the weights ``(F,)`` of one step from how an origin's change turned out.

    Return the absolute error, in units.

    ``origin`` holds what was present, its unit, the traits and the gains; ``errors (2,)`` how many
    there were and their running size.
    """
    forecast = 0.0
    for i in range(width):
        forecast += weights[i] * origin[ORIGIN + i]
    error = (present - origin[PRESENT]) / origin[UNIT] - forecast
    size: float = abs(error)
    largest = size
    if errors[COUNT] >= FIRST_ERRORS:
        error, largest = cut(error, ROBUST * errors[SIZE]), LARGEST_ERROR * errors[SIZE]
    update_size(size, largest, ERROR_RATE, errors)
    for i in range(width):
        weights[i] += error * origin[ORIGIN + width + i]
    return size


@kernel
def regress(
    which: int,
    forgetting: float,
    adjusted: bool,
    columns: Counters,
    numbers: Numbers,
    events: Counters,
    rows: Counters,
    observed: NDArray[np.bool_],
    last: Numbers,
    unit: Numbers,
    traits: Numbers,
    departure: Numbers,
    outlook: Numbers,
    opinions: Numbers,
    learning: bool,
) -> None:
    """Work through events in order: learn from the value of each, then forecast.

    Args:
        which: The view, see `streamrnn.kernels.history`.
        forgetting: What the past weighs after each event, at most 1.
        adjusted: Whether it is the departure from the profile that is forecast, and the profile is
            added again.
        columns: The traits that are used, ``(C,)``.
        numbers: Of each stream the covariance ``(C, C)``, the weights ``(H, C)``, the errors
            ``(H, 2)``, what `drifts` watches ``(WATCH,)``, and a ring of origins ``(H, 2 + 2 C)``,
            ``(rows, ...)``.
        events: How many events each stream had, ``(rows,)``.
        rows: The stream of each event, ``(E,)``.
        observed: Whether its value is known, ``(E,)``.
        last: What `streamrnn.kernels.past.look_back` tells, and so are those up to ``outlook``.
        unit: The same.
        traits: The same.
        departure: The same.
        outlook: The same.
        opinions: Filled with the forecasts in the value's unit, ``(E, H)``; NaN where there are
            none.
        learning: Whether weights are learned.
    """
    horizon, width = opinions.shape[1], columns.size
    for e in range(rows.size):
        row = rows[e]
        stream = numbers[row]
        covariance = view(stream, 0, (width, width))
        at = width * width
        weights = view(stream, at, (horizon, width))
        at += horizon * width
        errors = view(stream, at, (horizon, 2))
        watch = view(stream, at + 2 * horizon, (WATCH,))
        origins = view(stream, at + 2 * horizon + WATCH, (horizon, ORIGIN + 2 * width))
        if events[row] == 0:
            begin(covariance, weights, origins)
        present = departure[e, which] if adjusted else last[e, which]
        for j in range(horizon):
            opinions[e, j] = math.nan
        if math.isnan(last[e, which]):
            continue
        if learning and observed[e] and not math.isnan(present):
            for j in range(min(horizon, events[row])):
                origin = origins[(events[row] - 1 - j) % horizon]
                if not math.isnan(origin[UNIT]):
                    error = correct(present, origin, width, weights[j], errors[j])
                    if j == 0 and drifts(error, watch):
                        renew(covariance)
        origin = origins[events[row] % horizon]
        origin[PRESENT], origin[UNIT] = present, unit[e, which]
        if math.isnan(present) or events[row] < FIRST_EVENTS:
            origin[UNIT] = math.nan
        here, gain = origin[ORIGIN : ORIGIN + width], origin[ORIGIN + width :]
        for i in range(width):
            here[i] = traits[e, which, columns[i]]
        learned = not math.isnan(origin[UNIT])
        if learned and learning and not update_gain(here, forgetting, covariance, gain):
            begin(covariance, weights, origins)
        events[row] += 1
        if not learned:
            continue
        for j in range(horizon):
            forecast = present
            for i in range(width):
                forecast += weights[j, i] * here[i] * unit[e, which]
            if adjusted:
                forecast += outlook[e, which, j]
            opinions[e, j] = unseen(forecast, which)
