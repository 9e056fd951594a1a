"""The label that goes with each reading.

A network carries its state from reading to reading; beside it a linear part sees the reading alone,
and what follows the last label of the stream is counted. Each learns from its own error, and what
they think is mixed.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.blending import normalise
from streamrnn.learner.growth import take_over
from streamrnn.learner.readings.base import FIRST_SQUARE, Hyperparameters, ReadingLearner
from streamrnn.learner.sequences.blend import Blend
from streamrnn.learner.sequences.experts import wider, wider_square
from streamrnn.learner.sequences.labels import Label, Labels, room_for
from streamrnn.learner.state import State

NONE = -1
"""The last label of a stream that has had none."""
PRIOR = 1.0
"""The weight of all labels alike, in what follows a label."""


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


class ReadingClassifier(ReadingLearner):
    """Predicts the label of each reading, then learns it.

    Args:
        hyperparameters: What it is made of.

    Attributes:
        labels: Those that are known.
    """

    def __init__(self, hyperparameters: Hyperparameters) -> None:
        fields = (("label", np.int64, ()),)
        first = {"label": np.array(NONE)}
        super().__init__(hyperparameters, room_for(0), "softmax", fields, first)
        self.labels = Labels(hyperparameters.most_labels)
        self._followed = np.zeros((self._room, self._room))
        self._blend = Blend(("last_label", "wide", "network"), self._room)

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
        known, seen = len(self.labels), self._seen(reading)
        step, last = self._field("taken", key, 0), self._field("label", key, NONE)
        if not known:
            return Thought(step, seen, last, np.zeros((0, 0)), np.zeros(0))
        outputs = self._outputs(key, reading)
        opinions = np.array(
            [self._last_opinion(last, known), self._linear(seen)[:known], outputs[:known]]
        )
        return Thought(step, seen, last, opinions, self._blend.shares(opinions))

    def _last_opinion(self, last: int, known: int) -> NDArray[np.float64]:
        if last == NONE:
            return np.zeros(known)
        counts = self._followed[last, :known] + PRIOR / known
        chances: NDArray[np.float64] = np.log(counts / counts.sum())
        return chances

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
            RecordError: There are too many labels; nothing has changed.
            RecordError: The network's output or gradient is not finite.
        """
        number = self._number(label)
        row = self._advance(key, reading, np.nan if number is None else float(number))
        if number is None:
            return
        if self._h.enabled:
            if number < len(thought.shares):
                self._blend.learn(thought.opinions, thought.shares, number)
            self._learn_beside(thought.seen, thought.last, number)
        self.learner.streams["label"][row] = number

    def _number(self, label: Label | None) -> int | None:
        """Return the number of a label, for which there is room."""
        if label is None:
            return None
        number = self.labels.number(label)
        if room_for(len(self.labels)) > self._room:
            self._grow(room_for(len(self.labels)))
        return number

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
            RecordError: There are too many labels; nothing has changed.
        """
        number = self._number(label)
        assert number is not None
        row = self.learner.streams.find(key)
        if self._h.enabled:
            self._learn_beside(seen, last, number)
            if row is not None:
                back = int(self.learner.streams["taken"][row]) - 1 - step
                self.learner.teach(row, back, 0, float(number))
        if row is not None:
            self.learner.streams["label"][row] = number

    def _learn_beside(self, seen: NDArray[np.float64], last: int, number: int) -> None:
        shares = self._linear(seen)[: len(self.labels)].copy()
        normalise(shares)
        shares[number] -= 1
        slope = np.zeros(self._room)
        slope[: len(shares)] = shares
        self._learn_linear(seen, slope)
        if last != NONE:
            self._followed[last, number] += 1

    def _grow(self, room: int) -> None:
        grown = self._make(room)
        take_over(self.learner, grown)
        self.learner, self._room = grown, room
        self._weights = wider(self._weights, room)
        self._squares = wider(self._squares, room, FIRST_SQUARE)
        self._followed = wider_square(self._followed, room)
        self._blend.grow(room)

    def state(self, since: int = 0) -> State:
        """Return what to go on from; see `Learner.state`."""
        state = super().state(since)
        return replace(state, details={**state.details, "labels": list(self.labels)})

    def _tensors(self) -> dict[str, NDArray[Any]]:
        return {**super()._tensors(), **self._blend.tensors(), "followed": self._followed}

    def restore(self, state: State) -> None:
        """Take over a whole state."""
        self.labels.restore(state.details["labels"])
        if room_for(len(self.labels)) > self._room:
            self._grow(room_for(len(self.labels)))
        super().restore(state)
