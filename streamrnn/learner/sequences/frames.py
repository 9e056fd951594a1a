"""Frames as a network reads them, and the variants of past ones that are learned again."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels import frames as kernels
from streamrnn.learner.sequences.draws import Draws

Frames = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Variation:
    """How past sequences are changed before they are learned again.

    Attributes:
        stretch: The largest change of their length, as a logarithm; 0 for none.
        shift: The largest share that is cut off at each end.
        mirror: Whether left and right are turned around every other time; for points in the plane.
    """

    stretch: float = 0.15
    shift: float = 0.0
    mirror: bool = False


def varied(frames: Frames, variation: Variation, draws: Draws) -> Frames:
    """Return a variant of some frames ``(T, F)``."""
    steps = len(frames)
    changed = frames
    if variation.stretch or variation.shift:
        begin = draws.between(0, variation.shift) * (steps - 1)
        end = steps - 1 - draws.between(0, variation.shift) * (steps - 1)
        factor = math.exp(draws.between(-variation.stretch, variation.stretch))
        size = max(1, round((end - begin + 1) * factor))
        changed = np.empty((size, frames.shape[1]), np.float32)
        kernels.stretch(frames, begin, end, changed)
    if variation.mirror and draws.below(2):
        changed = changed.copy() if changed is frames else changed
        kernels.mirror_points(changed)
    return changed


class Scaling:
    """Running mean and deviation of each number of a frame.

    Args:
        width: Of a frame, F.

    Attributes:
        numbers: Count, mean and variance, ``(3, F)``.
    """

    def __init__(self, width: int) -> None:
        self.numbers = np.zeros((3, width))

    def take_in(self, frames: NDArray[np.floating]) -> None:
        """Take in frames ``(T, F)``."""
        kernels.take_in(frames, self.numbers)

    def scaled(self, frames: NDArray[np.floating]) -> Frames:
        """Return frames in units of the deviation from the mean; zeros before the first."""
        scaled = np.empty(frames.shape, np.float32)
        kernels.scale(frames, self.numbers, scaled)
        return scaled
