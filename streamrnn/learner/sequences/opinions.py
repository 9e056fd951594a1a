"""What memories and linear parts think of the label of a whole sequence."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.blending import normalise
from streamrnn.kernels.ngrams import Places
from streamrnn.learner.sequences.descriptions import Descriptions
from streamrnn.learner.sequences.experts import Memory, Wide
from streamrnn.learner.sequences.frames import Frames
from streamrnn.learner.sequences.hyperparameters import Hyperparameters
from streamrnn.learner.sequences.ngrams import GRAMS, places_of, places_of_parts
from streamrnn.learner.sequences.sequence import Steps


@dataclass(frozen=True, slots=True)
class Look:
    """A sequence as these experts look at it.

    Attributes:
        places: Of each kind of its n-grams, ``(T,)``.
        parts: Of the parts of its words, ``(M,)``.
        description: Of its frames; empty without any.
    """

    places: list[Places]
    parts: Places
    description: NDArray[np.float64]


class Opinions:
    """Memories and linear parts, each of which learns from its own error.

    Args:
        hyperparameters: Say which there are.
        width: Numbers of a frame.
        room: Labels that there is room for.
    """

    def __init__(self, hyperparameters: Hyperparameters, width: int, room: int) -> None:
        h = self._h = hyperparameters
        symbols, linear = h.steps != "numbers", "wide" in h.experts
        self._grams = GRAMS[h.steps]
        self.memory = Memory(h.cells, room) if symbols else None
        self._told = self.memory if "memory" in h.experts else None
        self._wide = Wide("wide", h.cells, room) if linear and symbols else None
        self._parts = Wide("parts", h.cells, room) if linear and h.steps == "words" else None
        # Beside the points a frame has the motion of their centre.
        points = (width - 2) // 2 if h.points else 0
        described = linear and not symbols
        self._descriptions = Descriptions(width, points, room) if described else None

    @property
    def names(self) -> list[str]:
        """Their names, in the order of their opinions."""
        memories = [f"memory_{n}" for n in range(len(self._grams))]
        others = {
            "wide": self._wide,
            "parts": self._parts,
            "descriptions": self._descriptions,
        }
        return [*(memories if self._told else []), *(n for n, each in others.items() if each)]

    def look(self, steps: Steps, frames: Frames) -> Look:
        """Return a sequence as they look at it."""
        description = np.zeros(0)
        if self._descriptions:
            description = self._descriptions.describe(frames)
        return Look(places_of(steps, self._grams), places_of_parts(steps), description)

    def take_in(self, look: Look) -> None:
        """Take a sequence into the scale of all."""
        if self._descriptions:
            self._descriptions.take_in(look.description)

    def opinions(self, look: Look, known: int) -> list[NDArray[np.float64]]:
        """Return the log of how likely each known label is by each of them, up to a constant."""
        found = []
        if self._told:
            found += [self._told.ratios(each, known).sum(0) for each in look.places]
        return found + [outputs[:known] for outputs in self._linear(look)]

    def _linear(self, look: Look) -> list[NDArray[np.float64]]:
        found = []
        if self._wide:
            found.append(self._wide.outputs(look.places))
        if self._parts:
            found.append(self._parts.outputs([look.parts]))
        if self._descriptions:
            found.append(self._descriptions.outputs(look.description))
        return found

    def learn(self, look: Look, label: int, known: int) -> None:
        """Learn the label of a sequence that is seen for the first time."""
        self.learn_again(look, label, known)
        if self.memory:
            self.memory.remember(look.places, label)

    def learn_again(self, look: Look, label: int, known: int) -> None:
        """Learn the label of a sequence, without counting it."""
        slopes = []
        for outputs in self._linear(look):
            shares = outputs[:known].copy()
            normalise(shares)
            shares[label] -= 1
            slope = np.zeros(len(outputs))
            slope[:known] = shares
            slopes.append(slope)
        if self._wide:
            self._wide.learn(look.places, slopes.pop(0))
        if self._parts:
            self._parts.learn([look.parts], slopes.pop(0))
        if self._descriptions:
            self._descriptions.learn(look.description, slopes.pop(0))

    def grow(self, room: int) -> None:
        """Make room for so many labels."""
        for part in (self.memory, self._wide, self._parts, self._descriptions):
            if part:
                part.grow(room)

    def tensors(self) -> dict[str, NDArray[Any]]:
        """Return what they have learned, views."""
        found: dict[str, NDArray[Any]] = {}
        for part in (self.memory, self._wide, self._parts, self._descriptions):
            if part:
                found |= part.tensors()
        return found
