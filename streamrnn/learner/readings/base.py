"""What learners of readings share: the network, whose state goes on, and the scale of features."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from streamrnn.errors import RecordError
from streamrnn.kernels.linear import linear_forward
from streamrnn.kernels.wide import learn_dense
from streamrnn.layers.stack import Layer
from streamrnn.learner.learner import Learner
from streamrnn.learner.lessons import Truncation
from streamrnn.learner.network import Architecture
from streamrnn.learner.optimization import Optimization
from streamrnn.learner.sequences.frames import Scaling
from streamrnn.learner.state import State

LINEAR_RATE, FIRST_SQUARE = 0.1, 0.1
OPTIMIZATION = Optimization()


@dataclass(frozen=True, slots=True)
class Hyperparameters:
    """What a learner of readings is made of; the fields are those of the configuration.

    Attributes:
        features: Numbers of a reading.
        cell: Of the network, and so the six that follow.
        hidden: Units of a layer.
        layers: How many.
        norm: Whether RMSNorm stands before the gates.
        optimization: How it learns.
        window: Steps that gradients go back.
        stride: Steps from one learning step to the next.
        lag: Steps that a target may come later.
        most_labels: The largest number of labels.
        max_streams: The largest number of streams.
        own_weights: Whether each stream has a network of its own.
        coverage: The share of numbers that intervals are to hold.
        enabled: Whether anything is learned.
        seed: Of the first weights.
    """

    features: int
    cell: str = "lstm"
    hidden: int = 8
    layers: int = 1
    norm: bool = False
    optimization: Optimization = OPTIMIZATION
    window: int = 8
    stride: int = 1
    lag: int = 0
    most_labels: int = 256
    max_streams: int = 100_000
    own_weights: bool = False
    coverage: float = 0.9
    enabled: bool = True
    seed: int = 1


class ReadingLearner:
    """A network over streams of readings, and a linear part that sees each reading alone.

    Args:
        hyperparameters: What it is made of.
        outputs: Of both.
        loss: Of the network.
        fields: What else a stream keeps.
        first: What these begin as.
    """

    def __init__(
        self,
        hyperparameters: Hyperparameters,
        outputs: int,
        loss: str,
        fields: tuple[tuple[str, DTypeLike, tuple[int, ...]], ...],
        first: dict[str, NDArray[Any]],
    ) -> None:
        self._h, self._loss, self._room = hyperparameters, loss, outputs
        self._fields = (*fields, ("taken", np.int64, ()))
        self._first = first
        self.learner = self._make(outputs)
        width = hyperparameters.features
        self._scaling = Scaling(width)
        self._weights = np.zeros((width + 1, outputs))
        self._squares = np.full((width + 1, outputs), FIRST_SQUARE)

    def _make(self, outputs: int) -> Learner:
        h = self._h
        return Learner(
            Architecture(
                (Layer(h.cell, h.hidden),) * h.layers,
                h.features,
                outputs,
                self._loss,
                norm=h.norm,
                seed=h.seed,
            ),
            h.optimization,
            Truncation(h.window, h.stride, h.lag),
            max_streams=h.max_streams,
            fields=self._fields,
            first=self._first,
            own_weights=h.own_weights,
        )

    def _field(self, name: str, key: str, otherwise: float) -> Any:
        """Return what a stream keeps, or what a new one would."""
        row = self.learner.streams.find(key)
        return otherwise if row is None else self.learner.streams[name][row].item()

    def _seen(self, reading: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return a reading in units of its deviation; what is not known stands at its mean."""
        scaled = self._scaling.scaled(reading[np.newaxis])[0].astype(np.float64)
        return np.where(np.isnan(scaled), 0.0, scaled)

    def _outputs(self, key: str, reading: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what the network says of a stream's next reading; nothing changes."""
        outputs = np.zeros(self._room)
        self.learner.predict(key, reading, outputs)
        return outputs

    def _linear(self, seen: NDArray[np.float64]) -> NDArray[np.float64]:
        outputs = np.empty(self._room)
        linear_forward(self._weights, seen[np.newaxis], outputs[np.newaxis])
        return outputs

    def _learn_linear(self, seen: NDArray[np.float64], slope: NDArray[np.float64]) -> None:
        learn_dense(seen, slope, self._weights, self._squares, LINEAR_RATE)

    def _advance(self, key: str, reading: NDArray[np.float64], target: float) -> int:
        """Take a step of a stream, whose target may be NaN; return the stream's row.

        Raises:
            RecordError: The network's output or gradient is not finite.
        """
        row, undone = self.learner.streams.row(key), self.learner.undone
        known = target if self._h.enabled else np.nan
        made = np.zeros((1, self._room))
        targets = np.full((1, 1), known)
        self.learner.predict_and_learn(np.array([row]), reading[np.newaxis], targets, made)
        self.learner.streams["taken"][row] += 1
        if self.learner.undone > undone:
            raise RecordError("learning", "the network's output or gradient is not finite")
        if self._h.enabled:
            filled = np.where(np.isnan(reading), self._scaling.numbers[1], reading)
            self._scaling.take_in(filled[np.newaxis])
        return row

    def state(self, since: int = 0) -> State:
        """Return what to go on from; see `Learner.state`."""
        state = self.learner.state(since)
        return replace(state, tensors={**state.tensors, **self._tensors()})

    def _tensors(self) -> dict[str, NDArray[Any]]:
        """Return what is learned beside the network, views."""
        return {
            "scaling": self._scaling.numbers,
            "linear_weights": self._weights,
            "linear_squares": self._squares,
        }

    def restore(self, state: State) -> None:
        """Take over a whole state."""
        for name, array in self._tensors().items():
            array[:] = state.tensors[name]
        self.learner.restore(state)
