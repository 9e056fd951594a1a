"""A network over sequences whose labels become known as they come: it grows an output for each."""

from dataclasses import replace
from typing import Any

import numpy as np
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
        memories: How many memories tell the network what they know of each step.
        pooled: Whether a sequence has one label; else each step has one.

    Attributes:
        labels: Those that are known.
    """

    def __init__(
        self, hyperparameters: Hyperparameters, width: int, memories: int, *, pooled: bool
    ) -> None:
        super().__init__(hyperparameters, width, memories, room_for(0), pooled=pooled)
        self.labels = Labels(hyperparameters.most_labels)

    def _loss(self, outputs: Array, targets: NDArray[Any], doutputs: Array) -> float:
        known = len(self.labels)
        wanted = targets.astype(np.float32)[:, np.newaxis]
        slope = np.empty((len(outputs), known), np.float32)
        mine = np.ascontiguousarray(outputs[:, :known])
        loss: float = losses.softmax(mine, wanted, wanted >= 0, slope)
        doutputs[:, :known] = slope
        return loss

    def _make_room(self) -> None:
        """Grow until there is room for all labels."""
        if room_for(len(self.labels)) > self._room:
            self._grow(room_for(len(self.labels)))

    def _grow(self, room: int) -> None:
        former, self._room = self._room, room
        if self._reader:
            places = [n * room + k for n in range(self._memories) for k in range(former)]
            places = list(range(self._width)) if self._framed else places
            self._reader.grow(places, self._numbers, room)

    def state(self) -> State:
        """Return what to go on from."""
        state = super().state()
        return replace(state, details={**state.details, "labels": list(self.labels)})

    def restore(self, state: State) -> None:
        """Take over a whole state."""
        self.labels.restore(state.details["labels"])
        self._make_room()
        super().restore(state)


def logs_of(outputs: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the logs of the softmax of outputs ``(..., L)``, L at least 1."""
    logs = outputs.astype(np.float64)
    logs -= logs.max(-1, keepdims=True)
    normalised: NDArray[np.float64] = logs - np.log(np.exp(logs).sum(-1, keepdims=True))
    return normalised
