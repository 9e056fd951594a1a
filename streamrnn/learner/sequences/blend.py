"""The opinions of some experts about a label, mixed."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels import blending
from streamrnn.learner.sequences.experts import wider

NETWORK = "network"
FIRST_WEIGHT = 0.2
"""Of the network at most: it learns later than all others, and is sure of itself at once."""


def first_weights(names: Sequence[str]) -> NDArray[np.float64]:
    """Return weights that add up to 1, those of all experts but the network alike."""
    weights = np.full(len(names), 1 / max(len(names), 1))
    if NETWORK in names and len(names) > 1:
        network = min(FIRST_WEIGHT, 1 / len(names))
        weights[:] = (1 - network) / (len(names) - 1)
        weights[list(names).index(NETWORK)] = network
    return weights


class Blend:
    """Weighs opinions by how they have helped so far.

    Args:
        names: Of the experts.
        room: Labels that there is room for.
    """

    def __init__(self, names: Sequence[str], room: int) -> None:
        self._names = tuple(names)
        self._weights = first_weights(self._names)
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
