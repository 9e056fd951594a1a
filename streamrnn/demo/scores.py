"""Running errors of the network and of those that it is compared with."""

from dataclasses import dataclass, field
from importlib import import_module

from streamrnn.learner.learner import Lesson
from streamrnn.records import DeadLetter
from streamrnn.tasks.forecast import Answer


@dataclass
class Scores:
    """Mean absolute errors one step ahead, each over the same values.

    Attributes:
        times: The time of each record, as it came.
        values: The value of each record.
        forecasts: The forecast of each value, made one step before; the first has none.
        errors: Sums of absolute errors by name.
    """

    times: list[object] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    forecasts: list[float | None] = field(default_factory=list)
    errors: dict[str, float] = field(
        default_factory=lambda: {"LSTM": 0.0, "last value": 0.0, "River HoltWinters": 0.0}
    )
    scored: int = 0

    def __post_init__(self) -> None:
        # Of the settings tried on this stream the one with the least error: trend and season,
        # additive or not, made it worse. River's methods carry no types, hence the import.
        self._smoother = import_module("river.time_series").HoltWinters(alpha=0.9)
        self._expected: float | None = None

    def answered(
        self, answer: Answer, lesson: Lesson | None, predict_seconds: float, learn_seconds: float
    ) -> None:
        """Score the forecasts made before this value, then let the smoother learn it."""
        forecast = answer.forecast
        self.times.append(answer.prediction["time"])
        self.values.append(answer.value)
        self.forecasts.append(self._expected)
        self._expected = None if forecast.values is None else float(forecast.values[0])
        # Holt's smoother needs two values before it forecasts.
        if (
            len(self.values) > 2
            and forecast.error is not None
            and forecast.last_value_error is not None
        ):
            smoothed = self._smoother.forecast(1)[0]
            self.errors["LSTM"] += forecast.error
            self.errors["last value"] += forecast.last_value_error
            self.errors["River HoltWinters"] += abs(smoothed - answer.value)
            self.scored += 1
        self._smoother.learn_one(answer.value)

    def set_aside(self, letter: DeadLetter) -> None:
        """Do nothing: a dead letter has no value."""

    def table(self) -> list[tuple[str, float, float]]:
        """Return ``(name, mean absolute error, relative to the last value's)`` for each."""
        base = self.errors["last value"] or 1.0
        return [(n, e / max(self.scored, 1), e / base) for n, e in self.errors.items()]
