"""Truncated backpropagation through time over live streams.

The work is done by `streamrnn.kernels.online`, which says how; here are the arrays it works on.
"""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from streamrnn.arrays import aligned_copy
from streamrnn.errors import RecordError
from streamrnn.kernels import events, model, online
from streamrnn.kernels.products import Array
from streamrnn.learner.lessons import Lesson, Totals, Truncation
from streamrnn.learner.network import Architecture, Network
from streamrnn.learner.optimization import Optimization
from streamrnn.learner.state import State
from streamrnn.learner.streams import Streams

FORGETTING = 0.001
"""The least weight of a new value in running statistics."""
LIMIT = 8.0
"""Scaled values are cut at this many deviations: one spike must not outweigh a thousand records."""


class Tables(NamedTuple):
    """The arrays that a kernel works on: a row for each model, then one for each stream."""

    models: NDArray[Any]
    updates: NDArray[np.int64]
    scalings: NDArray[np.float64]
    numbers: NDArray[Any]
    known: NDArray[np.bool_]
    counters: NDArray[np.int64]


class Learner:
    """Advances streams, and learns from what their steps turned out to be.

    Args:
        architecture: What the network is made of.
        optimization: How its parameters are changed.
        truncation: Window, stride and lag.
        max_streams: The largest number of streams.
        fields: What else a stream keeps, for the caller's own use.
        first: What these begin as, where that is not zero.
        own_weights: Each stream has a model of its own.
        enabled: Without it streams advance, but keep nothing to learn from.
        dtype: Type of all numbers of the network.
    """

    def __init__(
        self,
        architecture: Architecture,
        optimization: Optimization,
        truncation: Truncation,
        *,
        max_streams: int = 100_000,
        fields: tuple[tuple[str, DTypeLike, tuple[int, ...]], ...] = (),
        first: Mapping[str, NDArray[Any]] | None = None,
        own_weights: bool = False,
        enabled: bool = True,
        dtype: DTypeLike = np.float32,
    ) -> None:
        if any(layer.bidirectional for layer in architecture.layers):
            raise ValueError("bidirectional layers are for whole sequences, not for live streams")
        self.truncation, self._enabled, self._own = truncation, enabled, own_weights
        span = truncation.span
        net = self.network = Network(architecture, span, dtype)
        optimization.fill(net.shape, net.settings)
        self._optimization = optimization
        net.shape[model.WINDOW], net.shape[model.STRIDE] = truncation.window, truncation.stride
        net.shape[model.LAG], net.shape[model.OWN] = truncation.lag, own_weights
        net.settings[model.FORGETTING], net.settings[model.LIMIT] = FORGETTING, LIMIT

        a = architecture
        columns = 3, a.given + a.targets
        numbers = 2 * net.state_size + span * (a.given + a.targets)
        mine: list[tuple[str, DTypeLike, tuple[int, ...]]] = [
            ("numbers", net.dtype, (numbers,)),
            ("known", np.bool_, (span * a.targets,)),
            ("counters", np.int64, (2,)),
        ]
        if own_weights:
            mine += [
                ("models", net.dtype, net.model.shape),
                ("updates", np.int64, (2,)),
                ("scalings", np.float64, columns),
            ]
        self._scaling = np.zeros(columns)
        if a.symbols:
            self._scaling[events.COUNT, 0] = -1
        if a.loss in ("softmax", "logistic"):
            self._scaling[events.COUNT, a.given :] = -1
        begin = {"models": net.model, "scalings": self._scaling, **(first or {})}
        self.streams = Streams([*mine, *fields], max_streams, begin)
        self._shared: dict[str, NDArray[Any]] = {
            "models": net.model[np.newaxis],
            "updates": np.zeros((1, 2), np.int64),
            "scalings": self._scaling[np.newaxis].copy(),
        }
        self._version = -1
        self.cache = np.array([-1, 0], np.int64)
        self.report = np.zeros(online.REPORT_NUMBERS)

    def of_model(self, name: str) -> NDArray[Any]:
        """Return ``models``, ``updates`` or ``scalings``: a row for each model."""
        return self.streams[name] if self._own else self._shared[name]

    @property
    def first_scaling(self) -> NDArray[np.float64]:
        """Return count, mean and variance as a new model has them, ``(3, I + G)``."""
        return self._scaling

    def leave_unscaled(self, columns: list[int]) -> None:
        """Pass these columns of the inputs to the network as they come."""
        self._scaling[events.COUNT, columns] = -1
        self.of_model("scalings")[:, events.COUNT, columns] = -1

    def tables(self) -> Tables:
        """Return the tables where they are now; they move when a stream is added."""
        if self._version != self.streams.version:
            self._version = self.streams.version
            models = self.streams if self._own else self._shared
            streams = self.streams
            self._current = Tables(
                *(models[name] for name in ("models", "updates", "scalings")),
                *(streams[name] for name in ("numbers", "known", "counters")),
            )
        return self._current

    def workings(
        self,
    ) -> tuple[
        NDArray[np.int64],
        NDArray[np.int64],
        NDArray[np.float64],
        Array,
        NDArray[np.int64],
        Array,
        Array,
        NDArray[np.int64],
        Array,
        NDArray[np.bool_],
        NDArray[np.int64],
    ]:
        """Return what kernels of whole tasks begin with: from the plan to the counters."""
        net, tables = self.network, self.tables()
        return (
            net.plan,
            net.shape,
            net.settings,
            tables.models,
            tables.updates,
            net.gradient,
            net.workspace,
            self.cache,
            tables.numbers,
            tables.known,
            tables.counters,
        )

    def _blank(self) -> Tables:
        """Return tables whose only stream has had no step."""
        tables, row = self.tables(), slice(1)
        return Tables(
            self.network.model[np.newaxis] if self._own else tables.models,
            np.zeros_like(tables.updates[row]),
            self._scaling[np.newaxis] if self._own else tables.scalings,
            np.zeros_like(tables.numbers[row]),
            np.zeros_like(tables.known[row]),
            np.zeros_like(tables.counters[row]),
        )

    def _model(self, row: int) -> int:
        return row if self._own else 0

    @property
    def step(self) -> int:
        """Learning steps so far."""
        return int(self.report[online.ALL_UPDATES])

    @property
    def undone(self) -> int:
        """Steps that were undone, since an output or the gradient was not finite."""
        return int(self.report[online.ALL_UNDONE])

    @property
    def totals(self) -> Totals:
        """What learning came to so far."""
        report = self.report
        return Totals(
            self.step,
            self.undone,
            float(report[online.ALL_LOSS]),
            float(report[online.ALL_NORM]),
            int(report[online.ALL_CLIPPED]),
            self.streams.evicted,
        )

    @property
    def learning_rate(self) -> float:
        """The rate of the next learning step; of several models', the one that has learned most."""
        updates = int(self.of_model("updates")[:, online.UPDATES].max())
        return self._optimization.rate(updates + 1)

    @property
    def weights_norm(self) -> float:
        """The norm of all parameters; NaN where each stream has its own."""
        return math.nan if self._own else float(np.linalg.norm(self.network.parameters))

    def advance(self, row: int, given: Array) -> Array:
        """Take one step of a stream; return its outputs ``(O,)``, a view.

        Args:
            row: The stream's row.
            given: The step's inputs or its symbol, ``(GIVEN,)``, of the network's type.

        Raises:
            RecordError: The outputs are not finite; the stream is as it was before.
        """
        net, tables = self.network, self.tables()
        place = online.advance(
            net.plan,
            net.shape,
            tables.models[self._model(row)],
            net.workspace,
            self.cache,
            tables.numbers,
            tables.known,
            tables.counters,
            row,
            given[np.newaxis],
            self._enabled,
            *net.uses,
        )
        if place == -2:
            raise RuntimeError("a stream was advanced without learning until its window was full")
        if place < 0:
            self.report[online.ALL_UNDONE] += 1
            raise RecordError("learning", "the network's output for this record is not finite")
        width = net.architecture.outputs
        start = int(net.shape[model.OUTPUTS_AT]) + place * width
        return net.workspace[start : start + width]

    def teach(self, row: int, back: int, output: int, target: float) -> None:
        """Set one target of the step that lies ``back`` steps before a stream's newest.

        A step that the stream no longer keeps, or has not had, is passed over.
        """
        streams, a = self.streams, self.network.architecture
        place = int(streams["counters"][row, online.LENGTH]) - 1 - back
        if place >= 0:
            span, at = self.truncation.span, place * a.targets + output
            start = 2 * self.network.state_size + span * a.given
            streams["numbers"][row, start + at] = target
            streams["known"][row, at] = True

    def learn(self, row: int) -> Lesson | None:
        """Take a learning step if a stream's ``stride`` is full.

        Raises:
            RecordError: The gradient is not finite; no parameter has changed.
        """
        net, tables, own = self.network, self.tables(), self._model(row)
        result = online.learn(
            net.plan,
            net.shape,
            net.settings,
            tables.models[own],
            tables.updates[own],
            net.gradient,
            net.workspace,
            self.cache,
            tables.numbers,
            tables.known,
            tables.counters,
            row,
            self.report,
            *net.uses,
        )
        if result == online.UNDID:
            raise RecordError("learning", "the gradient of this record is not finite")
        if result == online.NOTHING:
            return None
        return Lesson(float(self.report[online.LOSS_NOW]), float(self.report[online.NORM_NOW]))

    def predict(
        self, key: str, inputs: NDArray[np.float64], prediction: NDArray[np.float64]
    ) -> None:
        """Fill ``prediction (O,)`` for a stream's next step; nothing else changes.

        Args:
            key: The stream; one that is not known has a state of zero.
            inputs: The step's inputs ``(I,)``, in their own units; NaN where one is not known.
            prediction: In the targets' own units.
        """
        net, row = self.network, self.streams.find(key)
        tables = self.tables() if row is not None else self._blank()
        events.predict(
            net.plan,
            net.shape,
            net.settings,
            tables.models,
            tables.scalings,
            net.workspace,
            self.cache,
            tables.numbers,
            tables.counters,
            row or 0,
            inputs,
            prediction,
            *net.uses,
        )

    def predict_and_learn(
        self,
        rows: NDArray[np.int64],
        inputs: NDArray[np.float64],
        targets: NDArray[np.float64],
        predictions: NDArray[np.float64],
    ) -> None:
        """Predict each event of an array, then learn from it, in order.

        Args:
            rows: The stream of each event, ``(E,)``.
            inputs: ``(E, I)``, in their own units; NaN where one is not known.
            targets: ``(E, G)``, in their own units; NaN where one is not known.
            predictions: Filled, ``(E, O)``; NaN where the network's output is not finite.
        """
        net, tables = self.network, self.tables()
        events.predict_and_learn(
            net.plan,
            net.shape,
            net.settings,
            tables.models,
            tables.updates,
            tables.scalings,
            net.gradient,
            net.workspace,
            self.cache,
            tables.numbers,
            tables.known,
            tables.counters,
            rows,
            inputs,
            targets,
            predictions,
            self.report,
            *net.uses,
        )

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Come back from a pickle or a copy, with arrays aligned and shared as they were."""
        self.__dict__.update(state)
        net = self.network
        net.workspace, net.gradient = aligned_copy(net.workspace), aligned_copy(net.gradient)
        if not self._own:
            net.model = aligned_copy(self._shared["models"][0])
            self._shared["models"] = net.model[np.newaxis]
        self._version = -1

    def state(self, since: int = 0) -> State:
        """Return what to go on from.

        Args:
            since: Of the streams, only those that had an event after the first ``since``.
        """
        shared = {} if self._own else self._shared
        keys, rows = self.streams.state(since)
        details = {"events": self.streams.events, "evicted": self.streams.evicted}
        tensors = {**shared, "report": self.report}
        return State(tensors, keys, rows, details, self.streams.keys())

    def restore(self, state: State) -> None:
        """Take over a whole state."""
        if not self._own:
            for name, array in self._shared.items():
                array[:] = state.tensors[name]
        self.report[:] = state.tensors["report"]
        self.streams.restore(state.keys, state.rows, state.details["evicted"])
        self.streams.events = state.details["events"]
        self.cache[online.OWNER] = -1

    def saved(self, row: int) -> dict[str, NDArray[Any]]:
        """Return a copy of a stream, for `undo`; its weights are never to be undone."""
        return self.streams.saved(row, besides=("models", "updates"))

    def undo(self, row: int, saved: Mapping[str, NDArray[Any]]) -> None:
        """Make a stream again what it was when its row was `saved`."""
        self.streams.undo(row, saved)
        self.cache[online.OWNER] = -1
