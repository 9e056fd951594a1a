"""Seeded streams to learn from, in each form that a subject takes."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Events:
    """Some events of a stream.

    Attributes:
        x: The features, ``(events, features)``.
        y: The target of each event, ``(events,)``.
    """

    x: Array
    y: Array

    @cached_property
    def pairs(self) -> list[tuple[dict[str, float], float]]:
        """The events one at a time, with the features by name."""
        names = [f"x{column}" for column in range(self.x.shape[1])]
        return [
            (dict(zip(names, row, strict=True)), target)
            for row, target in zip(self.x.tolist(), self.y.tolist(), strict=True)
        ]


def walk(events: int, features: int, seed: int = 1) -> Events:
    """Return random walks of unit variance; the target is the next value of the first.

    The walks end where they begin, so a stream can pass through them again and again.
    """
    steps = np.random.default_rng(seed).normal(size=(events, features))
    walks = np.cumsum(steps - steps.mean(axis=0), axis=0)
    walks = ((walks - walks.mean(axis=0)) / walks.std(axis=0)).astype(np.float32)
    return Events(walks, np.ascontiguousarray(np.roll(walks[:, 0], -1)))
