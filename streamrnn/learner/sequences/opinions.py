"""What memories and linear parts think of the label of a whole sequence."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.blending import normalise
from streamrnn.learner.sequences.experts import NO_RATIOS, Memory
from streamrnn.learner.sequences.frames import Frames
from streamrnn.learner.sequences.hyperparameters import Hyperparameters
from streamrnn.learner.sequences.linears import Linears, Look, Outputs
from streamrnn.learner.sequences.ngrams import GRAMS
from streamrnn.learner.sequences.sequence import Steps


class Opinions:
    """Memories and linear parts, each of which learns from its own error.

    Args:
        hyperparameters: Say which there are.
        width: Numbers of a frame.
        room: Labels that there is room for.
    """

    def __init__(self, hyperparameters: Hyperparameters, width: int, room: int) -> None:
        h = hyperparameters
        self._memory = Memory(h.cells, room) if h.steps != "numbers" else None
        self._memories = len(GRAMS[h.steps]) if "memory" in h.experts and self._memory else 0
        self._linears = Linears(h, width, room)

    @property
    def names(self) -> list[str]:
        """Their names, in the order of their opinions."""
        return [*(f"memory_{n}" for n in range(self._memories)), *self._linears.names]

    def look(self, steps: Steps, frames: Frames) -> Look:
        """Return a sequence as they look at it."""
        return self._linears.look(steps, frames)

    def take_in(self, look: Look) -> None:
        """Take a sequence into the scale of all."""
        self._linears.take_in(look)

    def ratios(self, look: Look, known: int) -> NDArray[np.float64]:
        """Return what memories say of each step, ``(K, T, known)``."""
        return self._memory.ratios(look.places, known) if self._memory else NO_RATIOS

    def opinions(self, look: Look, ratios: NDArray[np.float64], known: int) -> list[Outputs]:
        """Return the log of how likely each known label is by each of them, up to a constant."""
        counted = [*ratios.sum(1)] if self._memories else []
        return counted + [outputs[:known] for outputs in self._linears.outputs(look)]

    def learn(self, look: Look, opinions: NDArray[np.float64], label: int, known: int) -> None:
        """Learn the label of a sequence that is seen for the first time.

        Args:
            look: The sequence.
            opinions: What was thought of it just before, ``(E, L)``.
            label: Of ``known``, of which L were known then.
            known: Labels that are known now.
        """
        if opinions.shape[1] == known:
            said: Sequence[Outputs] = list(opinions)[self._memories :][: len(self._linears.names)]
            self._linears.learn(look, [_slope(each, label) for each in said])
        else:
            self.learn_again(look, label, known)
        if self._memory:
            self._memory.remember(look.places, label)

    def learn_again(self, look: Look, label: int, known: int) -> None:
        """Learn the label of a sequence, without counting it."""
        said = self._linears.outputs(look)
        self._linears.learn(look, [_slope(each[:known], label) for each in said])

    def grow(self, room: int) -> None:
        """Make room for so many labels."""
        self._linears.grow(room)
        if self._memory:
            self._memory.grow(room)

    def tensors(self) -> dict[str, NDArray[Any]]:
        """Return what they have learned, views."""
        memory = self._memory.tensors() if self._memory else {}
        return {**memory, **self._linears.tensors()}


def _slope(outputs: Outputs, label: int) -> Outputs:
    """Return the gradient of the softmax's loss by outputs ``(L,)``, which stay."""
    shares = outputs.copy()
    normalise(shares)
    shares[label] -= 1
    return shares
