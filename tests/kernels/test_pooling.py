"""Pooling against NumPy, and its way back as the adjoint of its way there."""

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from streamrnn.kernels import pooling

Array = NDArray[Any]

CELLS = np.array([(1, 3, 0), (3, 4, 1), (4, 6, 1)])
"""First column, the one after the last, and whether it reads backwards; column 0 is the input."""
WIDTH = 6

steps, seeds = st.integers(1, 12), st.integers(0, 2**32 - 1)


def drawn(seed: int, *shape: int) -> Array:
    """Return small whole numbers, many of them equal."""
    return np.random.default_rng(seed).integers(-3, 4, shape).astype(np.float64)


@given(st.integers(1, 15), steps)
@settings(deadline=None, max_examples=50)
def test_parts_are_all_of_a_sequence_in_order_and_none_is_empty(parts: int, steps: int) -> None:
    bounds = [pooling.part_of(part, parts, steps) for part in range(parts)]
    assert all(0 <= begin < end <= steps for begin, end in bounds)
    assert {t for begin, end in bounds for t in range(begin, end)} == set(range(steps))
    if parts <= steps:
        assert [begin for begin, _ in bounds] == [0, *(end for _, end in bounds[:-1])]
        sizes = [end - begin for begin, end in bounds]
        assert max(sizes) - min(sizes) <= 1


@given(seeds, steps, st.integers(1, 15))
@settings(deadline=None, max_examples=30)
def test_means_of_parts(seed: int, steps: int, parts: int) -> None:
    features, pooled = drawn(seed, steps, WIDTH), np.full((parts, WIDTH), 9.0)
    pooling.pooled_parts(features, pooled)
    for part in range(parts):
        begin, end = pooling.part_of(part, parts, steps)
        np.testing.assert_allclose(pooled[part], features[begin:end].mean(0), atol=1e-14)
    dpooled, dfeatures = drawn(seed + 1, parts, WIDTH), np.ones((steps, WIDTH))
    pooling.pooled_parts_backward(dpooled, dfeatures)
    back, there = ((dfeatures - 1) * features).sum(0), (dpooled * pooled).sum(0)
    np.testing.assert_allclose(back, there, rtol=0, atol=1e-12)


@given(seeds, steps)
@settings(deadline=None, max_examples=30)
def test_the_largest_and_the_first_of_equal_ones(seed: int, steps: int) -> None:
    features, pooled, places = drawn(seed, steps, WIDTH), np.empty(WIDTH), np.full(WIDTH, 7)
    pooling.pooled_max(features, pooled, places)
    assert pooled.tolist() == features.max(0).tolist()
    assert places.tolist() == features.argmax(0).tolist()
    dpooled, dfeatures = drawn(seed + 1, WIDTH), np.ones((steps, WIDTH))
    pooling.pooled_max_backward(dpooled, places, dfeatures)
    expected = np.ones((steps, WIDTH))
    expected[features.argmax(0), np.arange(WIDTH)] += dpooled
    assert dfeatures.tolist() == expected.tolist()


@given(seeds, steps)
@settings(deadline=None, max_examples=30)
def test_the_last_that_each_cell_says(seed: int, steps: int) -> None:
    features, pooled = drawn(seed, steps, WIDTH), np.empty(5)
    pooling.pooled_last(features, CELLS, pooled)
    assert pooled.tolist() == [*features[-1, 1:3], *features[0, 3:]]
    dpooled, dfeatures = drawn(seed + 1, 5), np.ones((steps, WIDTH))
    pooling.pooled_last_backward(dpooled, CELLS, dfeatures)
    expected = np.ones((steps, WIDTH))
    expected[-1, 1:3] += dpooled[:2]
    expected[0, 3:] += dpooled[2:]
    assert dfeatures.tolist() == expected.tolist()
