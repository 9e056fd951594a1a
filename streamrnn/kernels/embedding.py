"""Vectors of hashed pieces: the vector of a symbol is the sum of those of its pieces.

Bojanowski et al. 2017: a word that was never seen is known by its ending, its shape, its parts. Of
the table only those rows change that were read, each number by its own rate (AdaGrad).
"""

import math

from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.ngrams import Places
from streamrnn.kernels.products import Array, add


@kernel
def embed(places: Places, pieces: int, table: Array, vectors: Array) -> None:
    """Fill the first columns of ``vectors (T, ...)`` with sums of rows of ``table (rows, E)``.

    ``places (T * pieces,)`` holds the places of the pieces of each step.
    """
    mask, width = table.shape[0] - 1, table.shape[1]
    for t in range(vectors.shape[0]):
        vector = vectors[t, :width]
        for j in range(width):
            vector[j] = 0
        for k in range(t * pieces, (t + 1) * pieces):
            add(table[places[k] & mask], vector)


@kernel
def learn_embedding(
    places: Places, pieces: int, dvectors: Array, table: Array, squares: Array, rate: float
) -> None:
    """Change the rows that were read against the loss's gradient by the vectors, ``(T, ...)``."""
    mask, width, number = table.shape[0] - 1, table.shape[1], table.dtype.type
    for t in range(dvectors.shape[0]):
        for k in range(t * pieces, (t + 1) * pieces):
            row, square = table[places[k] & mask], squares[places[k] & mask]
            for j in range(width):
                slope = dvectors[t, j]
                square[j] += slope * slope
                row[j] -= number(rate) * slope / number(math.sqrt(square[j]))
