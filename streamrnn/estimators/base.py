"""What the estimators share: hyperparameters, features, streams, and growth as features appear."""

from collections.abc import Iterable, Mapping
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from streamrnn.cells import CELLS
from streamrnn.errors import nearest
from streamrnn.estimators.columns import LARGEST, Columns
from streamrnn.layers.stack import Layer
from streamrnn.learner.growth import take_over
from streamrnn.learner.learner import Learner
from streamrnn.learner.lessons import Truncation
from streamrnn.learner.network import Architecture
from streamrnn.learner.optimization import OPTIMIZERS, SCHEDULES, Optimization


class RecurrentEstimator:
    """A recurrent network over one stream, or over many."""

    _loss = "squared"

    def __init__(
        self,
        cell: str = "lstm",
        hidden: int = 32,
        layers: int = 1,
        window: int = 16,
        stride: int = 1,
        optimizer: str = "adam",
        learning_rate: float = 0.003,
        schedule: str = "inverse_root",
        norm: bool = False,
        seed: int = 1,
        key: str | None = None,
        max_streams: int = 100_000,
        own_weights: bool = False,
    ) -> None:
        """Make an estimator that has learned nothing.

        Args:
            cell: ``rnn``, ``lstm`` or ``gru``.
            hidden: Units of each layer.
            layers: Layers one above the other, with skips.
            window: Steps that a gradient goes back.
            stride: Steps from one learning step to the next.
            optimizer: ``sgd``, ``rmsprop``, ``adam`` or ``adamw``.
            learning_rate: The rate before the schedule.
            schedule: ``constant``, ``inverse_root`` (the rate falls with the learning steps n as
                1 / sqrt(1 + 0.001 n)) or ``exponential`` (exp(-0.001 n)).
            norm: RMSNorm before the gates.
            seed: Of the first weights.
            key: Name of the feature that names the stream; without it all events are one stream.
            max_streams: Beyond it the stream idle longest is forgotten.
            own_weights: Each stream has weights of its own, instead of all sharing them.

        Raises:
            ValueError: A hyperparameter is out of its range.
        """
        self.cell, self.hidden, self.layers = cell, hidden, layers
        self.window, self.stride = window, stride
        self.optimizer, self.learning_rate = optimizer, learning_rate
        self.schedule, self.norm = schedule, norm
        self.seed, self.key = seed, key
        self.max_streams, self.own_weights = max_streams, own_weights
        check_hyperparameters(self)
        self._columns = Columns()
        self._outputs_of: dict[Any, int] = {}
        self._use(self._make(inputs=1, outputs=1))

    @property
    def learning_steps(self) -> int:
        """Learning steps so far."""
        return self._learner.step

    @property
    def undone_steps(self) -> int:
        """Steps that were undone, since an output or the gradient was not finite."""
        return self._learner.undone

    def _outputs_for(self, inputs: int, outputs: int) -> int:
        """Outputs of a network of so many inputs."""
        return outputs

    def _fields(self, inputs: int) -> tuple[tuple[str, DTypeLike, tuple[int, ...]], ...]:
        """What else a stream keeps."""
        return ()

    def _make(self, inputs: int, outputs: int) -> Learner:
        return Learner(
            Architecture(
                layers=(Layer(self.cell, self.hidden),) * self.layers,
                inputs=inputs,
                outputs=self._outputs_for(inputs, outputs),
                loss=self._loss,
                norm=self.norm,
                seed=self.seed,
            ),
            Optimization(self.optimizer, self.learning_rate, schedule=self.schedule),
            Truncation(self.window, self.stride),
            fields=self._fields(inputs),
            max_streams=self.max_streams,
            own_weights=self.own_weights,
        )

    def _use(self, learner: Learner) -> None:
        self._learner, architecture = learner, learner.network.architecture
        self._width = architecture.inputs
        # Room for one event, so that it is not made anew for each.
        self._row, self._target = np.zeros(1, np.int64), np.zeros((1, architecture.targets))
        self._output = np.zeros((1, architecture.outputs))

    def _grow(self, inputs: int, outputs: int) -> None:
        former, grown = self._learner, self._make(inputs, outputs)
        take_over(former, grown)
        grown.leave_unscaled(self._columns.categorical)
        self._use(grown)

    def _add(self, names: list[Any]) -> None:
        """Give columns to new features, with room for half as many again where there were some."""
        first = not len(self._columns)
        self._columns.add(names)
        needed = len(self._columns)
        if needed > self._width:
            outputs = self._learner.network.architecture.outputs
            self._grow(needed if first else needed + needed // 2, outputs)
        else:
            self._learner.leave_unscaled(self._columns.categorical)

    def _outputs(self, x: Mapping[Any, Any]) -> NDArray[np.float64]:
        """Return the network's outputs for the next step of a stream; nothing changes.

        They stand until the next call.
        """
        key, features = split(self.key, x)
        outputs: NDArray[np.float64] = self._output[0]
        self._learner.predict(key, self._columns.row(features, self._width), outputs)
        return outputs

    def _event(self, x: Mapping[Any, Any]) -> tuple[str, NDArray[np.float64]]:
        """Return the stream and the inputs of an event, whose features get columns.

        Raises:
            ValueError: Something is wrong with it; nothing has changed.
        """
        key, features = split(self.key, x)
        row = self._columns.row(features, self._width)
        if not self._columns.complete:
            self._add(self._columns.missing(features))
            row = self._columns.row(features, self._width)
        return key, row

    def _learn(self, key: str, row: NDArray[np.float64], target: float) -> None:
        """Advance a stream by a step, and learn from its target."""
        self._row[0], self._target[0, 0] = self._learner.streams.row(key), target
        self._learner.predict_and_learn(self._row, row.reshape(1, -1), self._target, self._output)

    def _many(
        self, X: ArrayLike, y: NDArray[np.float64], keys: Iterable[str] | None
    ) -> NDArray[np.float64]:
        """Return the outputs for events, each made before it is learned."""
        given = np.asarray(X, dtype=np.float64)
        if given.ndim != 2 or y.shape != given.shape[:1]:
            raise ValueError(
                f"expected X (events, features) and y (events,), got {given.shape} and {y.shape}"
            )
        # A copy: kernels are compiled for arrays that are contiguous and can be written.
        targets = np.array(y[:, np.newaxis], order="C")
        wrong = np.argwhere(~(np.abs(given) <= LARGEST))
        if len(wrong):
            event, feature = wrong[0]
            raise ValueError(
                f"event {event}, feature {feature}: expected a finite number within "
                f"±{LARGEST:g}, got {given[event, feature]}"
            )
        if (keys is None) != (self.key is None):
            expected = "none, since key is not set" if self.key is None else "one an event"
            raise ValueError(f"keys: expected {expected}")
        named = None if keys is None else [str(key) for key in keys]
        if named is not None and len(named) != len(given):
            raise ValueError(f"expected {len(given)} keys, one an event, got {len(named)}")
        names = list(range(given.shape[1]))
        if missing := self._columns.missing(dict.fromkeys(names, 0.0)):
            self._add(missing)
        inputs = np.full((len(given), self._width), np.nan)
        inputs[:, [self._columns.of(name) for name in names]] = given
        outputs = np.empty((len(given), self._learner.network.architecture.outputs))
        streams = self._learner.streams
        if named is None:
            rows = np.full(len(given), streams.row("") if len(given) else 0)
            self._learner.predict_and_learn(rows, inputs, targets, outputs)
            return outputs
        # A row may be given to another stream once its own is idle longest, so no more streams
        # are looked up ahead than there is room for.
        for start in range(0, len(named), self.max_streams):
            part = slice(start, start + self.max_streams)
            rows = np.array([streams.row(key) for key in named[part]])
            self._learner.predict_and_learn(rows, inputs[part], targets[part], outputs[part])
        return outputs


def split(key: str | None, x: Mapping[Any, Any]) -> tuple[str, Mapping[Any, Any]]:
    """Return the stream's name and the features beside it.

    Raises:
        ValueError: The feature that names the stream is not there.
    """
    if key is None:
        return "", x
    if x.get(key) is None:
        raise ValueError(f"{key}: expected the name of a stream, got nothing{nearest(key, x)}")
    return str(x[key]), {name: value for name, value in x.items() if name != key}


def check_hyperparameters(estimator: Any) -> None:
    """Check those that all estimators have.

    Raises:
        ValueError: One is out of its range.
    """
    check_name("cell", estimator.cell, CELLS)
    check_name("optimizer", estimator.optimizer, OPTIMIZERS)
    check_name("schedule", estimator.schedule, SCHEDULES)
    for name in ("hidden", "layers", "window", "stride", "max_streams"):
        check_whole(name, getattr(estimator, name), 1)
    check_whole("seed", estimator.seed, 0)
    if not isinstance(estimator.norm, bool) or not isinstance(estimator.own_weights, bool):
        raise ValueError("norm, own_weights: expected True or False")
    rate = estimator.learning_rate
    if not isinstance(rate, int | float) or not 0 < rate <= 10:
        raise ValueError(
            "learning_rate: expected a number above 0 and at most 10, "
            f"got {estimator.learning_rate!r}"
        )


def check_name(parameter: str, name: str, known: Iterable[str]) -> None:
    """Check that a name is one of those that are known.

    Raises:
        ValueError: It is not; names the nearest.
    """
    if name not in known:
        raise ValueError(
            f"{parameter}: expected one of {', '.join(known)}, got {name!r}{nearest(name, known)}"
        )


def check_whole(parameter: str, value: Any, least: int) -> None:
    """Check that a number is whole and not too small.

    Raises:
        ValueError: It is not.
    """
    if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
        raise ValueError(f"{parameter}: expected a whole number of at least {least}, got {value!r}")
