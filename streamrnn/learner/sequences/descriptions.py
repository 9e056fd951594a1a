"""A linear expert on what a sequence of frames is like as a whole."""

import math

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels import frames as kernels
from streamrnn.kernels.linear import linear_forward
from streamrnn.kernels.wide import learn_dense
from streamrnn.learner.sequences.frames import Frames, Scaling

PARTS, STATISTICS = 4, 4
MOST_POINTS = 32
RATE, FIRST_SQUARE, SIZE = 0.05, 0.1, 3.0
"""Of the weights; and what the length of a description is about."""


class Descriptions:
    """Means of a sequence's quarters, its deviation and its changes, weighed for each output.

    Args:
        width: Of a frame.
        points: In a frame, of which each has two numbers; up to `MOST_POINTS` the distance of each
            two is looked at, too.
        outputs: How many there are room for.
    """

    def __init__(self, width: int, points: int, outputs: int) -> None:
        self._points = points if points <= MOST_POINTS else 0
        width += self._points * (self._points - 1) // 2
        self._width = width
        self._size = (PARTS + STATISTICS) * width
        self._scaling = Scaling(self._size)
        self._factor = np.float32(SIZE / math.sqrt(max(1, self._size)))
        self._weights = np.zeros((self._size + 1, outputs), np.float32)
        self._squares = np.full((self._size + 1, outputs), FIRST_SQUARE, np.float32)

    def describe(self, frames: Frames) -> NDArray[np.float64]:
        """Return the description of a sequence ``(T, F)``, in its own units."""
        if self._points:
            measured = np.empty((len(frames), self._width), np.float32)
            kernels.measure_points(frames, self._points, measured)
            frames = measured
        description = np.empty(self._size)
        kernels.describe(frames, PARTS, description)
        return description

    def take_in(self, description: NDArray[np.float64]) -> None:
        """Take a description into the scale of all."""
        self._scaling.take_in(description[np.newaxis])

    def outputs(self, description: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the outputs for a description, ``(O,)``."""
        outputs = np.empty((1, self._weights.shape[1]), np.float32)
        linear_forward(self._weights, self._seen(description)[np.newaxis], outputs)
        found: NDArray[np.float64] = outputs[0].astype(np.float64)
        return found

    def learn(self, description: NDArray[np.float64], doutputs: NDArray[np.float64]) -> None:
        """Change the weights against the loss's gradient by the outputs."""
        slopes = doutputs.astype(np.float32)
        learn_dense(self._seen(description), slopes, self._weights, self._squares, RATE)

    def _seen(self, description: NDArray[np.float64]) -> NDArray[np.float32]:
        seen: NDArray[np.float32] = self._scaling.scaled(description[np.newaxis])[0]
        seen *= self._factor
        return seen

    def grow(self, outputs: int) -> None:
        """Make room for so many outputs."""
        more = ((0, 0), (0, outputs - self._weights.shape[1]))
        self._weights = np.pad(self._weights, more)
        self._squares = np.pad(self._squares, more, constant_values=FIRST_SQUARE)

    def tensors(self) -> dict[str, NDArray[np.floating]]:
        """Return what it has learned, views."""
        return {
            "description_weights": self._weights,
            "description_squares": self._squares,
            "description_scaling": self._scaling.numbers,
        }
