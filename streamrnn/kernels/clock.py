"""The clock of a stream: how many steps are missing before a record.

The interval of a stream is what most differences of its times agree on, within a quarter: the
majority vote of Boyer and Moore (1981), refined by the mean of those that agree. So months of 28 to
31 days are regular.
"""

import math

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.compiler import kernel

Numbers = NDArray[np.float64]
Counters = NDArray[np.int64]

AGREEING = 0.25
FEWEST_VOTES, MOST_VOTES = 10.0, 1000.0
"""Before that many more agree than not, no step is missing; an interval that changes is learned."""
GAP = 1.5
"""Intervals from which on steps are missing."""
RATE = 0.01

BEGUN, LAST, INTERVAL, VOTES, AHEAD = range(5)
CLOCK = 5

HOUR, DAY, WEEK, YEAR = 3600.0, 86400.0, 604800.0, 31556952.0
PERIODS = (HOUR, DAY, WEEK, YEAR)
"""In seconds; a year is the mean one of the calendar."""
WHOLE = 0.01
"""How far a period may be from whole steps, as a share of it."""


@kernel
def vote(difference: float, clock: Numbers) -> None:
    """Let the difference of two times vote for or against the interval."""
    if clock[VOTES] == 0:
        clock[INTERVAL] = difference
    if abs(difference - clock[INTERVAL]) <= AGREEING * clock[INTERVAL]:
        clock[VOTES] = min(clock[VOTES] + 1, MOST_VOTES)
        clock[INTERVAL] += max(1 / clock[VOTES], RATE) * (difference - clock[INTERVAL])
    else:
        clock[VOTES] -= 1


@kernel
def natural_seasons(interval: float, most: int, seasons: Counters) -> int:
    """Fill how many steps each of the `PERIODS` has, ``(4,)``; 0 where not whole, or above most.

    Return the longest. An ``interval`` that is NaN has none.
    """
    longest = 0
    for k in range(seasons.size):
        steps = PERIODS[k] / interval
        seasons[k] = 0
        if 1.5 < steps < most + 0.5 and abs(steps - round(steps)) <= WHOLE * steps:
            seasons[k] = longest = round(steps)
    return longest


@kernel
def tick(
    clocks: Numbers,
    season: int,
    most: int,
    natural: Counters,
    rows: Counters,
    times: Numbers,
    missing: Counters,
    intervals: Numbers,
) -> None:
    """Fill how many steps are missing before each event, and how long a step of its stream is.

    Args:
        clocks: Whether there was an event, the last time, the interval, the votes for it, and the
            steps that were taken without time going on, ``(rows, CLOCK)``.
        season: The longest one that is known, 0 for none: then the longest natural one stands in.
        most: A longer silence is cut to as many steps at most, by whole seasons where there is one.
        natural: Room, ``(4,)``.
        rows: The stream of each event, ``(E,)``.
        times: In seconds, NaN where one is not known, ``(E,)``. An event without one, or whose time
            repeats or goes back, is the next step, which is then not missing later.
        missing: Filled, ``(E,)``.
        intervals: Filled in seconds, ``(E,)``; NaN as long as the times do not agree on one.
    """
    for e in range(rows.size):
        clock, time = clocks[rows[e]], times[e]
        missing[e], intervals[e] = 0, math.nan
        if clock[BEGUN] == 0:
            clock[BEGUN], clock[LAST] = 1, time
            continue
        regular = clock[VOTES] >= FEWEST_VOTES
        if regular:
            intervals[e] = clock[INTERVAL]
        difference = time - clock[LAST]
        if math.isnan(clock[LAST]) and not math.isnan(time):
            clock[LAST] = time
        elif not difference > 0:
            clock[AHEAD] += 1
        else:
            if regular and difference >= GAP * clock[INTERVAL]:
                steps = int(min(round(difference / clock[INTERVAL]), 2.0**40)) - 1
                steps -= int(clock[AHEAD])
                if steps > most:
                    whole = season
                    if season == 0:
                        whole = natural_seasons(clock[INTERVAL], most, natural)
                    if whole > 0:
                        steps -= -(-(steps - most) // whole) * whole
                missing[e] = max(0, min(steps, most))
            vote(difference / (1 + clock[AHEAD]), clock)
            clock[LAST], clock[AHEAD] = time, 0
