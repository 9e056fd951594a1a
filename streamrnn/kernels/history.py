"""What a stream's past says of its next steps: lags, levels, and profiles of its seasons.

All is seen in two *views* of a value: as it is, and its signed square root, in which what grows
with its level is steadier. In each, numbers are given in units of the mean size of a change, so
that they are alike for all streams, and one learner serves any.

A *profile* is the running mean of a stream at each place of a season. How it goes on from here, and
how far the stream deviates from it, says most about what comes next.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.baseline import known_step, turn_out
from streamrnn.kernels.clock import natural_seasons
from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.scaling import divisor, update_size
from streamrnn.kernels.seasons import FIRST_LOOK, GROWTH, decide, find_seasons

Numbers = NDArray[np.float64]
Counters = NDArray[np.int64]

RAW, ROOT = range(2)
VIEWS = 2
LAGS = 4
"""Values before the newest one."""
LEVEL_RATES = (0.2, 0.05, 0.0125)
"""Those of the running means that the value is compared with."""
STEPS, WAVES = 4, 2
"""Of a profile, how many steps ahead are told; of a season, how many harmonics."""
SEASON_TRAITS = 1 + STEPS + 2 * WAVES
FIRST_SEASON = 1 + LAGS + len(LEVEL_RATES)
"""Where the traits of seasons begin: before it stand a one, the lags and the levels."""

UNIT_RATE, PROFILE_RATE = 0.01, 0.1
"""The least weight of a new change, or value, in a running mean."""
LARGEST_CHANGE = 8.0
"""In units: one spike must not change what a unit is."""
LARGEST = 30.0
"""In units: where everything else is cut."""
RANGE_RATE = 0.001
"""How fast the range of a stream's values forgets."""

COUNT, SIZE = range(2)
LOW, HIGH = range(2)
PLACE, AGE = range(2)


class Memory(NamedTuple):
    """What is kept of each stream, a row for each.

    Attributes:
        known: How many values were known, ``(rows,)``.
        recent: The newest values in each view, the last one at the end, ``(rows, V, LAGS + 1)``.
        levels: Running means of the values, ``(rows, V, LEVELS)``.
        units: How many changes there were, and their mean size, ``(rows, V, 2)``.
        range: The lowest and the highest value, without spikes, which forget, ``(rows, 2)``.
        seasons: Lengths of the seasons in steps, 0 for none, ``(rows, S)``.
        places: The newest step's place in each season, and the steps since it was known,
            ``(rows, S, 2)``.
        profiles: In each view the mean value at each place; NaN where there is none, ``(rows, V, S,
            longest)``.
        values: A ring of the newest values, ``(rows, N)``; where one is not known the last one
            stands for it.
        steps: How many steps there were, ``(rows,)``: where the ring goes on.
        baselines: For each step of the horizon, see `streamrnn.kernels.baseline`, ``(rows, H, 4)``.
        proposed: The seasons that were found last, ``(rows, 2)``.
        next_look: The step at which they are looked for again, ``(rows,)``.
    """

    known: Counters
    recent: Numbers
    levels: Numbers
    units: Numbers
    range: Numbers
    seasons: Counters
    places: Counters
    profiles: Numbers
    values: Numbers
    steps: Counters
    baselines: Numbers
    proposed: Counters
    next_look: Counters


@kernel
def seen(value: float, which: int) -> float:
    """Return a value in a view."""
    if which == RAW:
        return value
    return math.sqrt(value) if value > 0 else -math.sqrt(-value)


@kernel
def unseen(number: float, which: int) -> float:
    """Return the value that is seen as this number in a view."""
    return number if which == RAW else number * abs(number)


@kernel
def cut(number: float, limit: float) -> float:
    """Return a number, or the limit that it lies beyond."""
    return min(max(number, -limit), limit)


@kernel
def mean_change(changes: Numbers) -> float:
    """Return the mean size of a change as a divisor: 1 for a value that never changed."""
    return divisor(changes[SIZE])


@kernel
def update_profile(profile: Numbers, place: int, visits: int, number: float, limit: float) -> None:
    """Move a profile's mean at a place towards a number; at first it is the plain mean."""
    if math.isnan(profile[place]):
        profile[place] = number
    else:
        rate = max(1 / (visits + 1), PROFILE_RATE)
        profile[place] += rate * cut(number - profile[place], limit)


@kernel
def widen(value: float, first: bool, limit: float, ends: Numbers) -> None:
    """Let the range of a stream's values take in a new one, as far as the limit beyond its ends.

    So a single spike widens it no more than that; what stays where it is does in time.
    """
    if first:
        ends[:] = value
    near = min(max(value, ends[LOW] - limit), ends[HIGH] + limit)
    ends[LOW] = min(near, ends[LOW] + RANGE_RATE * (near - ends[LOW]))
    ends[HIGH] = max(near, ends[HIGH] - RANGE_RATE * (ends[HIGH] - near))


