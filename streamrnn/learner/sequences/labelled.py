"""A network over sequences whose labels become known as they come: it grows an output for each."""

from dataclasses import replace
from typing import Any

from numpy.typing import NDArray

from streamrnn.kernels import losses
from streamrnn.kernels.products import Array
from streamrnn.learner.sequences.base import SequenceLearner
from streamrnn.learner.sequences.hyperparameters import Hyperparameters
from streamrnn.learner.sequences.labels import Labels, room_for
from streamrnn.learner.state import State


class LabelLearner(SequenceLearner):
    """What learns labels.

    Args:
        hyperparameters: What it is made of.
        width: Numbers of a frame, where steps are numbers.
        remembered: Whether the network sees what memories know of each step.
        pooled: Whether a sequence has one label; else each step has one.

    Attributes:
        labels: Those that are known.
    """

    def __init__(
        self, hyperparameters: Hyperparameters, width: int, *, remembered: bool, pooled: bool
    ) -> None:
        super().__init__(hyperparameters, width, room_for(0), remembered=remembered, pooled=pooled)
        self.labels = Labels(hyperparameters.most_labels)

    def _loss(self, outputs: Array, targets: NDArray[Any], doutputs: Array) -> float:
        loss: float = losses.first_softmax(outputs, targets, len(self.labels), doutputs)
        return loss

    def _make_room(self) -> None:
        """Grow until there is room for all labels."""
        if room_for(len(self.labels)) > self._room:
            self._grow(room_for(len(self.labels)))

    def _grow(self, room: int) -> None:
        former, self._room = self._room, room
        if self._reader:
            kept = self._width if self._framed else former * self._remembered
            self._reader.grow(range(kept), self._numbers, room)

    def state(self) -> State:
        """Return what to go on from."""
        state = super().state()
        return replace(state, details={**state.details, "labels": list(self.labels)})

    def restore(self, state: State) -> None:
        """Take over a whole state."""
        self.labels.restore(state.details["labels"])
        self._make_room()
        super().restore(state)
