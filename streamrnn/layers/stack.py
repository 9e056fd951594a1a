"""Recurrent layers one above the other, with skips (Graves 2013).

The input enters every layer, and every layer, like the input itself, enters the head: what is
simply linear needs no detour through the recurrence, and gradients reach each layer directly.
A bidirectional layer (Schuster and Paliwal 1997) is two cells side by side, one of which reads from
the last step to the first; it is for whole sequences.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from streamrnn.arrays import Places
from streamrnn.cells import CELLS
from streamrnn.kernels import network


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of a stack.

    Attributes:
        cell: Name of the cell in `CELLS`.
        hidden: Units of each of its cells, H.
        bidirectional: Whether a second cell reads backwards.
    """

    cell: str
    hidden: int
    bidirectional: bool = False


class Stack:
    """Where each cell of some layers finds what it works on.

    Args:
        layers: From the lowest up.
        inputs: Width of the input, I.
        steps: The longest run, T.
        norm: Whether RMSNorm stands before the gates.
        model: Where weights are given places.
        workspace: Where activations are given places.
    """

    def __init__(
        self,
        layers: Sequence[Layer],
        inputs: int,
        steps: int,
        *,
        norm: bool,
        model: Places,
        workspace: Places,
    ) -> None:
        self._norm = norm
        self.features, self.state_size = inputs, 0
        rows, below, below_width = [], inputs, 0
        for layer in layers:
            width = 0
            for reverse in range(1 + layer.bidirectional):
                rows.append(
                    self._row(layer, reverse, inputs, below, below_width, steps, model, workspace)
                )
                width += layer.hidden
            below, below_width = self.features - width, width
        self.plan: NDArray[np.int64] = np.array(rows, dtype=np.int64)

    def _row(
        self,
        layer: Layer,
        reverse: int,
        inputs: int,
        below: int,
        below_width: int,
        steps: int,
        model: Places,
        workspace: Places,
    ) -> list[int]:
        cell, hidden, width = CELLS[layer.cell], layer.hidden, inputs + below_width
        weight_rows, columns = cell.rows(width, hidden, norm=self._norm), cell.blocks * hidden
        memory, gates, products = cell.memory * hidden, cell.gates * hidden, cell.products
        values = {
            network.KIND: cell.kind,
            network.REVERSED: reverse,
            network.INPUTS: width,
            network.HIDDEN: hidden,
            network.MEMORY: memory,
            network.GATES: gates,
            network.PRODUCTS: products,
            network.COLUMNS: columns,
            network.BLOCKS: cell.blocks,
            network.WEIGHT: model.take(weight_rows * columns),
            network.ROWS: weight_rows,
            network.STATE: self.state_size,
            network.FEATURE: self.features,
            network.BELOW: below,
            network.BELOW_WIDTH: below_width,
            network.JOINED: workspace.take((steps + 1) * (width + hidden)),
            network.CELL: workspace.take((steps + 1) * memory),
            network.GATE: workspace.take(steps * gates),
            network.NORMALISED: workspace.take(products * steps * columns),
            network.INVERSE: workspace.take(products * steps * cell.blocks),
            network.DHIDDEN: workspace.take(steps * hidden),
            network.DLATER: workspace.take(hidden),
            network.DPRODUCTS: workspace.take(products * steps * columns),
            network.DJOINED: workspace.take((steps + 1) * (width + hidden)),
        }
        self.features += hidden
        if not reverse:
            self.state_size += hidden + memory
        return [values[column] for column in range(network.PLAN_COLUMNS)]

    def initial_weights(self, layers: Sequence[Layer], seed: int) -> list[NDArray[np.float64]]:
        """Draw the first weight of each cell of the plan."""
        generator = np.random.default_rng(seed)
        names = [layer.cell for layer in layers for _ in range(1 + layer.bidirectional)]
        return [
            CELLS[name].initial_weight(
                int(row[network.INPUTS]), int(row[network.HIDDEN]), generator, norm=self._norm
            )
            for name, row in zip(names, self.plan, strict=True)
        ]
