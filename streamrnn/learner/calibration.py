"""How sure forecasts are: intervals that hold, and how unusual a value is.

The work is done by `streamrnn.kernels.intervals`, which says how; here are the arrays it works on.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import DTypeLike, NDArray

from streamrnn.kernels import intervals, rarity
from streamrnn.kernels.drift import WATCH
from streamrnn.learner.mixture import doubling_places
from streamrnn.learner.streams import Streams


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is said of each event's forecasts, and of its value.

    Attributes:
        lower: Where the intervals around the forecasts begin, ``(E, horizon)``; NaN as long as no
            forecast of the stream was judged.
        upper: Where they end, the same.
        anomaly: How unusual the value is, from 0 to 1: the share of the stream's errors that are
            smaller for their time, ``(E,)``; NaN where nothing was judged.
        covered: Whether the value lay within the interval around the forecast of one step, 1 or 0,
            ``(E,)``; NaN where there was none.
        drift: Whether the value shows that the stream's errors have grown, ``(E,)``.
        alarm: Whether the value is the first of a run of unusual ones, ``(E,)``.
    """

    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    anomaly: NDArray[np.float64]
    covered: NDArray[np.float64]
    drift: NDArray[np.bool_]
    alarm: NDArray[np.bool_]


class Calibrator:
    """Surrounds forecasts by intervals, learning from each value how far they are to reach.

    Args:
        horizon: How many steps are forecast.
        coverage: The share of values that the intervals are to hold.
        alarm_rate: How rare a value must be to raise an alarm.
    """

    def __init__(self, horizon: int, coverage: float, alarm_rate: float) -> None:
        self._places = np.array(doubling_places(horizon), np.int64)
        self._coverage, self._alarm_rate = coverage, alarm_rate
        # How far that of a normal distribution reaches, in units of its mean absolute error.
        self._first_multiple = NormalDist().inv_cdf((1 + coverage) / 2) * math.sqrt(math.pi / 2)

    @property
    def fields(self) -> tuple[tuple[str, DTypeLike, tuple[int, ...]], ...]:
        """What is kept of each stream, in the order of `intervals.surround`."""
        return (
            ("steps", np.int64, ()),
            ("pending", np.float64, (int(self._places.sum()), intervals.PENDING)),
            ("scales", np.float64, (len(self._places), intervals.SCALE)),
            ("error_counts", np.float64, (2, rarity.BINS)),
            ("error_watch", np.float64, (WATCH,)),
            ("quiet", np.int64, ()),
        )

    def surround(
        self,
        streams: Streams,
        rows: NDArray[np.int64],
        values: NDArray[np.float64],
        forecasts: NDArray[np.float64],
    ) -> Judgement:
        """Judge what was forecast of each event, then surround its own forecasts, in order.

        Args:
            streams: Have the `fields`.
            rows: The row of each event's stream, ``(E,)``.
            values: Its value, NaN where it is not known, ``(E,)``.
            forecasts: ``(E, horizon)``; an event is passed over where they are NaN.
        """
        judgement = Judgement(
            np.empty_like(forecasts),
            np.empty_like(forecasts),
            np.empty(len(rows)),
            np.empty(len(rows)),
            np.empty(len(rows), np.bool_),
            np.empty(len(rows), np.bool_),
        )
        steps, pending, scales, counts, watch, quiet = (streams[name] for name, _, _ in self.fields)
        intervals.surround(
            self._places,
            self._coverage,
            self._first_multiple,
            self._alarm_rate,
            steps,
            pending,
            scales,
            counts,
            watch,
            quiet,
            rows,
            values,
            forecasts,
            judgement.lower,
            judgement.upper,
            judgement.anomaly,
            judgement.covered,
            judgement.drift,
            judgement.alarm,
        )
        return judgement
