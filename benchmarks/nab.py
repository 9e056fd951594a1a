"""The score of the Numenta Anomaly Benchmark (Lavin and Ahmad 2015), standard profile."""

import math
from collections.abc import Sequence

TRUE_POSITIVE, FALSE_POSITIVE, FALSE_NEGATIVE = 1.0, 0.11, 1.0
PROBATION, LONGEST_PROBATION = 0.15, 750
"""No alarm counts in the first records of a file: a share of them, at most of 5,000."""

Window = tuple[int, int]


def probation(records: int) -> int:
    """Return how many records at the beginning of a file are not scored."""
    return min(int(PROBATION * records), LONGEST_PROBATION)


def sigmoid(position: float) -> float:
    """Return what an alarm is worth, from 1 to -1, by its place relative to a window's end.

    The place is in lengths of the window: -1 at its beginning, 0 at its end, beyond it more.
    """
    return -1.0 if position > 3 else 2 / (1 + math.exp(5 * position)) - 1


def score(alarms: Sequence[int], windows: Sequence[Window], records: int) -> float:
    """Return the score of a file, not normalised; without any alarm it is that of all misses.

    Args:
        alarms: Places of the records that raised one, ascending.
        windows: First and last place of each window, ascending.
        records: How many there are.
    """
    total, found = 0.0, set[int]()
    for place in alarms:
        if place < probation(records):
            continue
        inside = [k for k, (first, last) in enumerate(windows) if first <= place <= last]
        if inside:
            first, last = windows[inside[0]]
            if inside[0] not in found:
                found.add(inside[0])
                position = -(last - place + 1) / (last - first + 1)
                total += TRUE_POSITIVE * sigmoid(position) / sigmoid(-1)
            continue
        before = [window for window in windows if window[1] < place]
        worth = -1.0
        if before:
            first, last = before[-1]
            # The length of a window in records less one, as in the benchmark's own code.
            worth = sigmoid((place - last) / max(1, last - first))
        total += FALSE_POSITIVE * worth
    return total - FALSE_NEGATIVE * (len(windows) - len(found))
