"""What is learned beside the network, against dictionaries of counts and plain NumPy."""

import math
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from streamrnn.kernels import blending, embedding, memory, wide
from tests.kernels import naive

Array = NDArray[np.float64]

ROWS = 8
"""Of tables: few, so that places meet."""
seeds = st.integers(0, 2**32 - 1)


def drawn_places(generator: np.random.Generator, *shape: int) -> NDArray[np.int64]:
    return generator.integers(0, 2**31, shape)


@given(seeds, st.lists(st.integers(0, 2), max_size=10))
@settings(deadline=None, max_examples=30)
def test_ratios_are_those_of_a_dictionary_of_counts(seed: int, labels: list[int]) -> None:
    generator, seen = np.random.default_rng(seed), Counter[tuple[int, int]]()
    counts, times = np.zeros((ROWS, 5), np.float32), np.ones(5)
    for label in labels:
        places = drawn_places(generator, int(generator.integers(1, 6)))
        memory.remember(places, label, counts, 1.0)
        seen.update((place % ROWS, label) for place in places.tolist())
        times[label] += 1
    places, each = drawn_places(generator, 20), generator.integers(-1, 3, 20)
    memory.remember_each(places[np.newaxis], each, counts)
    for place, label in zip(places.tolist(), each.tolist(), strict=True):
        seen[place % ROWS, label] += label >= 0

    ratios = np.empty((20, 3))
    memory.fill_ratios(places, counts, times[:3], ratios)
    shares = times[:3] / times[:3].sum()
    for place, row in zip(places.tolist(), ratios, strict=True):
        came = np.array([seen[place % ROWS, label] for label in range(3)])
        chances = (came + memory.PRIOR * shares) / (came.sum() + memory.PRIOR)
        np.testing.assert_allclose(row, np.log(chances / shares), rtol=1e-9, atol=1e-12)
    assert not counts[:, 3:].any()


def test_what_was_never_seen_says_nothing() -> None:
    ratios = np.empty((1, 3))
    memory.fill_ratios(np.array([5]), np.zeros((ROWS, 5), np.float32), np.ones(5)[:3], ratios)
    assert ratios.tolist() == [[0, 0, 0]]


def adagrad(table: Array, squares: Array, row: int, slope: Array, rate: float) -> None:
    """Change a row of a table against a gradient."""
    squares[row] += slope**2
    table[row] -= rate * slope / np.sqrt(squares[row])


