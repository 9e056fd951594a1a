"""The label, or the number, that goes with each reading of a stream whose past matters.

A network carries its state from reading to reading; beside it a linear part sees the reading alone,
and the last target of the stream is told to come again. Each learns from its own error, and what
they think is mixed.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamrnn.errors import RecordError
from streamrnn.kernels.blending import normalise
from streamrnn.kernels.linear import linear_forward
from streamrnn.kernels.wide import learn_dense
from streamrnn.layers.stack import Layer
from streamrnn.learner.growth import take_over
from streamrnn.learner.learner import Learner
from streamrnn.learner.lessons import Truncation
from streamrnn.learner.network import Architecture
from streamrnn.learner.optimization import Optimization
from streamrnn.learner.sequences.blend import Blend
from streamrnn.learner.sequences.experts import wider
from streamrnn.learner.sequences.frames import Scaling
from streamrnn.learner.sequences.labelled import logs_of
from streamrnn.learner.sequences.labels import Label, Labels, room_for
from streamrnn.learner.state import State

NONE = -1
"""The last label of a stream that has had none."""
LINEAR_RATE, FIRST_SQUARE = 0.1, 0.1
PRIOR = 1.0
"""The weight of all labels alike, in what follows a label."""

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
        lag: Steps that a label may come later.
        most_labels: The largest number of labels.
        max_streams: The largest number of streams.
        own_weights: Whether each stream has a network of its own.
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
    enabled: bool = True
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Thought:
    """What is thought of a reading, before its label is seen.

    Attributes:
        step: Of its stream, from 0.
        seen: The reading in units of its deviation, ``(F,)``.
        last: The label before it; NONE for none.
        opinions: The log of how likely each label is by each expert, ``(E, L)``.
        shares: By all of them, ``(L,)``.
    """

    step: int
    seen: NDArray[np.float64]
    last: int
    opinions: NDArray[np.float64]
    shares: NDArray[np.float64]


class ReadingClassifier:
    """Predicts the label of each reading, then learns it.

    Attributes:
        labels: Those that are known.
    """

    def __init__(self, hyperparameters: Hyperparameters) -> None:
        self._h = hyperparameters
        self.labels = Labels(hyperparameters.most_labels)
        self._room = room_for(0)
        self.learner = self._make(self._room)
        width = hyperparameters.features
        self._scaling = Scaling(width)
        self._weights = np.zeros((width + 1, self._room))
        self._squares = np.full((width + 1, self._room), FIRST_SQUARE)
        self._followed = np.zeros((self._room, self._room))
        self._blend = Blend(("last_label", "wide", "network"), self._room)

    def _make(self, outputs: int) -> Learner:
        h = self._h
        return Learner(
            Architecture(
                (Layer(h.cell, h.hidden),) * h.layers,
                h.features,
                outputs,
                "softmax",
                norm=h.norm,
                seed=h.seed,
            ),
            h.optimization,
            Truncation(h.window, h.stride, h.lag),
            max_streams=h.max_streams,
            fields=(("label", np.int64, ()), ("taken", np.int64, ())),
            first={"label": np.array(NONE)},
            own_weights=h.own_weights,
        )

    @property
    def weights(self) -> dict[str, float]:
        """What each opinion weighs."""
        return self._blend.weights

    def answer(self, key: str, reading: NDArray[np.float64]) -> Thought:
        """Return what is thought of a stream's next reading; nothing changes.

        Args:
            key: The stream.
            reading: ``(F,)``; NaN where a number is not known.
        """
        learner, known = self.learner, len(self.labels)
        row = learner.streams.find(key)
        step, last = 0, NONE
        if row is not None:
            step = int(learner.streams["taken"][row])
            last = int(learner.streams["label"][row])
        # A number that is not known stands at its mean.
        seen = np.nan_to_num(self._scaling.scaled(reading[np.newaxis])[0].astype(np.float64))
        if not known:
            return Thought(step, seen, last, np.zeros((0, 0)), np.zeros(0))
        outputs = np.zeros(self._room)
        learner.predict(key, reading, outputs)
        opinions = np.array(
            [self._last_opinion(last, known), self._linear(seen)[:known], logs_of(outputs[:known])]
        )
        return Thought(step, seen, last, opinions, self._blend.shares(opinions))

    def _last_opinion(self, last: int, known: int) -> NDArray[np.float64]:
        if last == NONE:
            return np.zeros(known)
        counts = self._followed[last, :known] + PRIOR / known
        chances: NDArray[np.float64] = np.log(counts / counts.sum())
        return chances

    def _linear(self, seen: NDArray[np.float64]) -> NDArray[np.float64]:
        outputs = np.empty(self._room)
        linear_forward(self._weights, seen[np.newaxis], outputs[np.newaxis])
        return outputs

    def take(
        self, key: str, reading: NDArray[np.float64], thought: Thought, label: Label | None
    ) -> None:
        """Take a step of a stream, and learn its label if that is known.

        Args:
            key: The stream.
            reading: As it was answered.
            thought: What was thought of it just before.
            label: Becomes known if it is new; None teaches nothing.

        Raises:
            ValueError: There are too many labels; nothing has changed.
            RecordError: The network's output or gradient is not finite.
        """
        number = None if label is None else self.labels.number(label)
        if number is not None and room_for(len(self.labels)) > self._room:
            self._grow(room_for(len(self.labels)))
        row = self.learner.streams.row(key)
        learning = number is not None and self._h.enabled
        target = np.full((1, 1), float(number) if learning and number is not None else np.nan)
        made, undone = np.zeros((1, self._room)), self.learner.undone
        self.learner.predict_and_learn(np.array([row]), reading[np.newaxis], target, made)
        self.learner.streams["taken"][row] += 1
        if self.learner.undone > undone:
            raise RecordError("learning", "the network's output or gradient is not finite")
        if self._h.enabled:
            filled = np.where(np.isnan(reading), self._scaling.numbers[1], reading)
            self._scaling.take_in(filled[np.newaxis])
            if number is not None:
                if number < len(thought.shares):
                    self._blend.learn(thought.opinions, thought.shares, number)
                self._learn_beside(thought.seen, thought.last, number)
        if number is not None:
            self.learner.streams["label"][row] = number

    def teach(
        self, key: str, step: int, seen: NDArray[np.float64], last: int, label: Label
    ) -> None:
        """Learn the label of an earlier step; the network does if it still holds the step.

        Args:
            key: The stream.
            step: As it was thought of, and so the two that follow.
            seen: ``(F,)``.
            last: The label before it.
            label: Becomes known if it is new.

        Raises:
            ValueError: There are too many labels; nothing has changed.
        """
        number = self.labels.number(label)
        if not self._h.enabled:
            return
        if room_for(len(self.labels)) > self._room:
            self._grow(room_for(len(self.labels)))
        self._learn_beside(seen, last, number)
        row = self.learner.streams.find(key)
        if row is not None:
            back = int(self.learner.streams["taken"][row]) - 1 - step
            self.learner.teach(row, back, 0, float(number))
            self.learner.streams["label"][row] = number

    def _learn_beside(self, seen: NDArray[np.float64], last: int, number: int) -> None:
        self._learn_linear(seen, number)
        if last != NONE:
            self._followed[last, number] += 1

    def _learn_linear(self, seen: NDArray[np.float64], number: int) -> None:
        shares = self._linear(seen)[: len(self.labels)].copy()
        normalise(shares)
        shares[number] -= 1
        slope = np.zeros(self._room)
        slope[: len(shares)] = shares
        learn_dense(seen, slope, self._weights, self._squares, LINEAR_RATE)

    def _grow(self, room: int) -> None:
        grown = self._make(room)
        take_over(self.learner, grown)
        self.learner, self._room = grown, room
        self._weights = wider(self._weights, room)
        self._squares = wider(self._squares, room, FIRST_SQUARE)
        self._followed = wider(wider(self._followed, room).T.copy(), room).T.copy()
        self._blend.grow(room)

    def state(self, since: int = 0) -> State:
        """Return what to go on from; see `Learner.state`."""
        state = self.learner.state(since)
        details = {**state.details, "labels": list(self.labels)}
        return replace(state, tensors={**state.tensors, **self._tensors()}, details=details)

    def _tensors(self) -> dict[str, NDArray[Any]]:
        return {
            **self._blend.tensors(),
            "scaling": self._scaling.numbers,
            "linear_weights": self._weights,
            "linear_squares": self._squares,
            "followed": self._followed,
        }

    def restore(self, state: State) -> None:
        """Take over a whole state."""
        self.labels.restore(state.details["labels"])
        if room_for(len(self.labels)) > self._room:
            self._grow(room_for(len(self.labels)))
        for name, array in self._tensors().items():
            array[:] = state.tensors[name]
        self.learner.restore(state)
