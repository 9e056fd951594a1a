"""One forecast from the opinions of many experts, for each step of a horizon.

One step ahead the weights are those of ML-Poly (Gaillard, Stoltz and van Erven 2014), on the
gradient of the absolute error: an expert weighs as its regret, if it is positive, over the sum of
its squares, so there is no rate to choose. Both forget. Values that come late are no harm: an
opinion waits for its value, beside the mixture that was made of it. But the errors of forecasts h
steps ahead overlap, so regrets wander, and what they tell is worth 1 / h: the rest of the weights
is by the experts' mean errors, the smaller the more, which is slower and steadier.

Not every step of a horizon has regrets of its own, for what waits grows by its square, but 1, 2,
4, ... and the last; between two of these *places* the weights are interpolated. A place that was
seldom judged yet leans on the one before it.
"""

import math

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.compiler import kernel

Numbers = NDArray[np.float64]
Counters = NDArray[np.int64]

FORGETTING = 0.999
FIRST_TRUST = 5.0
"""A place weighs as much as the one before it when it was judged so many times."""
LARGEST_RATIO = 1e3
"""Of the mixture's error to an expert's, or the other way round: no power may leave all numbers."""

REGRET, SQUARES, ERROR, MIXED = range(4)
JUDGED = 4


@kernel
def judge(value: float, waiting: Numbers, mixed: float, regrets: Numbers) -> None:
    """Update what is known of each expert, ``(K, JUDGED)``, by its opinion of a value, ``(K,)``.

    It is the regret for not having followed it, the sum of squares of that, and the sums of its
    errors and of the mixture's where it had an opinion.
    """
    slope = 1.0 if mixed > value else -1.0
    for k in range(waiting.size):
        if not math.isnan(waiting[k]):
            regret = slope * (mixed - waiting[k])
            regrets[k, REGRET] = FORGETTING * regrets[k, REGRET] + regret
            regrets[k, SQUARES] = FORGETTING * regrets[k, SQUARES] + regret * regret
            regrets[k, ERROR] = FORGETTING * regrets[k, ERROR] + abs(value - waiting[k])
            regrets[k, MIXED] = FORGETTING * regrets[k, MIXED] + abs(value - mixed)


@kernel
def merit(judged: Numbers) -> float:
    """Return how well an expert does beside the mixture: its error's inverse to the power 8."""
    ratio = 1.0
    if judged[MIXED] > 0:
        ratio = LARGEST_RATIO
        if judged[MIXED] < LARGEST_RATIO * judged[ERROR]:
            ratio = max(judged[MIXED] / judged[ERROR], 1 / LARGEST_RATIO)
    squared = ratio * ratio
    return float(squared * squared * squared * squared)


@kernel
def weigh(place: int, regrets: Numbers, judged: float, before: Numbers, weights: Numbers) -> None:
    """Fill the weights ``(K,)`` of a place, from its regrets and the weights of the one before."""
    followed = merits = 0.0
    for k in range(weights.size):
        if regrets[k, REGRET] > 0:
            followed += regrets[k, REGRET] / regrets[k, SQUARES]
        weights[k] = merit(regrets[k])
        merits += weights[k]
    share = 1 / place if followed > 0 else 0.0
    trust = judged / (judged + FIRST_TRUST) if followed > 0 or place > 1 else 0.0
    for k in range(weights.size):
        own = (1 - share) * weights[k] / merits
        if regrets[k, REGRET] > 0:
            own += share * regrets[k, REGRET] / regrets[k, SQUARES] / followed
        weights[k] = trust * own + (1 - trust) * before[k]


@kernel
def blend(
    opinions: Numbers, event: int, step: int, weights: Numbers, low: float, high: float
) -> float:
    """Return the weighted mean of the opinions ``(K, E, H)`` of a step, each within its bounds.

    Those that are NaN are left out; with no other there is none.
    """
    total = blended = first = 0.0
    voices = 0
    for k in range(weights.size):
        opinion = opinions[k, event, step]
        if not math.isnan(opinion):
            opinion = min(max(opinion, low), high)
            blended += weights[k] * opinion
            total += weights[k]
            first += opinion
            voices += 1
    if voices == 0:
        return math.nan
    return blended / total if total > 0 else first / voices