@given(seeds)
@settings(deadline=None, max_examples=20)
def test_a_weight_for_each_n_gram(seed: int) -> None:
    generator = np.random.default_rng(seed)
    table, squares = generator.normal(size=(ROWS, 3)), np.full((ROWS, 3), 0.01)
    expected, expected_squares = table.copy(), squares.copy()
    for _ in range(3):
        places, outputs = drawn_places(generator, 12), np.ones(3)
        wide.add_outputs(places, 0.3, table, outputs)
        sums = sum(expected[place % ROWS] for place in places.tolist())
        np.testing.assert_allclose(outputs, 1 + 0.3 * sums, rtol=1e-12, atol=1e-12)
        doutputs = generator.normal(size=3)
        wide.learn_weights(places, 0.3, doutputs, table, squares, 0.4)
        for place in places.tolist():
            adagrad(expected, expected_squares, place % ROWS, 0.3 * doutputs, 0.4)
        np.testing.assert_allclose(table, expected, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(squares, expected_squares, rtol=1e-12)


def test_a_weight_for_all_that_stands_around_a_step() -> None:
    generator = np.random.default_rng(1)
    table, squares = generator.normal(size=(ROWS, 3)), np.full((ROWS, 3), 0.01)
    expected, expected_squares = table.copy(), squares.copy()
    places, scores = drawn_places(generator, 5, 4), np.ones((5, 3))
    wide.add_scores(places, table, scores)
    np.testing.assert_allclose(scores, 1 + table[places % ROWS].sum(1) / 2, rtol=1e-12)
    dscores = generator.normal(size=(5, 3))
    wide.learn_scores(places, dscores, table, squares, 0.4)
    for row, slope in zip(places.tolist(), dscores / 2, strict=True):
        for place in row:
            adagrad(expected, expected_squares, place % ROWS, slope, 0.4)
    np.testing.assert_allclose(table, expected, rtol=1e-12)
    np.testing.assert_allclose(squares, expected_squares, rtol=1e-12)


def test_a_weight_for_each_number() -> None:
    generator = np.random.default_rng(2)
    weight, squares = generator.normal(size=(5, 3)), np.full((5, 3), 0.1)
    inputs, doutputs = generator.normal(size=4), generator.normal(size=3)
    slopes = np.outer([*inputs, 1], doutputs)
    expected = weight - 0.05 * slopes / np.sqrt(0.1 + slopes**2)
    wide.learn_dense(inputs, doutputs, weight, squares, 0.05)
    np.testing.assert_allclose(weight, expected, rtol=1e-12)
    np.testing.assert_allclose(squares, 0.1 + slopes**2, rtol=1e-12)


@given(seeds, st.integers(1, 4), st.integers(1, 5))
@settings(deadline=None, max_examples=20)
def test_vectors_are_sums_of_those_of_pieces(seed: int, pieces: int, steps: int) -> None:
    generator = np.random.default_rng(seed)
    table, squares = generator.normal(size=(ROWS, 3)), np.full(ROWS, 1e-3)
    expected, expected_squares = table.copy(), squares.copy()
    places = drawn_places(generator, steps * pieces).reshape(steps, pieces)
    vectors, rows = np.full((steps, 5), 9.0), places % ROWS
    embedding.embed(places, table, vectors)
    np.testing.assert_allclose(vectors[:, :3], table[rows].sum(1), rtol=1e-12, atol=1e-12)
    assert (vectors[:, 3:] == 9).all()
    dvectors = generator.normal(size=(steps, 5))
    embedding.learn_pieces(places, dvectors, table, squares, 0.02)
    for t in range(steps):
        slopes = dvectors[t, :3]
        for row in rows[t].tolist():
            expected_squares[row] += (slopes**2).mean()
            expected[row] -= 0.02 * slopes / np.sqrt(expected_squares[row])
    np.testing.assert_allclose(table, expected, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(squares, expected_squares, rtol=1e-12)


def blended(opinions: Array, weights: Array, bias: Array) -> Array:
    shares = np.empty(len(bias))
    blending.blend(opinions.copy(), weights, bias, shares)
    return shares


@given(seeds, st.integers(1, 4), st.integers(1, 5), st.sampled_from([1.0, 1000.0]))
@settings(deadline=None, max_examples=30)
def test_a_blend_is_a_product_of_powers(seed: int, experts: int, labels: int, size: float) -> None:
    generator = np.random.default_rng(seed)
    opinions, weights = (
        generator.normal(size=(experts, labels)) * size,
        generator.normal(size=experts),
    )
    bias = generator.normal(size=labels)
    shares = blended(opinions, weights, bias)
    assert shares.sum() == pytest.approx(1)
    expected = bias + weights @ opinions
    expected -= np.log(np.exp(expected - expected.max()).sum()) + expected.max()
    np.testing.assert_allclose(shares, np.exp(expected), rtol=1e-9, atol=1e-12)
    # What an opinion says of all labels alike says nothing.
    moved = blended(opinions + generator.normal(size=(experts, 1)), weights, bias)
    np.testing.assert_allclose(moved, shares, rtol=1e-9, atol=1e-12)


@given(seeds, st.integers(1, 4), st.integers(1, 5))
@settings(deadline=None, max_examples=20)
def test_a_blend_goes_against_the_gradient_of_its_loss(
    seed: int, experts: int, labels: int
) -> None:
    generator = np.random.default_rng(seed)
    opinions, label = generator.normal(size=(experts, labels)), int(generator.integers(labels))
    numbers = generator.normal(size=experts + labels)
    weights, bias = numbers[:experts], numbers[experts:]
    slopes = naive.differences(numbers, lambda: -math.log(blended(opinions, weights, bias)[label]))
    changed, squares = numbers.copy(), np.ones(experts + labels)
    shares = np.empty(labels)
    blending.blend(opinions, changed[:experts], changed[experts:], shares)
    blending.learn_blend(
        opinions,
        shares,
        label,
        changed[:experts],
        squares[:experts],
        changed[experts:],
        squares[experts:],
    )
    expected = numbers - blending.RATE * slopes / np.sqrt(1 + slopes**2)
    np.testing.assert_allclose(squares, 1 + slopes**2, atol=1e-8)
    np.testing.assert_allclose(changed, expected, atol=1e-9)


def test_who_is_right_is_believed() -> None:
    opinions = np.log([[0.7, 0.2, 0.1], [0.1, 0.2, 0.7], [0.3, 0.3, 0.4]])
    weights, squares, bias, bias_squares = np.full(3, 1 / 3), np.ones(3), np.zeros(3), np.ones(3)
    losses, shares = [], np.empty(3)
    for _ in range(200):
        said = opinions.copy()
        blending.blend(said, weights, bias, shares)
        np.testing.assert_allclose(said, opinions - opinions.mean(1, keepdims=True), atol=1e-12)
        losses.append(-math.log(shares[0]))
        blending.learn_blend(said, shares, 0, weights, squares, bias, bias_squares)
    assert all(later < former for former, later in pairwise(losses))
    assert losses[-1] < 0.2 * losses[0]
    assert weights[0] > weights[2] > weights[1]


def test_what_a_network_sees_is_the_sum_of_what_memories_say() -> None:
    ratios, numbers = np.random.default_rng(1).normal(size=(3, 4, 2)), np.zeros((4, 5))
    memory.add_ratios(ratios, 0.3, numbers)
    np.testing.assert_allclose(numbers[:, :2], 0.3 * ratios.sum(0), rtol=1e-12)
    assert not numbers[:, 2:].any()
