"""Matrix products of the sizes of online learning, each in one fixed order of additions.

A weight of shape ``(rows, columns)`` is read row by row in all of them, so forward pass, backward
pass and weight gradient share one layout and no transposed copy is ever made. Eight rows are added
at once: the result is then loaded and stored an eighth as often.
"""

import math

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.fused import multiply_add, scalar_product

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
    for row in range(matrix.shape[0]):
        result[row] = scalar_product(matrix[row], vector)


@kernel
def outer_products(left: Array, right: Array, result: Array) -> None:
    """Fill ``result`` with ``left.T @ right``: the weight gradient of a run of steps.

    Two rows and four steps at once: what is loaded of ``right`` then serves twice.

    Args:
        left: What entered the product, ``(T, rows)``; further columns are not read.
        right: The gradient of what came out, ``(T, columns)``.
        result: The gradient of the weight, ``(rows, columns)``.
    """
    steps = right.shape[0]
    rows, columns = result.shape
    for row in range(0, rows, 2):
        # Where the number of rows is odd the last one is done twice.
        other = min(row + 1, rows - 1)
        for column in range(columns):
            result[row, column] = 0
            result[other, column] = 0
        for step in range(0, steps - 3, 4):
            a0, a1 = left[step, row], left[step + 1, row]
            a2, a3 = left[step + 2, row], left[step + 3, row]
            b0, b1 = left[step, other], left[step + 1, other]
            b2, b3 = left[step + 2, other], left[step + 3, other]
            if other == row:
                b0 = b1 = b2 = b3 = right.dtype.type(0)
            for column in range(columns):
                r0, r1 = right[step, column], right[step + 1, column]
                r2, r3 = right[step + 2, column], right[step + 3, column]
                r = multiply_add(a0, r0, result[row, column])
                r = multiply_add(a1, r1, r)
                r = multiply_add(a2, r2, r)
                result[row, column] = multiply_add(a3, r3, r)
                r = multiply_add(b0, r0, result[other, column])
                r = multiply_add(b1, r1, r)
                r = multiply_add(b2, r2, r)
                result[other, column] = multiply_add(b3, r3, r)
        for step in range(steps - steps % 4, steps):
            a0, b0 = left[step, row], left[step, other]
            if other == row:
                b0 = right.dtype.type(0)
            for column in range(columns):
                result[row, column] += a0 * right[step, column]
                result[other, column] += b0 * right[step, column]
