"""A network: recurrent layers and a head over one flat array of parameters."""

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from streamrnn.arrays import ALIGNMENT, aligned_zeros
from streamrnn.cells import CELLS
from streamrnn.heads.linear import LinearHead
from streamrnn.kernels.products import Array
from streamrnn.layers.stack import Stack
from streamrnn.losses import Loss


class Network:
    """Outputs for a run of steps, and the gradient of a loss over them.

    All parameters lie in one array, so that an optimiser passes over them once; each weight is a
    view of it that starts on a cache line's boundary.

    Args:
        cell: Name of the cell in `CELLS`.
        inputs: Width of the input, I.
        hidden: Units of each layer, H.
        layers: Number of layers.
        outputs: Width of the output, O.
        steps: The longest run, T.
        seed: Of the first weights.
        dtype: Type of all numbers.
    """

    def __init__(
        self,
        *,
        cell: str,
        inputs: int,
        hidden: int,
        layers: int,
        outputs: int,
        steps: int,
        seed: int,
        dtype: DTypeLike = np.float32,
    ) -> None:
        self.inputs, self.outputs = inputs, outputs
        self.dtype = np.dtype(dtype)
        self._stack = Stack(CELLS[cell], inputs, hidden, layers, steps, dtype)
        self._head = LinearHead(self._stack.features, outputs, steps, dtype)
        self.state_size = self._stack.state_size

        shapes = [c.weight_shape for c in self._stack.cells] + [self._head.weight_shape]
        self.parameters = aligned_zeros(self._bounds(shapes)[-1][1], dtype)
        self.gradient = np.zeros_like(self.parameters)
        self.weights = self._views(self.parameters, shapes)
        self._dweights = self._views(self.gradient, shapes)
        self._doutputs = aligned_zeros((steps, outputs), dtype)

        generator = np.random.default_rng(seed)
        for weight, layer in zip(self.weights, self._stack.cells, strict=False):
            weight[:] = layer.initial_weight(generator)

    def _bounds(self, shapes: list[tuple[int, int]]) -> list[tuple[int, int]]:
        """Where each weight lies in the flat array; the last one ends where the array does."""
        unit, bounds, start = ALIGNMENT // self.dtype.itemsize, [], 0
        for rows, columns in shapes:
            bounds.append((start, start + rows * columns))
            start += -(-rows * columns // unit) * unit
        return bounds

    def _views(self, flat: Array, shapes: list[tuple[int, int]]) -> list[Array]:
        bounds = self._bounds(shapes)
        return [
            flat[start:stop].reshape(shape)
            for (start, stop), shape in zip(bounds, shapes, strict=True)
        ]

    def forward(self, inputs: Array, state: Array) -> Array:
        """Run over ``inputs (T, I)`` from a state; return the outputs ``(T, O)``, a view."""
        self._features = self._stack.forward(self.weights[:-1], inputs, state)
        return self._head.forward(self.weights[-1], self._features)

    def state_after(self, steps: int, state: Array) -> None:
        """Fill ``state`` with that after so many steps of the last run."""
        self._stack.state_after(steps, state)

    def backward(
        self,
        outputs: Array,
        loss: Loss,
        targets: NDArray[Any],
        known: NDArray[np.bool_],
        first: int,
    ) -> float:
        """Fill ``gradient`` for the last run's loss, back to its step ``first``.

        Args:
            outputs: As the forward pass returned them, ``(T, O)``.
            loss: The loss and its gradient by the outputs.
            targets: One row a step of the run.
            known: Which of them count.
            first: The first step that the gradient reaches; a loss before it is not counted.

        Returns:
            The mean loss.
        """
        doutputs = self._doutputs[: len(outputs) - first]
        value = loss(outputs[first:], targets[first:], known[first:], doutputs)
        self.gradient[:] = 0
        features, head = self._features[first:], self.weights[-1]
        dfeatures = self._head.backward(head, features, doutputs, self._dweights[-1])
        self._stack.backward(self.weights[:-1], dfeatures, self._dweights[:-1], first)
        return value
