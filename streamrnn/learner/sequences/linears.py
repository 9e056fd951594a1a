"""What linear parts think of a whole sequence: by its n-grams, parts of words, or its frames."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.ngrams import Places
from streamrnn.learner.sequences.descriptions import Descriptions
from streamrnn.learner.sequences.experts import Wide
from streamrnn.learner.sequences.frames import Frames
from streamrnn.learner.sequences.hyperparameters import Hyperparameters
from streamrnn.learner.sequences.ngrams import GRAMS, NO_PLACES, places_of, places_of_parts
from streamrnn.learner.sequences.sequence import Steps

Outputs = NDArray[np.float64]

NO_DESCRIPTION = np.zeros(0)


@dataclass(frozen=True, slots=True)
class Look:
    """A sequence as counts and linear parts look at it.

    Attributes:
        places: Of each kind of its n-grams, ``(K, T)``.
        parts: Of the parts of its words, ``(M,)``.
        description: Of its frames; empty without any.
    """

    places: Places
    parts: Places
    description: Outputs


class Linears:
    """Linear parts, each of which learns from its own error.

    Args:
        hyperparameters: Say which there are.
        width: Numbers of a frame.
        room: Outputs that there is room for.
    """

    def __init__(self, hyperparameters: Hyperparameters, width: int, room: int) -> None:
        h, linear = hyperparameters, "wide" in hyperparameters.experts
        symbols = h.steps != "numbers"
        self._grams = GRAMS[h.steps]
        self._wide = Wide("wide", h.cells, room) if linear and symbols else None
        self._parts = Wide("parts", h.cells, room) if linear and h.steps == "words" else None
        # Beside the points a frame has the motion of their centre.
        points = (width - 2) // 2 if h.points else 0
        described = linear and not symbols
        self._descriptions = Descriptions(width, points, room) if described else None

    @property
    def names(self) -> list[str]:
        """Their names, in the order of their outputs."""
        parts = {"wide": self._wide, "parts": self._parts, "descriptions": self._descriptions}
        return [name for name, part in parts.items() if part]

    def look(self, steps: Steps, frames: Frames) -> Look:
        """Return a sequence as they look at it."""
        if self._descriptions:
            return Look(NO_PLACES, NO_PLACES, self._descriptions.describe(frames))
        return Look(places_of(steps, self._grams), places_of_parts(steps), NO_DESCRIPTION)

    def take_in(self, look: Look) -> None:
        """Take a sequence into the scale of all."""
        if self._descriptions:
            self._descriptions.take_in(look.description)

    def outputs(self, look: Look) -> list[Outputs]:
        """Return what each of them says, ``(O,)``."""
        found = []
        if self._wide:
            found.append(self._wide.outputs(look.places))
        if self._parts:
            found.append(self._parts.outputs(look.parts))
        if self._descriptions:
            found.append(self._descriptions.outputs(look.description))
        return found

    def learn(self, look: Look, slopes: Sequence[Outputs]) -> None:
        """Change each against the gradient by the first of its outputs."""
        mine = iter(slopes)
        if self._wide:
            self._wide.learn(look.places, next(mine))
        if self._parts:
            self._parts.learn(look.parts, next(mine))
        if self._descriptions:
            self._descriptions.learn(look.description, next(mine))

    def grow(self, room: int) -> None:
        """Make room for so many outputs."""
        for part in (self._wide, self._parts, self._descriptions):
            if part:
                part.grow(room)

    def tensors(self) -> dict[str, NDArray[Any]]:
        """Return what they have learned, views."""
        found: dict[str, NDArray[Any]] = {}
        for part in (self._wide, self._parts, self._descriptions):
            found |= part.tensors() if part else {}
        return found
