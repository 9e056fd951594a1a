"""The plain recurrent cell: equations in `streamrnn.kernels.rnn`."""

import numpy as np
from numpy.typing import DTypeLike

from streamrnn.arrays import aligned_zeros
from streamrnn.cells.base import Cell, uniform_weight
from streamrnn.kernels.products import Array
from streamrnn.kernels.rnn import rnn_backward, rnn_forward


class RNN(Cell):
    """h[t] = tanh(x[t] W_ih + h[t-1] W_hh + b); its state is h."""

    def __init__(self, inputs: int, hidden: int, steps: int, dtype: DTypeLike) -> None:
        super().__init__(inputs, hidden, steps, dtype)
        self.state_size = hidden
        self.weight_shape = (inputs + hidden + 1, hidden)
        self._dbefore = aligned_zeros((steps, hidden), dtype)

    def initial_weight(self, generator: np.random.Generator) -> Array:
        return uniform_weight(self.weight_shape, self.hidden, generator)

    def forward(self, weight: Array, inputs: Array, state: Array) -> Array:
        self._steps = len(inputs)
        joined = self._joined[: self._steps + 1]
        joined[:-1, : self.inputs] = inputs
        joined[0, self.inputs :] = state
        rnn_forward(weight, joined)
        return joined[1:, self.inputs :]

    def state_after(self, steps: int, state: Array) -> None:
        state[:] = self._joined[steps, self.inputs :]

    def backward(self, weight: Array, dhidden: Array, dweight: Array, first: int) -> Array:
        run = slice(first, self._steps + 1)
        djoined = self._djoined[run]
        rnn_backward(
            weight, self._joined[run], dhidden, self._dbefore[: len(dhidden)], djoined, dweight
        )
        return djoined[:-1, : self.inputs]
