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
def count_missing(
    clocks: Numbers, seasons: Counters, most: int, rows: Counters, times: Numbers, missing: Counters
) -> None:
    """Fill how many steps are missing before each event, ``(E,)``.

    Args:
        clocks: Whether there was an event, the last time, the interval, the votes for it, and the
            steps that were taken without time going on, ``(rows, CLOCK)``.
        seasons: Those of each stream, 0 for none, ``(rows, S)``.
        most: A longer silence is cut to as many steps at most, by whole longest seasons where there
            are some.
        rows: The stream of each event, ``(E,)``.
        times: In seconds, NaN where one is not known, ``(E,)``. An event without one, or whose time
            repeats or goes back, is the next step, which is then not missing later.
        missing: Filled.
    """
    for e in range(rows.size):
        clock, time = clocks[rows[e]], times[e]
        missing[e] = 0
        if clock[BEGUN] == 0:
            clock[BEGUN], clock[LAST] = 1, time
            continue
        difference = time - clock[LAST]
        if math.isnan(clock[LAST]) and not math.isnan(time):
            clock[LAST] = time
        elif not difference > 0:
            clock[AHEAD] += 1
        else:
            if clock[VOTES] >= FEWEST_VOTES and difference >= GAP * clock[INTERVAL]:
                steps = int(min(round(difference / clock[INTERVAL]), 2.0**40)) - 1
                steps -= int(clock[AHEAD])
                longest = 0
                for s in range(seasons.shape[1]):
                    longest = max(longest, seasons[rows[e], s])
                if steps > most and longest > 0:
                    steps -= -(-(steps - most) // longest) * longest
                missing[e] = max(0, min(steps, most))
            vote(difference / (1 + clock[AHEAD]), clock)
            clock[LAST], clock[AHEAD] = time, 0
