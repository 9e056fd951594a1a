"""The steps that streams take for some events: those that are missing between them, too."""

from dataclasses import fields, replace

import numpy as np
from numpy.typing import NDArray

from streamrnn.learner.calibration import Judgement
from streamrnn.learner.clock import Ticks
from streamrnn.learner.forecaster import Forecasts


class Steps:
    """Events, and before each as many steps without a value as are missing.

    Args:
        rows: The row of each event's stream, ``(E,)``.
        features: ``(E, F)``.
        values: ``(E,)``.
        ticks: How many steps are missing before each event, and how long one takes.

    Attributes:
        rows: Of all steps.
        features: Of all steps; NaN where one is missing.
        values: The same.
        intervals: Of all steps.
    """

    def __init__(
        self,
        rows: NDArray[np.int64],
        features: NDArray[np.float64],
        values: NDArray[np.float64],
        ticks: Ticks,
    ) -> None:
        self.rows, self.features, self.values = rows, features, values
        self.intervals, missing = ticks.intervals, ticks.missing
        self._places: NDArray[np.int64] | None = None
        if missing.any():
            self._places = np.cumsum(missing + 1) - 1
            count = int(self._places[-1]) + 1
            self.rows = np.repeat(rows, missing + 1)
            self.intervals = np.repeat(ticks.intervals, missing + 1)
            self.features = np.full((count, features.shape[1]), np.nan)
            self.values = np.full(count, np.nan)
            self.features[self._places], self.values[self._places] = features, values

    def of_events(self, forecasts: Forecasts, judgement: Judgement) -> tuple[Forecasts, Judgement]:
        """Return what was made of all steps for the events alone."""
        places = self._places
        if places is None:
            return forecasts, judgement
        made = {f.name: getattr(forecasts, f.name) for f in fields(forecasts)}
        cut = {name: array[places] for name, array in made.items() if name != "opinions"}
        judged = {f.name: getattr(judgement, f.name)[places] for f in fields(judgement)}
        opinions = forecasts.opinions[:, places]
        return replace(forecasts, **cut, opinions=opinions), replace(judgement, **judged)
