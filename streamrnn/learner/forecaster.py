"""Forecasting the next values of streams, and learning as they come.

The work is done by `streamrnn.kernels.forecasts`, which says what the network sees and what it is
taught; here are the arrays it works on.
"""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import DTypeLike, NDArray

from streamrnn.errors import RecordError
from streamrnn.kernels import forecasts, online
from streamrnn.layers.stack import Layer
from streamrnn.learner.calibration import Calibrator, Judgement
from streamrnn.learner.learner import Learner, Truncation
from streamrnn.learner.network import Architecture
from streamrnn.learner.optimization import Optimization

OUTPUT_UNDONE = forecasts.OUTPUT_UNDONE
"""The outcome of an event that led to an output that is not finite, and was undone."""
GRADIENT_UNDONE = forecasts.GRADIENT_UNDONE
"""The same, of a gradient."""


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
    coverage: float = 0.9


@dataclass(frozen=True, slots=True)
class Forecasts:
    """What is expected of each event's stream, and how the forecast before it turned out.

    An event that was undone has no numbers but its step and its outcome.

    Attributes:
        values: The next ``horizon`` values in the value's unit, ``(E, horizon)``; NaN before any
            value of the stream is known.
        error: Absolute error of the former forecast's first value, ``(E,)``; NaN where the event's
            value is not known, or nothing was forecast.
        last_value_error: The same, had the last value been the forecast, ``(E,)``.
        change: The mean size of the stream's changes before the event, in which its errors are
            comparable with those of others, ``(E,)``; NaN where there is no error.
        loss: Of the learning step that the event led to, ``(E,)``; NaN where there was none.
        step: Learning steps of all streams before the event, ``(E,)``.
        outcome: 0, or why the event was undone: OUTPUT_UNDONE or GRADIENT_UNDONE, ``(E,)``.
        opinions: What each of the ``K`` experts forecasts, ``(E, K, horizon)``; NaN where it says
            nothing.
        shares: The weight of each expert in the values, at the first and at the last step,
            ``(E, K, 2)``.
    """

    values: NDArray[np.float64]
    error: NDArray[np.float64]
    last_value_error: NDArray[np.float64]
    change: NDArray[np.float64]
    loss: NDArray[np.float64]
    step: NDArray[np.int64]
    outcome: NDArray[np.int64]
    opinions: NDArray[np.float64]
    shares: NDArray[np.float64]


