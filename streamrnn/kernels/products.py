"""Matrix products of the sizes of online learning, each in one fixed order of additions.

A weight of shape ``(rows, columns)`` is read row by row in all of them, so forward pass, backward
pass and weight gradient share one layout and no transposed copy is ever made. Of a single vector
eight rows are added at once: the result is then loaded and stored an eighth as often. Of several
`streamrnn.kernels.tiles` are, in the same order.
"""

import math

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.fused import LANES, multiply_add, scalar_product
from streamrnn.kernels.tiles import (
    COLUMNS,
    PAIRED,
    ROWS,
    add_column,
    add_narrow_tile,
    add_tile,
    fill_column,
    fill_tile,
)
from streamrnn.kernels.views import contiguous_row, strided, view, with_rows

Array = NDArray[np.floating]


@kernel
def copy(source: Array, target: Array) -> None:
    """Fill a vector with another; quicker to compile and to run than an assignment of slices."""
    for k in range(source.size):
        target[k] = source[k]


@kernel
def add(source: Array, target: Array) -> None:
    """Add a vector to another."""
    for k in range(source.size):
        target[k] += source[k]


@kernel
def all_finite(values: Array) -> bool:
    """Return whether all numbers of ``(T, N)`` are finite."""
    for t in range(values.shape[0]):
        for k in range(values.shape[1]):
            if not math.isfinite(values[t, k]):
                return False
    return True


@kernel
def add_vector_matrix(vector: Array, matrix: Array, result: Array) -> None:
    """Add ``vector @ matrix`` to ``result``: a sum of the matrix's rows."""
    rows, columns = matrix.shape
    row = 0
    while row + 8 <= rows:
        v0, v1, v2, v3 = vector[row], vector[row + 1], vector[row + 2], vector[row + 3]
        v4, v5, v6, v7 = vector[row + 4], vector[row + 5], vector[row + 6], vector[row + 7]
        for column in range(columns):
            r = result[column]
            r = multiply_add(v0, matrix[row, column], r)
            r = multiply_add(v1, matrix[row + 1, column], r)
            r = multiply_add(v2, matrix[row + 2, column], r)
            r = multiply_add(v3, matrix[row + 3, column], r)
            r = multiply_add(v4, matrix[row + 4, column], r)
            r = multiply_add(v5, matrix[row + 5, column], r)
            r = multiply_add(v6, matrix[row + 6, column], r)
            r = multiply_add(v7, matrix[row + 7, column], r)
            result[column] = r
        row += 8
    while row < rows:
        v0 = vector[row]
        for column in range(columns):
            result[column] = multiply_add(v0, matrix[row, column], result[column])
        row += 1


@kernel
def matrix_vector(matrix: Array, vector: Array, result: Array) -> None:
    """Fill ``result`` with ``matrix @ vector``: a scalar product for each row."""
    across, down = view(vector, 0, (1, vector.size)), view(result, 0, (result.size, 1))
    _fill_tiles(with_rows(matrix), strided(across), strided(down))
    for row in range(result.size - result.size % ROWS, result.size):
        result[row] = scalar_product(contiguous_row(matrix, row), contiguous_row(across, 0))


@kernel
def add_product(left: Array, matrix: Array, result: Array) -> None:
    """Add ``left @ matrix`` to ``result``, each row as `add_vector_matrix` does.

    The rows of ``matrix`` and ``result`` are contiguous, those of ``left`` need not be.
    """
    _add_tiles(strided(left), with_rows(matrix), with_rows(result))
    rows = result.shape[0]
    for row in range(rows - rows % ROWS, rows):
        add_vector_matrix(left[row], matrix, contiguous_row(result, row))


@kernel
def scalar_products(left: Array, matrix: Array, result: Array) -> None:
    """Fill ``result`` with ``left @ matrix.T``, each row as `matrix_vector` does.

    The rows of all three are contiguous.
    """
    _fill_tiles(with_rows(left), with_rows(matrix), with_rows(result))
    rows = result.shape[0]
    for row in range(rows - rows % ROWS, rows):
        matrix_vector(matrix, contiguous_row(left, row), contiguous_row(result, row))


@kernel
def _add_tiles(left: Array, matrix: Array, result: Array) -> None:
    """Add the product to all rows that fill tiles."""
    rows, columns = result.shape
    wide, narrow = columns - columns % COLUMNS, columns - columns % LANES
    for row in range(0, rows - rows % ROWS, ROWS):
        for column in range(0, wide, COLUMNS):
            add_tile(left, matrix, result, row, column)
        for column in range(wide, narrow, LANES):
            add_narrow_tile(left, matrix, result, row, column)
        for column in range(narrow, columns):
            add_column(left, matrix, result, row, column)


@kernel
def _fill_tiles(left: Array, matrix: Array, result: Array) -> None:
    """Fill all rows that fill tiles with scalar products."""
    rows, columns = result.shape
    paired = columns - columns % PAIRED
    for row in range(0, rows - rows % ROWS, ROWS):
        for column in range(0, paired, PAIRED):
            fill_tile(left, matrix, result, row, column)
        for column in range(paired, columns):
            fill_column(left, matrix, result, row, column)


@kernel
def outer_products(left: Array, right: Array, result: Array) -> None:
    """Fill ``result`` with ``left.T @ right``: the weight gradient of a run of steps.

    Args:
        left: What entered the product, ``(T, rows)``; further columns are not read.
        right: The gradient of what came out, ``(T, columns)``.
        result: The gradient of the weight, ``(rows, columns)``.
    """
    rows, columns = result.shape
    for row in range(rows):
        for column in range(columns):
            result[row, column] = 0
    add_product(left.T, right, result)
