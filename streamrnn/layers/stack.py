"""Recurrent layers one above the other, with skips (Graves 2013).

The input enters every layer, and every layer, like the input itself, enters the head: what is
simply linear needs no detour through the recurrence, and gradients reach each layer directly.
"""

from collections.abc import Sequence
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import DTypeLike

from streamrnn.arrays import aligned_zeros
from streamrnn.cells import Cell
from streamrnn.kernels.products import Array


class Stack:
    """Layers of one kind of cell over the same input.

    Args:
        cell: The kind of cell.
        inputs: Width of the input, I.
        hidden: Units of each layer, H.
        layers: Number of layers, L.
        steps: The longest run, T.
        dtype: Type of all numbers.
    """

    def __init__(
        self, cell: type[Cell], inputs: int, hidden: int, layers: int, steps: int, dtype: DTypeLike
    ) -> None:
        below = [inputs] + [inputs + hidden] * (layers - 1)
        self.cells = [cell(width, hidden, steps, dtype) for width in below]
        self.inputs, self.hidden = inputs, hidden
        self._state_bounds = list(accumulate((c.state_size for c in self.cells), initial=0))
        self.state_size = self._state_bounds[-1]
        self.features = inputs + layers * hidden
        self._features = aligned_zeros((steps, self.features), dtype)
        self._dhidden = aligned_zeros((steps, hidden), dtype)

    def _block(self, depth: int) -> slice:
        """The columns of the features that hold a layer's hidden states."""
        start = self.inputs + depth * self.hidden
        return slice(start, start + self.hidden)

    def _states(self, state: Array) -> list[Array]:
        """Split a state into those of the layers."""
        return [state[start:stop] for start, stop in pairwise(self._state_bounds)]

    def forward(self, weights: Sequence[Array], inputs: Array, state: Array) -> Array:
        """Run over ``inputs (T, I)`` from a state; return the features for a head, a view.

        They are ``(T, I + L H)``: the input, then the hidden states from the lowest layer up.
        """
        features = self._features[: len(inputs)]
        features[:, : self.inputs] = inputs
        below = inputs
        for depth, before in enumerate(self._states(state)):
            hidden = self.cells[depth].forward(weights[depth], below, before)
            features[:, self._block(depth)] = hidden
            if depth + 1 < len(self.cells):
                below = np.hstack([inputs, hidden])
        return features

    def state_after(self, steps: int, state: Array) -> None:
        """Fill ``state`` with that after so many steps of the last run."""
        for cell, part in zip(self.cells, self._states(state), strict=True):
            cell.state_after(steps, part)

    def backward(
        self, weights: Sequence[Array], dfeatures: Array, dweights: Sequence[Array], first: int
    ) -> None:
        """Add the gradients of the weights, from that by the features ``(T - first, I + L H)``."""
        dhidden = self._dhidden[: len(dfeatures)]
        dabove: Array | float = 0.0
        for depth in range(len(self.cells) - 1, -1, -1):
            np.add(dfeatures[:, self._block(depth)], dabove, out=dhidden)
            dinputs = self.cells[depth].backward(weights[depth], dhidden, dweights[depth], first)
            dabove = dinputs[:, self.inputs :]
