"""The clocks of streams; see `streamrnn.kernels.clock`."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike, NDArray

from streamrnn.kernels import clock
from streamrnn.learner.streams import Streams

MOST_MISSING = 1000
"""Steps that are made up for a silence, at most."""


@dataclass(frozen=True, slots=True)
class Ticks:
    """What the times of events tell.

    Attributes:
        missing: How many steps are missing before each event, ``(E,)``.
        intervals: How long a step of its stream is, in seconds, ``(E,)``; NaN as long as the times
            do not agree on it.
    """

    missing: NDArray[np.int64]
    intervals: NDArray[np.float64]


class Clock:
    """Tells what the times of events say of the steps of their streams.

    Args:
        season: The longest known season in steps, by which a long silence is cut; 0 for none.
    """

    fields: tuple[tuple[str, DTypeLike, tuple[int, ...]], ...] = (
        ("clock", np.float64, (clock.CLOCK,)),
    )

    def __init__(self, season: int) -> None:
        self._season = season
        self._natural = np.zeros(len(clock.PERIODS), np.int64)

    def tick(self, streams: Streams, rows: NDArray[np.int64], times: NDArray[np.float64]) -> Ticks:
        """Take in the time of each event, in order.

        Args:
            streams: Have the `fields`.
            rows: The row of each event's stream, ``(E,)``.
            times: Its time in seconds, NaN where it is not known, ``(E,)``.
        """
        ticks = Ticks(np.zeros(len(rows), np.int64), np.zeros(len(rows)))
        clock.tick(
            streams["clock"],
            self._season,
            MOST_MISSING,
            self._natural,
            rows,
            times,
            ticks.missing,
            ticks.intervals,
        )
        return ticks
