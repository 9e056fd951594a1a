"""The clocks of streams; see `streamrnn.kernels.clock`."""

import numpy as np
from numpy.typing import DTypeLike, NDArray

from streamrnn.kernels import clock
from streamrnn.learner.streams import Streams

MOST_MISSING = 1000
"""Steps that are made up for a silence, at most."""


class Clock:
    """Tells from the times of events how many steps are missing between them."""

    fields: tuple[tuple[str, DTypeLike, tuple[int, ...]], ...] = (
        ("clock", np.float64, (clock.CLOCK,)),
    )

    def missing(
        self, streams: Streams, rows: NDArray[np.int64], times: NDArray[np.float64]
    ) -> NDArray[np.int64]:
        """Return how many steps are missing before each event, ``(E,)``.

        Args:
            streams: Have the `fields`, and ``seasons``.
            rows: The row of each event's stream, ``(E,)``.
            times: Its time in seconds, NaN where it is not known, ``(E,)``.
        """
        missing = np.zeros(len(rows), np.int64)
        clock.count_missing(
            streams["clock"], streams["seasons"], MOST_MISSING, rows, times, missing
        )
        return missing
