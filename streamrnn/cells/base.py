"""What every recurrent cell offers to the layers that stack it."""

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import DTypeLike

from streamrnn.arrays import aligned_zeros
from streamrnn.kernels.products import Array


class Cell(ABC):
    """A layer of ``hidden`` recurrent units over ``inputs``, with room for a run of steps.

    The run's activations stay in the cell until its next forward pass; `backward` reads them.
    A state is one flat array, hidden state first.

    Args:
        inputs: Width of the input, I.
        hidden: Number of units, H.
        steps: The longest run, T.
        dtype: Type of all numbers.
    """

    state_size: int
    """Length of a state."""
    weight_shape: tuple[int, int]
    """weight_ih, weight_hh and the bias, one below the other: ``(I + H + 1, columns)``."""

    def __init__(self, inputs: int, hidden: int, steps: int, dtype: DTypeLike) -> None:
        self.inputs, self.hidden = inputs, hidden
        self._joined = aligned_zeros((steps + 1, inputs + hidden), dtype)
        self._djoined = aligned_zeros((steps + 1, inputs + hidden), dtype)

    @abstractmethod
    def initial_weight(self, generator: np.random.Generator) -> Array:
        """Draw a weight of ``weight_shape``."""

    @abstractmethod
    def forward(self, weight: Array, inputs: Array, state: Array) -> Array:
        """Run over ``inputs (T, I)`` from a state; return the hidden states ``(T, H)``, a view."""

    @abstractmethod
    def state_after(self, steps: int, state: Array) -> None:
        """Fill ``state`` with that after so many steps of the last run."""

    @abstractmethod
    def backward(self, weight: Array, dhidden: Array, dweight: Array, first: int) -> Array:
        """Go back over the last run, no further than its step ``first``.

        Args:
            weight: As in the forward pass.
            dhidden: The loss's gradient by the hidden states, ``(T - first, H)``.
            dweight: The gradient of the weight is added to it.
            first: The first step of the run that the gradient reaches.

        Returns:
            The gradient by the inputs, ``(T - first, I)``, a view.
        """


def uniform_weight(shape: tuple[int, int], hidden: int, generator: np.random.Generator) -> Array:
    """Draw weights uniformly from ±1/sqrt(H), with a bias of zero in the last row."""
    weight: Array = generator.uniform(-1, 1, shape) / np.sqrt(hidden)
    weight[-1] = 0
    return weight
