"""What a recurrent cell is to the layers that stack it: sizes, and its first weights."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Cell:
    """A kind of recurrent unit; its equations are in the kernel of the same name.

    A weight is ``(rows, columns)``: weight_ih, weight_hh, a row of bias for each product, and with
    RMSNorm a row of gain for each.

    Attributes:
        kind: The number by which kernels know the cell.
        memory: Numbers of state beside h, for each unit.
        gates: Numbers that a step leaves for the way back, for each unit.
        products: Matrix products of a step.
        blocks: Gates that share the columns of a product.
        forget: Block of the bias that begins at `FORGET_BIAS`, if one does.
    """

    kind: int
    memory: int
    gates: int
    products: int
    blocks: int
    forget: int | None = None

    def rows(self, inputs: int, hidden: int, *, norm: bool) -> int:
        """Rows of a weight."""
        return inputs + hidden + self.products * (2 if norm else 1)

    def initial_weight(
        self, inputs: int, hidden: int, generator: np.random.Generator, *, norm: bool
    ) -> NDArray[np.float64]:
        """Draw a weight uniformly from ±1/sqrt(H); biases begin at 0 and gains at 1."""
        shape = self.rows(inputs, hidden, norm=norm), self.blocks * hidden
        weight: NDArray[np.float64] = generator.uniform(-1, 1, shape) / np.sqrt(hidden)
        bias = inputs + hidden
        weight[bias : bias + self.products] = 0
        weight[bias + self.products :] = 1
        if self.forget is not None:
            weight[bias, self.forget * hidden : (self.forget + 1) * hidden] = FORGET_BIAS
        return weight


FORGET_BIAS = 1.0
"""A cell that remembers at first learns long spans sooner (Jozefowicz et al. 2015)."""
