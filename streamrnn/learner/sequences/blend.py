"""The opinions of some experts about a label, mixed."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels import blending
from streamrnn.learner.sequences.experts import wider


class Blend:
    """Weighs opinions by how they have helped so far.

    Args:
        names: Of the experts.
        room: Labels that there is room for.
    """

    def __init__(self, names: Sequence[str], room: int) -> None:
        self._names = tuple(names)
        self._weights = np.full(len(names), 1 / max(len(names), 1))
        self._squares = np.ones(len(names))
        self._bias, self._bias_squares = np.zeros(room), np.ones(room)

    @property
    def weights(self) -> dict[str, float]:
        """What each opinion weighs."""
        return dict(zip(self._names, self._weights.tolist(), strict=True))

    def shares(self, opinions: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return how likely each known label is, ``(L,)``.

        Args:
            opinions: The log of that by each expert, up to a constant, ``(E, L)``; centred.
        """
        shares = np.empty(opinions.shape[1])
        blending.blend(opinions, self._weights, self._bias[: len(shares)], shares)
        return shares

    def learn(self, opinions: NDArray[np.float64], shares: NDArray[np.float64], label: int) -> None:
        """Change the weights after the label was seen; all else is as `shares` left it."""
        known = len(shares)
        blending.learn_blend(
            opinions,
            shares,
            label,
            self._weights,
            self._squares,
            self._bias[:known],
            self._bias_squares[:known],
        )

    def grow(self, room: int) -> None:
        """Make room for so many labels."""
        self._bias = wider(self._bias, room)
        self._bias_squares = wider(self._bias_squares, room, 1.0)

    def tensors(self) -> dict[str, NDArray[Any]]:
        """Return what it has learned, views."""
        return {
            "blend_weights": self._weights,
            "blend_squares": self._squares,
            "blend_bias": self._bias,
            "blend_bias_squares": self._bias_squares,
        }
