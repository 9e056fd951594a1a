"""Seasons found in a stream: where its past repeats itself.

A season shows as a peak of the autocorrelation, of the values less their trend where it is smooth,
or of their changes where the level wanders. The shortest lag that correlates nearly as well as the
best is the first season; a longer one is the second where it correlates clearly better.

A natural season, a day or a week in steps, is known to be likely: it need not be a peak, and is
adopted as soon as the second of it has begun and the changes repeat themselves.
"""

import math

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.compiler import kernel

Numbers = NDArray[np.float64]
Counters = NDArray[np.int64]

FIRST_LOOK, GROWTH = 32, 1.25
"""Steps before the first look, and how many more there are at each."""
CYCLES, CYCLES_OF_LEVELS = 2, 2.5
"""How often a season must have been seen: in changes, and in values, that wander."""
NATURAL_CYCLES = 1.25
"""The same of a natural season, in changes."""
FEWEST_PAIRS = 12
LEAST, LEAST_OF_LEVELS = 0.1, 0.5
"""Correlation of a season in changes, and in values, whose own wandering correlates too."""
SIGNIFICANT = 5.0
"""In standard deviations of what noise correlates."""
LEAST_RISE = 2.0
"""How far a peak rises above the lowest lag before it, in units of the least correlation."""
NEAR, NATURAL_NEAR = 0.8, 0.5
"""A shorter season is preferred if it correlates so well, as a share of the best: any, natural."""
BETTER, CLEARLY = 0.25, 3.0
"""What a longer season must explain of that which the shorter one leaves, and by how many standard
deviations of noise it must correlate better."""
NEIGHBOURS = 16
"""A peak is the highest within its lag over so much, to both sides."""


@kernel
def remove_trend(values: Numbers) -> None:
    """Subtract the straight line that fits best, in place."""
    count = values.size
    middle, mean = 0.5 * (count - 1), 0.0
    for t in range(count):
        mean += values[t] / count
    products = squares = 0.0
    for t in range(count):
        products += (t - middle) * (values[t] - mean)
        squares += (t - middle) * (t - middle)
    for t in range(count):
        values[t] -= mean + products / squares * (t - middle)


@kernel
def correlate(values: Numbers, correlations: Numbers) -> bool:
    """Fill the correlation of values with those each lag before them, lag 0 first, ``(L,)``.

    Return whether there is any variation.
    """
    count, power = values.size, 0.0
    for t in range(count):
        power += values[t] * values[t] / count
    if not power > 0 or not math.isfinite(power):
        return False
    for lag in range(correlations.size):
        total = 0.0
        for t in range(lag, count):
            total += values[t] * values[t - lag]
        correlations[lag] = total / (power * (count - lag))
    return True


@kernel
def rises(correlations: Numbers, lag: int, least: float) -> bool:
    """Return whether a lag correlates clearly better than one before it: a trend does not."""
    lowest = correlations[lag]
    for before in range(1, lag):
        lowest = min(lowest, correlations[before])
    return bool(correlations[lag] - lowest >= LEAST_RISE * least)


