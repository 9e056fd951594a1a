"""Opinions about the label of a whole sequence beside the network's: counts and linear parts."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.memory import fill_ratios, remember
from streamrnn.kernels.ngrams import Places
from streamrnn.kernels.wide import add_outputs, learn_weights

FIRST_TIMES = 1.0
NO_RATIOS = np.zeros((0, 0, 0))
"""What memories say where there is none."""
WIDE_RATE, FIRST_SQUARE = 0.25, 0.001


def wider(table: NDArray[Any], columns: int, fill: float = 0.0) -> NDArray[Any]:
    """Return a table with more columns, those that are new filled with a number."""
    grown = np.zeros((*table.shape[:-1], columns), table.dtype)
    grown[..., : table.shape[-1]] = table
    grown[..., table.shape[-1] :] = fill
    return grown


def wider_square(table: NDArray[Any], size: int, fill: float = 0.0) -> NDArray[Any]:
    """Return a square table with more rows and columns; see `wider`."""
    return wider(wider(table, size, fill).T.copy(), size, fill).T.copy()


def rows_for(cells: int, room: int) -> int:
    """Return the rows of a table of so many cells with a column for each label."""
    return max(1, cells // room)


def folded(table: NDArray[Any], columns: int, fill: float = 0.0) -> NDArray[Any]:
    """Return a table with more columns and as many cells.

    What rows that meet have beyond the ``fill``, with which all begin, is added up.
    """
    rows, kind = rows_for(table.size, columns), table.dtype.type
    first, *others = table.reshape(-1, rows, table.shape[1])
    summed = first.copy()
    for other in others:
        summed += other
        summed -= kind(fill)
    return wider(summed, columns, fill)


class Memory:
    """How often each label came with each n-gram.

    Args:
        cells: Of the table, a power of two, whatever the number of labels.
        room: Labels that there is room for.
    """

    def __init__(self, cells: int, room: int) -> None:
        self.counts = np.zeros((rows_for(cells, room), room), np.float32)
        self.times = np.full(room, FIRST_TIMES)

    def ratios(self, places: Places, known: int) -> NDArray[np.float64]:
        """Return what n-grams ``(K, T)`` say of the first ``known`` labels, ``(K, T, known)``."""
        ratios = np.empty((places.size, known))
        fill_ratios(places.ravel(), self.counts, self.times[:known], ratios)
        return ratios.reshape(*places.shape, known)

    def remember(self, places: Places, label: int) -> None:
        """Count a label with all n-grams of a sequence."""
        remember(places.ravel(), label, self.counts, 1.0)
        self.times[label] += 1

    def grow(self, room: int) -> None:
        """Make room for so many labels."""
        self.counts = folded(self.counts, room)
        self.times = wider(self.times, room, FIRST_TIMES)

    def tensors(self) -> dict[str, NDArray[Any]]:
        """Return what it has learned, views."""
        return {"memory_counts": self.counts, "memory_times": self.times}


class Wide:
    """A weight for each n-gram and output.

    Args:
        name: Tells its tensors from those of others.
        cells: Of the table, a power of two, whatever the number of outputs.
        room: Outputs that there is room for.
    """

    def __init__(self, name: str, cells: int, room: int) -> None:
        self._name, shape = name, (rows_for(cells, room), room)
        self._table = np.zeros(shape, np.float32)
        self._squares = np.full(shape, FIRST_SQUARE, np.float32)

    def outputs(self, places: Places) -> NDArray[np.float64]:
        """Return the outputs for all n-grams of a sequence, ``(O,)``."""
        outputs = np.zeros(self._table.shape[1])
        add_outputs(places.ravel(), _scale(places), self._table, outputs)
        return outputs

    def learn(self, places: Places, doutputs: NDArray[np.float64]) -> None:
        """Change the weights against the loss's gradient by the first outputs."""
        learn_weights(
            places.ravel(), _scale(places), doutputs, self._table, self._squares, WIDE_RATE
        )

    def grow(self, room: int) -> None:
        """Make room for so many outputs."""
        self._table = folded(self._table, room)
        self._squares = folded(self._squares, room, FIRST_SQUARE)

    def tensors(self) -> dict[str, NDArray[Any]]:
        """Return what it has learned, views."""
        return {f"{self._name}_table": self._table, f"{self._name}_squares": self._squares}


def _scale(places: Places) -> float:
    return 1 / math.sqrt(max(1, places.size))