class Forecaster:
    """Forecasts the next ``horizon`` values of each of many streams, and learns as they come.

    Attributes:
        experts: The names of all whose forecasts are mixed; the network's is ``"network"``.
    """

    experts: tuple[str, ...] = ("network",)

    def __init__(self, hyperparameters: Hyperparameters) -> None:
        h = self._h = hyperparameters
        truncation = Truncation(h.window, h.stride, lag=h.horizon)
        # The same step a season ago, for the first and the last value that is forecast.
        places = [(ahead, _back(ahead, s)) for s in h.season for ahead in sorted({1, h.horizon})]
        self._seasons = np.array(places, np.int64).reshape(-1, 2)
        self._calibrator = Calibrator(h.horizon, h.coverage)
        self._history = max(h.horizon, *(back for _, back in places), 1) + 1
        fields = self._fields()
        self._memory = [name for name, _, _ in fields]
        self.learner = Learner(
            Architecture(
                layers=(Layer(h.cell, h.hidden),) * h.layers,
                inputs=h.features + 2 + len(places),
                outputs=h.horizon,
                loss="huber",
                norm=h.norm,
                seed=h.seed,
            ),
            h.optimization,
            truncation,
            max_streams=h.max_streams,
            fields=(*fields, *self._calibrator.fields),
            own_weights=h.own_weights,
            enabled=h.enabled,
        )
        self.streams = self.learner.streams
        tables = self.learner.tables()
        # Room for a stream as it was before an event.
        self._kept = (
            np.zeros((3, 1 + h.features)),
            np.zeros((2, h.horizon)),
            np.zeros_like(tables.numbers[0]),
            np.zeros_like(tables.known[0]),
        )

    def _fields(self) -> tuple[tuple[str, DTypeLike, tuple[int, ...]], ...]:
        scaled, horizon = (self._h.features + 1,), (self._h.horizon,)
        # In the order of `Memory`.
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

    def predict_and_learn(
        self,
        rows: NDArray[np.int64],
        features: NDArray[np.float64],
        values: NDArray[np.float64],
    ) -> Forecasts:
        """Work through events in order: forecast from each, then learn from what it decides.

        However events are cut into runs, the numbers have the same bits.

        Args:
            rows: Each event's row in ``streams``, ``(E,)``; none may have been given to another
                stream within the run.
            features: The features, NaN where one is not known, ``(E, F)``.
            values: The values, NaN where one is not known, ``(E,)``: the stream's last one then
                stands for it.
        """
        return self._run(rows, features, values, learning=self._h.enabled)

    def judge(
        self, rows: NDArray[np.int64], values: NDArray[np.float64], made: Forecasts
    ) -> Judgement:
        """Say how sure the forecasts of `predict_and_learn` are, and how unusual the values."""
        return self._calibrator.surround(self.streams, rows, values, made.values)

    def _run(
        self,
        rows: NDArray[np.int64],
        features: NDArray[np.float64],
        values: NDArray[np.float64],
        *,
        learning: bool,
    ) -> Forecasts:
        learner, streams, events = self.learner, self.streams, len(rows)
        net, tables = learner.network, learner.tables()
        memory = forecasts.Memory(*[streams[name] for name in self._memory])
        values_ahead = np.empty((events, self._h.horizon))
        result = Forecasts(
            values_ahead,
            np.empty(events),
            np.empty(events),
            np.empty(events),
            np.empty(events),
            np.empty(events, np.int64),
            np.empty(events, np.int64),
            values_ahead[:, None, :],
            np.ones((events, 1, 2)),
        )
        forecasts.predict_and_learn(
            net.plan,
            net.shape,
            net.settings,
            tables.models,
            tables.updates,
            net.gradient,
            net.workspace,
            learner.cache,
            tables.numbers,
            tables.known,
            tables.counters,
            *memory,
            self._seasons,
            *self._kept,
            # For arrays of other types or strides the kernel would be compiled once more.
            np.ascontiguousarray(rows, np.int64),
            np.ascontiguousarray(features, np.float64),
            np.ascontiguousarray(values, np.float64),
            result.values,
            result.error,
            result.last_value_error,
            result.change,
            result.loss,
            result.step,
            result.outcome,
            learner.report,
            learning,
            *net.uses,
        )
        return result

    def ahead(self, row: int, steps: int) -> NDArray[np.float64]:
        """Return the next ``steps`` values of a stream, as forecast at its newest step.

        Up to the horizon they come from the network at once; beyond it forecasts are taken for
        values and forecast from, which is weaker the further it goes. The stream stays as it is.

        Raises:
            RecordError: An output of the network is not finite.
        """
        horizon, learner = self._h.horizon, self.learner
        saved, undone = learner.saved(row), learner.undone
        made = [self.streams["expected"][row].copy()]
        rows, unknown = np.full(horizon, row), np.full((horizon, self._h.features), math.nan)
        try:
            while len(made) * horizon < steps:
                further = self._run(rows, unknown, made[-1], learning=False)
                if further.outcome.any():
                    raise RecordError("learning", "a forecast is not finite")
                made.append(further.values[-1])
        finally:
            learner.undo(row, saved)
            # A question is no event of the stream.
            learner.report[online.ALL_UNDONE] = undone
        return np.concatenate(made)[:steps]


def _back(ahead: int, season: int) -> int:
    """Return how many steps ago the newest step lay that has the season's place of one to come."""
    return -ahead % season