@kernel
def is_peak(correlations: Numbers, lag: int, count: int, least: float) -> bool:
    """Return whether a season shows at a lag of the correlations of ``count`` values."""
    here = correlations[lag]
    if here < max(least, SIGNIFICANT / math.sqrt(count - lag)):
        return False
    reach = max(1, lag // NEIGHBOURS)
    for other in range(max(1, lag - reach), min(correlations.size, lag + reach + 1)):
        if correlations[other] > here:
            return False
    return rises(correlations, lag, least)


@kernel
def repeats(correlations: Numbers, lag: int) -> float:
    """Return the mean correlation at a lag and its multiples: only a whole season keeps it up."""
    total, count = 0.0, 0
    for multiple in range(lag, correlations.size, lag):
        total += correlations[multiple]
        count += 1
    return total / count if count else 0.0


@kernel
def refine(correlations: Numbers, lag: int, natural: Counters) -> int:
    """Return the length near a peak's lag whose multiples correlate best.

    A ``natural`` one, such as a day or a year in steps, is taken where it does nearly as well.
    """
    reach = max(1, lag // NEIGHBOURS)
    best, best_lag = repeats(correlations, lag), lag
    for other in range(max(2, lag - reach), min(correlations.size, lag + reach + 1)):
        if repeats(correlations, other) > best:
            best, best_lag = repeats(correlations, other), other
    for k in range(natural.size):
        near = abs(natural[k] - lag) <= reach and 2 <= natural[k] < correlations.size
        if near and repeats(correlations, natural[k]) >= NEAR * best:
            return int(natural[k])
    return best_lag


@kernel
def improves(better: float, correlation: float, pairs: int) -> bool:
    """Return whether a longer season, that correlates ``better``, is worth its place beside one."""
    rise = better - correlation
    explained = rise / max(1 - correlation, 1e-9)
    return bool(explained > BETTER and rise > CLEARLY / math.sqrt(pairs))


@kernel
def shows(correlations: Numbers, lag: int, count: int) -> bool:
    """Return whether values correlate enough at a lag that is likely to be a season."""
    if lag < 2 or lag >= correlations.size or count - lag < FEWEST_PAIRS:
        return False
    enough = correlations[lag] >= max(LEAST, SIGNIFICANT / math.sqrt(count - lag))
    return bool(enough and rises(correlations, lag, LEAST))


@kernel
def search_natural(correlations: Numbers, count: int, natural: Counters, found: Counters) -> bool:
    """Fill the natural seasons that show, ``(2,)``, 0 for none; return whether there is any."""
    found[:] = 0
    best, best_lag = 0.0, 0
    for lag in natural:
        if shows(correlations, lag, count) and correlations[lag] > best:
            best, best_lag = correlations[lag], lag
    for lag in natural:
        good = shows(correlations, lag, count) and correlations[lag] >= NATURAL_NEAR * best
        if found[0] == 0 and good:
            found[0] = lag
    if best_lag > found[0] and improves(best, correlations[found[0]], count - best_lag):
        found[1] = best_lag
    return bool(found[0] > 0)


@kernel
def search(
    correlations: Numbers, count: int, least: float, natural: Counters, found: Counters
) -> bool:
    """Fill the seasons that show, ``(2,)``, 0 for none; return whether there is any."""
    found[:] = 0
    best, best_lag, first = 0.0, 0, 0
    for lag in range(2, correlations.size - 1):
        if correlations[lag] > best and is_peak(correlations, lag, count, least):
            best, best_lag = correlations[lag], lag
    for lag in range(2, best_lag + 1):
        good = correlations[lag] >= NEAR * best
        if first == 0 and good and is_peak(correlations, lag, count, least):
            first = lag
    if first == 0:
        return False
    found[0] = refine(correlations, first, natural)
    if best_lag > first + first // 2 and improves(best, correlations[first], count):
        found[1] = refine(correlations, best_lag, natural)
    return True


@kernel
def find_seasons(
    values: Numbers,
    room: Numbers,
    correlations: Numbers,
    longest: int,
    natural: Counters,
    found: Counters,
) -> bool:
    """Find up to two seasons in the newest values of a stream; return whether they are natural.

    Args:
        values: In order, ``(N,)``; none is NaN.
        room: For as many numbers.
        correlations: For two more than ``longest``.
        longest: The longest season that is sought.
        natural: Seasons that are likely, in steps, ascending; 0 for none.
        found: Filled with their lengths, the shorter one first, 0 for none, ``(2,)``.
    """
    count = values.size
    lags = min(longest, count // CYCLES) + 2
    found[:] = 0
    if lags < 4 or count < FIRST_LOOK:
        return False
    for t in range(count - 1):
        room[t] = values[t + 1] - values[t]
    changes = room[: count - 1]
    likely = 0
    for lag in natural:
        likely = max(likely, lag)
    reach = min(longest, likely, int(count / NATURAL_CYCLES)) + 2
    correlated = correlations[: max(lags, reach)]
    if correlate(changes, correlated):
        if search_natural(correlated, count - 1, natural, found):
            return True
        if search(correlated[:lags], count - 1, LEAST, natural, found):
            return False
    levels = room[:count]
    for t in range(count):
        levels[t] = values[t]
    remove_trend(levels)
    correlated = correlations[: min(lags, int(count / CYCLES_OF_LEVELS) + 2)]
    if correlate(levels, correlated):
        search(correlated, count, LEAST_OF_LEVELS, natural, found)
    return False


@kernel
def near(length: int, other: int) -> bool:
    """Return whether two lengths may be those of one season."""
    return abs(length - other) <= max(1, other // NEIGHBOURS)


@kernel
def decide(found: Counters, first: int, second: int, seasons: Counters) -> bool:
    """Adopt what was found twice; return whether the ``seasons (2,)`` have changed.

    ``found (2,)`` is what was found now, ``first`` and ``second`` what was the time before.

    A look finds a season by chance now and then, but seldom the same one again. What was adopted
    stays until another one has been found twice; one near it takes its place if it was found twice
    to the step.
    """
    changed = False
    for k in range(2):
        length = found[k]
        if length in (0, seasons[0], seasons[1]):
            continue
        twice = length in (first, second)
        if not near(length, seasons[0]) and not near(length, seasons[1]):
            twice = twice or near(length, first) or near(length, second)
        if not twice:
            continue
        if k == 0 and not near(length, seasons[0]):
            # A first season that is new leaves nothing of the former ones.
            seasons[:] = 0
        which = 1 if k == 1 and seasons[0] > 0 and not near(length, seasons[0]) else 0
        seasons[which] = length
        changed = True
    return changed