@kernel
def take_value(value: float, row: int, memory: Memory) -> None:
    """Take in a stream's next value, where it is known; where it is not, the last one stays."""
    steps, observed = memory.steps[row], not math.isnan(value)
    memory.values[row, steps % memory.values.shape[1]] = (
        value if observed else memory.recent[row, RAW, LAGS]
    )
    memory.steps[row] += 1
    first = memory.known[row] == 0
    memory.known[row] += observed
    for which in range(VIEWS):
        recent, levels = memory.recent[row, which], memory.levels[row, which]
        number = seen(value, which) if observed else recent[LAGS]
        if first:
            recent[:] = number
            levels[:] = number
        change, changes = number - recent[LAGS], memory.units[row, which]
        if observed and not first:
            usual = changes[SIZE] > 0
            largest = LARGEST_CHANGE * changes[SIZE] if usual else abs(change)
            update_size(abs(change), largest, UNIT_RATE, changes)
        for k in range(LAGS):
            recent[k] = recent[k + 1]
        recent[LAGS] = number
        limit = LARGEST * mean_change(changes)
        for k in range(levels.size):
            levels[k] += LEVEL_RATES[k] * cut(number - levels[k], limit)
    if observed:
        widen(value, first, LARGEST * mean_change(memory.units[row, RAW]), memory.range[row])


@kernel
def deviations(value: float, row: int, memory: Memory, deviation: Numbers) -> None:
    """Move on to the next place of each season; fill how far the value lies from its profile.

    ``deviation`` is ``(V, S)``, NaN where there is no profile yet, or the value is not known; the
    profile is updated after that.
    """
    for s in range(memory.seasons.shape[1]):
        length, place = memory.seasons[row, s], memory.places[row, s]
        for which in range(VIEWS):
            deviation[which, s] = math.nan
        if length == 0:
            continue
        visits = place[AGE] // length
        place[PLACE] = (place[PLACE] + 1) % length
        place[AGE] += 1
        if math.isnan(value):
            continue
        for which in range(VIEWS):
            profile, number = memory.profiles[row, which, s], seen(value, which)
            deviation[which, s] = number - profile[place[PLACE]]
            limit = LARGEST * mean_change(memory.units[row, which])
            update_profile(profile, place[PLACE], visits, number, limit)


@kernel
def begin_seasons(values: Numbers, row: int, memory: Memory) -> None:
    """Make the profiles of new seasons from the newest values of a stream, in order."""
    for s in range(memory.seasons.shape[1]):
        length = memory.seasons[row, s]
        memory.profiles[row, :, s] = math.nan
        if length == 0:
            continue
        memory.places[row, s, PLACE] = (values.size - 1) % length
        memory.places[row, s, AGE] = values.size
        for which in range(VIEWS):
            limit = LARGEST * mean_change(memory.units[row, which])
            profile = memory.profiles[row, which, s]
            for t in range(values.size):
                number = seen(values[t], which)
                update_profile(profile, t % length, t // length, number, limit)


@kernel
def look_for_seasons(
    row: int,
    memory: Memory,
    room: Numbers,
    correlations: Numbers,
    interval: float,
    natural: Counters,
) -> None:
    """Look for the seasons of a stream, if it has grown enough since they were looked for last.

    ``room (2, N)`` has room for its newest values, ``natural (4,)`` for the seasons that are likely
    where a step takes an ``interval`` in seconds; the rest is that of `find_seasons`.
    """
    steps, most = memory.steps[row], memory.values.shape[1]
    if steps < max(FIRST_LOOK, memory.next_look[row]):
        return
    memory.next_look[row] = int(GROWTH * steps) + 1
    count = min(steps, most)
    values = room[0, :count]
    for t in range(count):
        values[t] = memory.values[row, (steps - count + t) % most]
    longest, proposed = correlations.size - 2, memory.proposed[row]
    former_first, former_second = proposed[0], proposed[1]
    natural_seasons(interval, longest, natural)
    if find_seasons(values, room[1], correlations, longest, natural, proposed):
        # What was expected need not be found twice.
        former_first, former_second = proposed[0], proposed[1]
    if decide(proposed, former_first, former_second, memory.seasons[row]):
        begin_seasons(values, row, memory)


@kernel
def longest_season(lengths: Counters) -> int:
    """Return which season is the longest, -1 where there is none."""
    longest = -1
    for s in range(lengths.size):
        if lengths[s] > 0 and (longest < 0 or lengths[s] > lengths[longest]):
            longest = s
    return longest


@kernel
def look_at_baseline(value: float, row: int, memory: Memory, surprise: Numbers) -> None:
    """Fill how far a value lay from what 1 to H steps before was expected of it, ``(H,)``.

    It is NaN where nothing was. The value is not taken in yet.
    """
    surprise[:] = math.nan
    room, longest = memory.values.shape[1], longest_season(memory.seasons[row])
    if math.isnan(value):
        return
    for j in range(min(surprise.size, memory.steps[row])):
        step = 0.0
        if longest >= 0:
            length = memory.seasons[row, longest]
            place = (memory.places[row, longest, PLACE] + 1) % length
            start = (place + length - (j + 1) % length) % length
            step = known_step(memory.profiles[row, RAW, longest], start, place)
        change = value - memory.values[row, (memory.steps[row] - 1 - j) % room]
        surprise[j] = turn_out(change, step, memory.baselines[row, j])
