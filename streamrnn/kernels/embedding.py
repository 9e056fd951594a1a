"""Vectors of hashed pieces: the vector of a symbol is the sum of those of its pieces.

Bojanowski et al. 2017: a word that was never seen is known by its ending, its shape, its parts. Of
the table only those rows change that were read, each by a rate of its own: AdaGrad (Duchi, Hazan
and Singer 2011), by the mean square of a row's slopes.
"""

import math

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.fused import scalar_product
from streamrnn.kernels.products import Array, add

Places = NDArray[np.int64] | Array
"""Whole numbers, also where they are held among others."""


@kernel
def add_pieces(places: Places, table: Array, vectors: Array) -> None:
    """Add rows of ``table (rows, E)`` to the first columns of ``vectors (T, ...)``.

    ``places (T, P)`` holds whole numbers: the places of the pieces of each step, which the number
    of rows, a power of two, cuts down.
    """
    mask, width = table.shape[0] - 1, table.shape[1]
    for t in range(places.shape[0]):
        for k in range(places.shape[1]):
            add(table[int(places[t, k]) & mask], vectors[t, :width])


@kernel
def embed(places: Places, table: Array, vectors: Array) -> None:
    """Fill the first columns of the vectors, as `add_pieces` adds to them."""
    for t in range(places.shape[0]):
        for j in range(table.shape[1]):
            vectors[t, j] = 0
    add_pieces(places, table, vectors)


@kernel
def learn_pieces(
    places: Places, dvectors: Array, table: Array, squares: Array, rate: float
) -> None:
    """Change the rows that were read against the loss's gradient by the vectors, ``(T, ...)``.

    ``squares (rows,)`` holds the sum of the mean squares of each row's slopes.
    """
    mask, width = table.shape[0] - 1, table.shape[1]
    for t in range(places.shape[0]):
        for k in range(places.shape[1]):
            place = int(places[t, k]) & mask
            learn_row(dvectors[t, :width], table[place], squares, place, rate)


@kernel
def learn_row(slopes: Array, row: Array, squares: Array, place: int, rate: float) -> None:
    """Change a row against its slopes, ``(E,)`` both; its square is that at a place."""
    number = row.dtype.type
    squares[place] += scalar_product(slopes, slopes) / number(row.size)
    step = number(rate) / number(math.sqrt(squares[place]))
    for j in range(row.size):
        row[j] -= step * slopes[j]