@kernel
def mix(
    places: Counters,
    judged: Numbers,
    regrets: Numbers,
    waiting: Numbers,
    steps: Counters,
    expected: Numbers,
    weights: Numbers,
    rows: Counters,
    values: Numbers,
    bounds: Numbers,
    opinions: Numbers,
    mixed: Numbers,
    shares: Numbers,
    error: Numbers,
    learning: bool,
) -> None:
    """Work through events in order: judge what was said of each, then mix what is said of the next.

    Args:
        places: The steps ahead that are judged, ascending from 1 to H, ``(A,)``.
        judged: How often each place of each stream was, ``(rows, A)``.
        regrets: What is known of each expert, see `judge`, ``(rows, A, K, JUDGED)``.
        waiting: Opinions whose values are still to come, and last what was mixed of them: for each
            place as many as it is steps ahead, ``(rows, sum of places, K + 1)``.
        steps: The steps of each stream so far, ``(rows,)``.
        expected: The newest forecasts of each stream, ``(rows, H)``.
        weights: Room, ``(A + 2, K)``.
        rows: The stream of each event, ``(E,)``.
        values: Its value, ``(E,)``; NaN where it is not known.
        bounds: The lowest and the highest that a forecast may be, ``(E, 2)``.
        opinions: Of each expert in the value's unit, ``(K, E, H)``; NaN where it has none.
        mixed: Filled, ``(E, H)``; NaN where no expert has an opinion.
        shares: Filled with each expert's weight at the first and the last step, ``(E, K, 2)``.
        error: Filled with the absolute error of what was mixed for the event's value, one step
            before, ``(E,)``; NaN where there is none.
        learning: Whether weights are learned.
    """
    experts, horizon = opinions.shape[0], opinions.shape[2]
    between = weights[places.size + 1]
    for e in range(rows.size):
        row, value, start = rows[e], values[e], 0
        error[e] = math.nan
        if steps[row] > 0 and not math.isnan(value):
            error[e] = abs(value - expected[row, 0])
        for k in range(experts):
            weights[0, k] = 1 / experts
        for a in range(places.size):
            opinion = waiting[row, start + steps[row] % places[a]]
            if steps[row] >= places[a] and not math.isnan(value + opinion[experts]) and learning:
                judge(value, opinion[:experts], opinion[experts], regrets[row, a])
                judged[row, a] += 1
            weigh(places[a], regrets[row, a], judged[row, a], weights[a], weights[a + 1])
            start += places[a]
        place, low, high = 0, bounds[e, 0], bounds[e, 1]
        for j in range(horizon):
            if j + 1 > places[place]:
                place += 1
            upper = weights[place + 1]
            if j + 1 < places[place]:
                part = (places[place] - j - 1) / (places[place] - places[place - 1])
                for k in range(experts):
                    between[k] = part * weights[place, k] + (1 - part) * upper[k]
                mixed[e, j] = blend(opinions, e, j, between, low, high)
            else:
                mixed[e, j] = blend(opinions, e, j, upper, low, high)
        for k in range(experts):
            shares[e, k, 0], shares[e, k, 1] = weights[1, k], weights[places.size, k]
        if math.isnan(mixed[e, 0]) and steps[row] == 0:
            continue
        start = 0
        for a in range(places.size):
            opinion = waiting[row, start + steps[row] % places[a]]
            for k in range(experts):
                said = opinions[k, e, places[a] - 1]
                opinion[k] = said if math.isnan(said) else min(max(said, low), high)
            opinion[experts] = mixed[e, places[a] - 1]
            start += places[a]
        for j in range(horizon):
            expected[row, j] = mixed[e, j]
        steps[row] += 1
