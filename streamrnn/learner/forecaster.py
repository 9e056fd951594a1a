"""Forecasting the next values of streams, and learning as they come.

The work is done by `streamrnn.kernels.forecasts`, which says what the network sees and what it is
taught; here are the arrays it works on.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike, NDArray

from streamrnn.errors import RecordError
from streamrnn.kernels import forecasts, online
from streamrnn.kernels.drift import WATCH
from streamrnn.kernels.history import RAW
from streamrnn.layers.stack import Layer
from streamrnn.learner import experts
from streamrnn.learner.calibration import Calibrator, Judgement
from streamrnn.learner.clock import Clock
from streamrnn.learner.experts import make_experts
from streamrnn.learner.history import History, Past
from streamrnn.learner.learner import Learner
from streamrnn.learner.lessons import Truncation
from streamrnn.learner.mixture import Mixture
from streamrnn.learner.network import Architecture
from streamrnn.learner.optimization import Optimization

OUTPUT_UNDONE = forecasts.OUTPUT_UNDONE
"""The outcome of an event that led to an output that is not finite, and was undone."""
GRADIENT_UNDONE = forecasts.GRADIENT_UNDONE
"""The same, of a gradient."""


OPTIMIZATION = Optimization(decay=0.01, clip=0.25)
"""What was found best on series: they are noisy, and a rate that falls soon averages more."""


@dataclass(frozen=True, slots=True)
class Hyperparameters:
    """What a forecaster is made of; the fields are those of the configuration."""

    features: int
    horizon: int = 1
    season: tuple[int, ...] = ()
    longest_season: int = 400
    cell: str = "lstm"
    hidden: int = 8
    layers: int = 1
    optimization: Optimization = OPTIMIZATION
    window: int = 8
    stride: int = 1
    seed: int = 1
    max_streams: int = 100_000
    norm: bool = False
    own_weights: bool = False
    enabled: bool = True
    coverage: float = 0.9
    alarm_rate: float = 0.005
    experts: tuple[str, ...] = experts.NAMES


@dataclass(frozen=True, slots=True)
class Forecasts:
    """What is expected of each event's stream, and how the forecast before it turned out.

    Attributes:
        values: The next ``horizon`` values in the value's unit, ``(E, horizon)``; NaN before any
            value of the stream is known.
        opinions: What the network and each expert forecast, in the order of ``Forecaster.experts``,
            ``(K, E, horizon)``; NaN where there is nothing to say.
        shares: What they weigh at the first and the last step, ``(E, K, 2)``.
        error: Absolute error of the former forecast's first value, ``(E,)``; NaN where the event's
            value is not known, or nothing was forecast.
        last_value_error: The same, had the last value been the forecast, ``(E,)``.
        change: The mean size of the stream's changes before the event, in which its errors are
            comparable with those of others, ``(E,)``; NaN where there is no error.
        loss: Of the network's learning step that the event led to, ``(E,)``; NaN where there was
            none.
        step: Learning steps of all streams before the event, ``(E,)``.
        outcome: 0, or why the network was left as it had been before the event: OUTPUT_UNDONE or
            GRADIENT_UNDONE, ``(E,)``.
    """

    values: NDArray[np.float64]
    opinions: NDArray[np.float64]
    shares: NDArray[np.float64]
    error: NDArray[np.float64]
    last_value_error: NDArray[np.float64]
    change: NDArray[np.float64]
    loss: NDArray[np.float64]
    step: NDArray[np.int64]
    outcome: NDArray[np.int64]


class Forecaster:
    """Forecasts the next ``horizon`` values of each of many streams, and learns as they come.

    An event goes one way: what its stream's past says of it, then the network and the experts, each
    by itself, then the mixture of all.

    Attributes:
        clock: Tells which steps are missing.
        experts: The names of all that is mixed.
        learner: The network's.
        streams: Of all of them.
    """

    def __init__(self, hyperparameters: Hyperparameters) -> None:
        h = self._h = hyperparameters
        self._calibrator = Calibrator(h.horizon, h.coverage, h.alarm_rate)
        self._history = History(h.horizon, h.season, h.longest_season)
        self._experts = make_experts(h.experts, h.horizon, self._history)
        self.experts = ("network", *(expert.name for expert in self._experts))
        self._mixture = Mixture(len(self.experts), h.horizon)
        # The network has a bias of its own.
        self._features = self._history.traits - 1 + h.features
        own = self._fields()
        self._memory = [name for name, _, _ in own]
        self.clock = Clock(max(h.season, default=0))
        fields = [
            *own,
            *self.clock.fields,
            *self._history.fields,
            *self._mixture.fields,
            *self._calibrator.fields,
        ]
        first = {**self._history.first, "network_expected": np.array(math.nan)}
        for expert in self._experts:
            fields += expert.fields
            first.update(expert.first)
        self.learner = Learner(
            Architecture(
                layers=(Layer(h.cell, h.hidden),) * h.layers,
                inputs=1 + self._features,
                outputs=h.horizon,
                loss="huber",
                norm=h.norm,
                seed=h.seed,
            ),
            h.optimization,
            Truncation(h.window, h.stride, lag=h.horizon),
            max_streams=h.max_streams,
            fields=tuple(fields),
            first=first,
            own_weights=h.own_weights,
            enabled=h.enabled,
        )
        self.streams = self.learner.streams
        tables = self.learner.tables()
        # Room for a stream as it was before an event.
        self._kept = (
            np.zeros((3, 1 + self._features)),
            np.zeros_like(tables.numbers[0]),
            np.zeros_like(tables.known[0]),
        )

    def _fields(self) -> tuple[tuple[str, DTypeLike, tuple[int, ...]], ...]:
        scaled = (1 + self._features,)
        # In the order of `streamrnn.kernels.forecasts.Memory`.
        return (
            ("count", np.float64, scaled),
            ("mean", np.float64, scaled),
            ("variance", np.float64, scaled),
            ("network_expected", np.float64, ()),
            ("network_watch", np.float64, (WATCH,)),
        )

    def predict_and_learn(
        self,
        rows: NDArray[np.int64],
        features: NDArray[np.float64],
        values: NDArray[np.float64],
        intervals: NDArray[np.float64] | None = None,
    ) -> Forecasts:
        """Work through events in order: forecast from each, then learn from what it decides.

        However events are cut into runs, the numbers have the same bits.

        Args:
            rows: Each event's row in ``streams``, ``(E,)``; none may have been given to another
                stream within the run.
            features: The features, NaN where one is not known, ``(E, F)``.
            values: The values, NaN where one is not known, ``(E,)``: the stream's last one then
                stands for it.
            intervals: How long a step of each event's stream takes, in seconds, NaN where that is
                not known, ``(E,)``: it tells which seasons are likely.
        """
        if intervals is None:
            intervals = np.full(len(rows), math.nan)
        return self._run(rows, features, values, intervals, learning=self._h.enabled)

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
        intervals: NDArray[np.float64],
        *,
        learning: bool,
    ) -> Forecasts:
        # For arrays of other types or strides the kernels would be compiled once more.
        rows, values = (
            np.ascontiguousarray(rows, np.int64),
            np.ascontiguousarray(values, np.float64),
        )
        streams = self.streams
        past = self._history.look_back(streams, rows, values, intervals)
        opinions = np.empty((len(self.experts), len(rows), self._h.horizon))
        loss, step, outcome = self._network(features, past, opinions[0], learning)
        for expert, opinion in zip(self._experts, opinions[1:], strict=True):
            expert.forecast(streams, past, opinion, learning=learning)
        mixed = self._mixture.mix(streams, past, opinions, learning=learning)
        return Forecasts(
            mixed.values,
            opinions,
            mixed.shares,
            mixed.error,
            past.changed,
            past.change,
            loss,
            step,
            outcome,
        )

    def _network(
        self,
        features: NDArray[np.float64],
        past: Past,
        opinions: NDArray[np.float64],
        learning: bool,
    ) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
        """Fill the network's opinions; return losses, learning steps and outcomes."""
        learner, streams, events = self.learner, self.streams, len(past.rows)
        memory = forecasts.Memory(*[streams[name] for name in self._memory])
        loss, step = np.empty(events), np.empty(events, np.int64)
        outcome = np.empty(events, np.int64)
        forecasts.predict_and_learn(
            *learner.workings(),
            *memory,
            *self._kept,
            past.rows,
            np.hstack([past.traits[:, RAW, 1:], features]),
            past.values,
            past.surprise,
            past.baseline,
            past.scale,
            opinions,
            loss,
            step,
            outcome,
            learner.report,
            learning,
            *learner.network.uses,
        )
        return loss, step, outcome

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
        no_interval = np.full(horizon, math.nan)
        try:
            while len(made) * horizon < steps:
                further = self._run(rows, unknown, made[-1], no_interval, learning=False)
                if further.outcome.any():
                    raise RecordError("learning", "a forecast is not finite")
                made.append(further.values[-1])
        finally:
            learner.undo(row, saved)
            # A question is no event of the stream.
            learner.report[online.ALL_UNDONE] = undone
        return np.concatenate(made)[:steps]
