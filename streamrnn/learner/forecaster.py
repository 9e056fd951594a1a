"""Forecasting a stream's next values: what the network sees, and what it is taught.

The network never sees raw units. Its inputs are the value, standardised, the last change, for each
known season how the same step went a season ago, and the features, standardised; what it predicts
is the change from the last value, in units of the mean size of such a change.
"""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import DTypeLike, NDArray

from streamrnn.arrays import aligned_zeros
from streamrnn.kernels.products import Array
from streamrnn.kernels.scaling import scale, update_scaling
from streamrnn.layers.stack import Layer
from streamrnn.learner.learner import FORGETTING, LIMIT, Learner, Lesson, Truncation
from streamrnn.learner.network import Architecture
from streamrnn.learner.optimization import Optimization

CHANGE_FORGETTING = 0.01
"""The least weight of a new change in the running mean of their size."""


@dataclass(frozen=True, slots=True)
class Hyperparameters:
    """What a forecaster is made of; the fields are those of the configuration."""

    features: int
    horizon: int = 1
    season: tuple[int, ...] = ()
    cell: str = "lstm"
    hidden: int = 32
    layers: int = 1
    optimization: Optimization = field(default_factory=Optimization)
    window: int = 16
    stride: int = 1
    seed: int = 1
    max_streams: int = 100_000
    norm: bool = False
    own_weights: bool = False
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is expected of a stream, and how the forecast before it turned out.

    Attributes:
        values: The next ``horizon`` values in the value's unit; None before any value is known.
        error: Absolute error of the former forecast's first value; None where this step's value is
            not known, or nothing was forecast.
        last_value_error: The same, had the last value been the forecast.
    """

    values: NDArray[np.float64] | None
    error: float | None
    last_value_error: float | None


class Forecaster:
    """Forecasts the next ``horizon`` values of each of many streams, and learns as they come."""

    def __init__(self, hyperparameters: Hyperparameters) -> None:
        h = self._h = hyperparameters
        truncation = Truncation(h.window, h.stride, lag=h.horizon)
        # The same step a season ago, for the first and the last value that is forecast.
        self._seasonal = [(ahead, s) for s in h.season for ahead in sorted({1, h.horizon})]
        self._history = max(h.horizon, 1, *(_back(*pair) for pair in self._seasonal)) + 1
        self.learner = Learner(
            Architecture(
                layers=(Layer(h.cell, h.hidden),) * h.layers,
                inputs=h.features + 2 + len(self._seasonal),
                outputs=h.horizon,
                loss="huber",
                norm=h.norm,
                seed=h.seed,
            ),
            h.optimization,
            truncation,
            max_streams=h.max_streams,
            fields=self._fields(),
            own_weights=h.own_weights,
            enabled=h.enabled,
        )
        self.streams = self.learner.streams
        network = self.learner.network
        self._inputs = aligned_zeros(network.architecture.inputs, network.dtype)
        self._scaled = aligned_zeros(1 + h.features, network.dtype)

    def _fields(self) -> tuple[tuple[str, DTypeLike, tuple[int, ...]], ...]:
        scaled, horizon = (self._h.features + 1,), (self._h.horizon,)
        return (
            ("count", np.float64, scaled),
            ("mean", np.float64, scaled),
            ("variance", np.float64, scaled),
            ("values", np.float64, (self._history,)),
            ("values_known", np.int64, ()),
            ("change_count", np.float64, horizon),
            ("change_size", np.float64, horizon),
            ("expected", np.float64, horizon),
        )

    def predict(self, row: int, features: NDArray[np.float64], value: float) -> Forecast:
        """Take a stream's next step, and forecast the values after it.

        Args:
            row: The stream's row in ``streams``.
            features: This step's features, NaN where one is not known, ``(F,)``.
            value: This step's value, NaN if it is not known: the last one then stands for it.

        Raises:
            RecordError: The network's output is not finite.
        """
        streams = self.streams
        values, observed = streams["values"][row], not math.isnan(value)
        had = int(streams["values_known"][row])
        if not observed and not had:
            return Forecast(None, None, None)
        error = last_value_error = None
        if observed and had:
            error = abs(value - float(streams["expected"][row, 0]))
            last_value_error = abs(value - float(values[-1]))
        values[:-1] = values[1:]
        if observed:
            values[-1] = value
        known = streams["values_known"][row] = min(had + 1, self._history)
        if observed:
            self._measure_changes(row, values, known)

        size = streams["change_size"][row]
        outputs = self.learner.advance(row, self._network_inputs(row, features, value))
        forecast = values[-1] + size * outputs
        streams["expected"][row] = forecast
        return Forecast(forecast, error, last_value_error)

    def _measure_changes(self, row: int, values: NDArray[np.float64], known: int) -> None:
        """Update the mean size of a change over each number of steps up to the horizon."""
        reach = min(self._h.horizon, known - 1)
        changes = np.abs(values[-1] - values[-2 : -2 - reach : -1])
        count = self.streams["change_count"][row, :reach]
        size = self.streams["change_size"][row, :reach]
        count += 1
        size += np.maximum(1 / count, CHANGE_FORGETTING) * (changes - size)

    def _network_inputs(self, row: int, features: NDArray[np.float64], value: float) -> Array:
        streams, inputs = self.streams, self._inputs
        values, size = streams["values"][row], _units(streams["change_size"][row])
        known = streams["values_known"][row]
        step, scaled = np.append(value, features), self._scaled
        count, mean = streams["count"][row], streams["mean"][row]
        variance = streams["variance"][row]
        update_scaling(step, count, mean, variance, FORGETTING)
        scale(step, count, mean, variance, LIMIT, scaled)
        now, seasonal = values[-1], 2 + len(self._seasonal)
        inputs[0] = scaled[0]
        inputs[1] = _cut((now - values[-2]) / size[0]) if known > 1 else 0
        for column, (ahead, season) in enumerate(self._seasonal, start=2):
            back = _back(ahead, season)
            inputs[column] = 0
            if back < known:
                inputs[column] = _cut((values[-1 - back] - now) / size[ahead - 1])
        inputs[seasonal:] = scaled[1:]
        return inputs

    def ahead(self, row: int, steps: int) -> NDArray[np.float64]:
        """Return the next ``steps`` values of a stream, as forecast at its newest step.

        Up to the horizon they come from the network at once; beyond it forecasts are taken for
        values and forecast from, which is weaker the further it goes. The stream stays as it is.
        """
        streams, horizon = self.streams, self._h.horizon
        made = [streams["expected"][row].copy()]
        saved = self.learner.saved(row)
        unknown = np.full(self._h.features, math.nan)
        try:
            with self.learner.without_learning():
                while len(made) * horizon < steps:
                    for value in made[-1]:
                        self.predict(row, unknown, float(value))
                    made.append(streams["expected"][row].copy())
        finally:
            self.learner.undo(row, saved)
        return np.concatenate(made)[:steps]

    def learn(self, row: int, value: float) -> Lesson | None:
        """Learn from the value of the step that was last predicted from.

        Raises:
            RecordError: The gradient is not finite; nothing was learned.
        """
        streams = self.streams
        if not self._h.enabled or not streams["values_known"][row]:
            return None
        if not math.isnan(value):
            values = streams["values"][row]
            units = _units(streams["change_size"][row])
            reach = min(self._h.horizon, int(streams["values_known"][row]) - 1)
            for ahead in range(1, reach + 1):
                change = (value - values[-1 - ahead]) / units[ahead - 1]
                self.learner.teach(row, back=ahead, output=ahead - 1, target=change)
        return self.learner.learn(row)


def _back(ahead: int, season: int) -> int:
    """Return how many steps ago the newest step lay that has the season's place of one to come."""
    return -ahead % season


def _units(size: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return mean sizes of changes as divisors: 1 for a value that never changed."""
    return np.where(size > 0, size, 1.0)


def _cut(number: float) -> float:
    return min(max(number, -LIMIT), LIMIT)
