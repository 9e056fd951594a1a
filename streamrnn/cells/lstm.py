"""The long short-term memory: equations in `streamrnn.kernels.lstm`."""

import numpy as np
from numpy.typing import DTypeLike

from streamrnn.arrays import aligned_zeros
from streamrnn.cells.base import Cell, uniform_weight
from streamrnn.kernels.lstm import lstm_backward, lstm_forward
from streamrnn.kernels.products import Array

FORGET_BIAS = 1.0
"""A cell that remembers at first learns long spans sooner (Jozefowicz et al. 2015)."""


class LSTM(Cell):
    """Gates i, f, g, o over a cell state c; its state is h and c."""

    def __init__(self, inputs: int, hidden: int, steps: int, dtype: DTypeLike) -> None:
        super().__init__(inputs, hidden, steps, dtype)
        self.state_size = 2 * hidden
        self.weight_shape = (inputs + hidden + 1, 4 * hidden)
        self._cell = aligned_zeros((steps + 1, hidden), dtype)
        self._gates = aligned_zeros((steps, 4 * hidden), dtype)
        self._dcell = aligned_zeros(hidden, dtype)
        self._dgates = aligned_zeros((steps, 4 * hidden), dtype)

    def initial_weight(self, generator: np.random.Generator) -> Array:
        weight = uniform_weight(self.weight_shape, self.hidden, generator)
        weight[-1, self.hidden : 2 * self.hidden] = FORGET_BIAS
        return weight

    def forward(self, weight: Array, inputs: Array, state: Array) -> Array:
        self._steps = len(inputs)
        joined, cell = self._joined[: self._steps + 1], self._cell[: self._steps + 1]
        joined[:-1, : self.inputs] = inputs
        joined[0, self.inputs :] = state[: self.hidden]
        cell[0] = state[self.hidden :]
        lstm_forward(weight, joined, cell, self._gates[: self._steps])
        return joined[1:, self.inputs :]

    def state_after(self, steps: int, state: Array) -> None:
        state[: self.hidden] = self._joined[steps, self.inputs :]
        state[self.hidden :] = self._cell[steps]

    def backward(self, weight: Array, dhidden: Array, dweight: Array, first: int) -> Array:
        run = slice(first, self._steps + 1)
        djoined = self._djoined[run]
        lstm_backward(
            weight,
            self._joined[run],
            self._cell[run],
            self._gates[first : self._steps],
            dhidden,
            self._dcell,
            self._dgates[: len(dhidden)],
            djoined,
            dweight,
        )
        return djoined[:-1, : self.inputs]
