"""Products of several rows at once have the bits of those of single rows, whatever their sizes."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba.core.errors import TypingError
from numpy.typing import NDArray

from streamrnn.kernels import products
from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.fused import scalar_product

Matrix = NDArray[Any]

# Around the sizes of tiles, of vectors and of unrolled rows.
sizes = st.integers(0, 40)
numbers = st.sampled_from([np.float32, np.float64])


@kernel
def add_rows(left: Matrix, matrix: Matrix, result: Matrix) -> None:
    for t in range(left.shape[0]):
        products.add_vector_matrix(left[t], matrix, result[t])


@kernel
def fill_rows(left: Matrix, matrix: Matrix, result: Matrix) -> None:
    for t in range(left.shape[0]):
        for k in range(matrix.shape[0]):
            result[t, k] = scalar_product(matrix[k], left[t])


def drawn(generator: np.random.Generator, number: type[np.floating], *shape: int) -> Matrix:
    """Return a matrix whose rows are part of longer ones."""
    rows, columns = shape
    whole = generator.normal(size=(rows, columns + 3)).astype(number)
    return whole[:, 1 : columns + 1]


@given(sizes, sizes, sizes, numbers, st.integers(0, 9))
@settings(deadline=None, max_examples=60)
def test_a_product_has_the_bits_of_its_rows(
    steps: int, rows: int, columns: int, number: type[np.floating], seed: int
) -> None:
    generator = np.random.default_rng(seed)
    left, matrix, result = (
        drawn(generator, number, *shape)
        for shape in ((steps, rows), (rows, columns), (steps, columns))
    )
    whole = result.copy()
    add_rows(left, matrix.copy(), whole)
    products.add_product(left, matrix, result)
    assert result.tobytes() == whole.tobytes()


@given(sizes, sizes, sizes, numbers, st.integers(0, 9))
@settings(deadline=None, max_examples=60)
def test_scalar_products_have_the_bits_of_each_by_itself(
    steps: int, rows: int, columns: int, number: type[np.floating], seed: int
) -> None:
    generator = np.random.default_rng(seed)
    left, matrix = (drawn(generator, number, n, columns) for n in (steps, rows))
    expected, result = np.full((2, steps, rows), 7, number)
    fill_rows(left.copy(), matrix.copy(), expected)
    products.scalar_products(left, matrix, result)
    assert result.tobytes() == expected.tobytes()
    for t in range(steps):
        products.matrix_vector(matrix.copy(), left[t].copy(), result[t])
    assert result.tobytes() == expected.tobytes()


@given(sizes, sizes, sizes, numbers, st.integers(0, 9))
@settings(deadline=None, max_examples=60)
def test_outer_products_are_summed_over_the_steps(
    steps: int, rows: int, columns: int, number: type[np.floating], seed: int
) -> None:
    generator = np.random.default_rng(seed)
    left, right = (drawn(generator, number, steps, n) for n in (rows, columns))
    result, expected = np.full((2, rows, columns), 7, number)
    products.outer_products(left, right, result)
    expected[:] = 0
    add_rows(left.T.copy(), right.copy(), expected)
    assert result.tobytes() == expected.tobytes()
    precision = 1e-4 if number is np.float32 else 1e-12
    np.testing.assert_allclose(result, left.T @ right, rtol=precision, atol=precision)


@pytest.mark.parametrize("number", [np.float32, np.float64])
def test_nothing_beyond_the_result_is_touched(number: type[np.floating]) -> None:
    room = np.zeros((9, 50), number)
    ones = np.ones((7, 45), number)
    products.add_product(np.ones((7, 5), number), ones[:5, :37], room[1:8, 2:39])
    assert (room[1:8, 2:39] == 5).all()
    assert room.sum() == 5 * 7 * 37
    products.scalar_products(ones, ones, room[1:8, 2:9])
    assert (room[1:8, 2:9] == 45).all()
    assert room.sum() == 45 * 49 + 5 * 7 * 30


def test_rows_that_are_seen_not_to_be_contiguous_are_refused() -> None:
    ones = np.ones((7, 45), np.float32)
    for left, matrix in ((ones.T, ones.T.copy()), (ones, np.asfortranarray(ones))):
        with pytest.raises(TypingError, match="expected contiguous rows"):
            products.scalar_products(left, matrix, np.zeros((len(left), len(matrix)), np.float32))
