"""Running errors of the network and of those that it is compared with."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from streamrnn.tasks.forecast import Answer


def _smoother(values: Iterable[float]) -> Any:
    """Return River's smoother, which has learned the values so far."""
    # Of the settings tried on the water's flow the one with the least error: trend and season,
    # additive or not, made it worse. River's methods carry no types, hence the import.
    smoother = import_module("river.time_series").HoltWinters(alpha=0.9)
    for value in values:
        smoother.learn_one(value)
    return smoother


@dataclass
class Series:
    """One stream: its times, its values, and the forecast of each made one step before."""

    times: list[object] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    forecasts: list[float | None] = field(default_factory=list)
    following: float | None = None
    smoother: Any = None


class Scores:
    """Mean absolute errors one step ahead, of all over the same values.

    Attributes:
        series: The streams by their keys.
        newest: The stream of the last record.
        events: Predictions so far.
    """

    def __init__(self) -> None:
        self.series: dict[object, Series] = {}
        self.newest = Series()
        self.events = 0
        self._scored = 0
        self._errors = {"LSTM with experts": 0.0, "last value": 0.0, "River HoltWinters": 0.0}

    def score(self, answer: Answer) -> None:
        """Score the forecasts made before a value, then let the smoother learn it."""
        prediction = answer.prediction
        series = self.newest = self.series.setdefault(prediction.key, Series())
        series.times.append(prediction.time)
        series.values.append(answer.value)
        series.forecasts.append(series.following)
        series.following = prediction.prediction[0] if prediction.prediction else None
        # River's smoother needs two values before it forecasts. It is made only then: importing it
        # takes longer than all that comes before the first prediction.
        if len(series.values) > 2 and not math.isnan(answer.error):
            series.smoother = series.smoother or _smoother(series.values[:-1])
            smoothed = series.smoother.forecast(1)[0]
            self._errors["LSTM with experts"] += answer.error
            self._errors["last value"] += answer.last_value_error
            self._errors["River HoltWinters"] += abs(smoothed - answer.value)
            self._scored += 1
            series.smoother.learn_one(answer.value)
        self.events += 1

    def table(self) -> list[tuple[str, float, float]]:
        """Return ``(name, mean absolute error, relative to the last value's)`` for each."""
        base = self._errors["last value"] or 1.0
        return [(n, e / max(self._scored, 1), e / base) for n, e in self._errors.items()]
