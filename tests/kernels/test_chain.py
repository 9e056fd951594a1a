"""Chains of labels against all paths, one by one, and counts against dictionaries."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from streamrnn.kernels import emissions, transitions
from streamrnn.kernels.chain import NEVER, best_path, chain_gradient, learn_pairs
from tests.kernels import naive

Array = NDArray[np.float64]

seeds, lengths, labels = st.integers(0, 2**32 - 1), st.integers(1, 5), st.integers(1, 3)


def score(unary: Array, pairs: Array, begin: Array, path: Sequence[int]) -> float:
    """Return the score of one path; pairs are ``(1, L, L)`` or ``(T, L, L)``."""
    total = float(begin[path[0]])
    for t, label in enumerate(path):
        total += float(unary[t, label])
        if t:
            total += float(pairs[t if len(pairs) > 1 else 0, path[t - 1], label])
    return total


def paths(unary: Array) -> Iterator[tuple[int, ...]]:
    return product(range(unary.shape[1]), repeat=len(unary))


def best(unary: Array, pairs: Array, begin: Array) -> tuple[list[int], float]:
    back, path = np.full(unary.shape, 10**9), np.full(len(unary), -1)
    whole = best_path(unary, pairs, begin, np.full(unary.shape, math.nan), back, path)
    return path.tolist(), whole


@given(seeds, lengths, labels, st.booleans())
@settings(deadline=None, max_examples=60)
def test_no_path_is_better_than_the_best(seed: int, steps: int, many: int, each: bool) -> None:
    generator = np.random.default_rng(seed)
    # Of whole numbers many are equal.
    unary = generator.integers(-2, 3, (steps, many)).astype(np.float64)
    pairs = generator.integers(-2, 3, (steps if each else 1, many, many)).astype(np.float64)
    begin = generator.integers(-2, 3, many).astype(np.float64)
    scores = {path: score(unary, pairs, begin, path) for path in paths(unary)}
    highest = max(scores.values())
    path, whole = best(unary, pairs, begin)
    assert whole == highest
    backwards = [path[::-1] for path, value in scores.items() if value == highest]
    assert path[::-1] == list(min(backwards))


@given(seeds, st.integers(2, 5), st.booleans())
@settings(deadline=None, max_examples=40)
def test_what_is_forbidden_never_comes(seed: int, steps: int, each: bool) -> None:
    generator = np.random.default_rng(seed)
    allowed = generator.integers(0, 3, steps).tolist()
    unary, pairs = generator.normal(size=(steps, 3)) * 1000, np.full((1, 3, 3), NEVER)
    pairs = np.repeat(pairs, steps if each else 1, axis=0)
    begin = np.full(3, NEVER)
    begin[allowed[0]] = 0
    for t in range(1, steps):
        pairs[t if each else 0, allowed[t - 1], allowed[t]] = generator.normal() * 10
    path, whole = best(unary, pairs, begin)
    assert whole == pytest.approx(score(unary, pairs, begin, path))
    assert begin[path[0]] == 0
    for t in range(1, steps):
        assert pairs[t if each else 0, path[t - 1], path[t]] > NEVER / 2
    if each:
        assert path == allowed


def loss_of(unary: Array, pairs: Array, begin: Array, right: Sequence[int]) -> float:
    """Return -log p of the right path, from the scores of all."""
    scores = np.array([score(unary, pairs[np.newaxis], begin, path) for path in paths(unary)])
    whole = float(np.log(np.exp(scores - scores.max()).sum()) + scores.max())
    return whole - score(unary, pairs[np.newaxis], begin, right)


def chained(
    unary: Array, pairs: Array, begin: Array, right: NDArray[np.int64]
) -> tuple[float, Array, Array]:
    forward, backward, dunary = np.full((3, *unary.shape), math.nan)
    factors, dpairs = np.full((2, *pairs.shape), math.nan)
    loss = chain_gradient(unary, pairs, begin, right, forward, backward, factors, dunary, dpairs)
    return loss, dunary, dpairs


@given(seeds, lengths, labels)
@settings(deadline=None, max_examples=25)
def test_the_loss_and_its_gradient_are_those_over_all_paths(
    seed: int, steps: int, many: int
) -> None:
    generator = np.random.default_rng(seed)
    unary, pairs = generator.normal(size=(steps, many)) * 2, generator.normal(size=(many, many)) * 2
    begin, right = generator.normal(size=many), generator.integers(0, many, steps)
    cost = partial(loss_of, unary, pairs, begin, right.tolist())
    loss, dunary, dpairs = chained(unary, pairs, begin, right)
    assert loss == pytest.approx(cost(), abs=1e-12)
    for gradient, changed in ((dunary, unary), (dpairs, pairs)):
        expected = naive.differences(changed, cost)
        np.testing.assert_allclose(gradient, expected, rtol=0, atol=1e-7)


@given(seeds, lengths)
@settings(deadline=None, max_examples=25)
def test_what_is_forbidden_is_not_expected(seed: int, steps: int) -> None:
    generator = np.random.default_rng(seed)
    unary, begin = generator.normal(size=(steps, 3)), np.array([0.0, 0.5, NEVER])
    pairs = generator.normal(size=(3, 3))
    # As with O, B and I.
    pairs[0, 2] = NEVER
    right = np.array([1, 2, 2, 0, 1])[:steps]
    cost = partial(loss_of, unary, pairs, begin, right.tolist())
    loss, dunary, dpairs = chained(unary, pairs, begin, right)
    assert loss == pytest.approx(cost(), abs=1e-12)
    assert dpairs[0, 2] == 0
    assert dunary[0, 2] == 0
    np.testing.assert_allclose(dunary, naive.differences(unary, cost), rtol=0, atol=1e-7)


def test_long_chains_and_large_scores_are_finite() -> None:
    generator = np.random.default_rng(1)
    unary, pairs = generator.normal(size=(3000, 3)) * 100, generator.normal(size=(3, 3)) * 10
    path, _ = best(unary, pairs[np.newaxis], np.zeros(3))
    loss, dunary, dpairs = chained(unary, pairs, np.zeros(3), np.array(path))
    # The best of so many paths is much of all that is likely.
    assert 0 < loss < 200
    np.testing.assert_allclose(dunary.sum(1), 0, atol=1e-9)
    assert dpairs.sum() == pytest.approx(0, abs=1e-6)


# Two places may be one, though hardly ever: the examples are always the same.
def test_pairs_are_learned_by_adagrad() -> None:
    generator = np.random.default_rng(1)
    pairs, dpairs, squares = generator.normal(size=(4, 4)), generator.normal(size=(3, 3)), 0.1
    found, rates = pairs.copy(), np.full((4, 4), squares)
    learn_pairs(found, rates, dpairs, 0.2)
    expected = pairs.copy()
    expected[:3, :3] -= 0.2 * dpairs / np.sqrt(squares + dpairs**2)
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    np.testing.assert_allclose(rates[:3, :3], squares + dpairs**2, rtol=1e-12)
    assert (rates[3] == squares).all()


@given(st.lists(st.integers(1, 3), min_size=1, max_size=12))
@settings(deadline=None, max_examples=30, derandomize=True)
def test_contexts_and_what_follows_them_have_places_of_their_own(symbols: list[int]) -> None:
    places = np.full((len(symbols), emissions.ORDERS, 2), -1)
    emissions.fill_places(np.array(symbols, np.uint64), places)
    assert 0 <= places.min() <= places.max() < 2**31
    found: dict[tuple[int, ...], set[int]] = {}
    for t, order in product(range(len(symbols)), range(emissions.ORDERS)):
        context = tuple(symbols[k] if k >= 0 else 0 for k in range(t - order, t))
        found.setdefault((0, *context), set()).add(int(places[t, order, 0]))
        found.setdefault((1, *context, symbols[t]), set()).add(int(places[t, order, 1]))
    assert all(len(each) == 1 for each in found.values())
    assert len(set.union(*found.values())) == len(found)


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(0, 1)), min_size=1, max_size=12))
@settings(deadline=None, max_examples=20)
def test_emissions_are_those_of_dictionaries_of_counts(steps: list[tuple[int, int]]) -> None:
    symbols = np.array([symbol for symbol, _ in steps], np.uint64)
    chosen = np.array([label for _, label in steps])
    # So few rows that contexts meet.
    places, counts = np.full((len(steps), emissions.ORDERS, 2), -1), np.zeros((64, 3))
    emissions.fill_places(symbols, places)
    seen = Counter[tuple[int, int]]()
    for _ in range(2):
        emissions.count_emissions(places, chosen, counts)
        for label, rows in zip(chosen.tolist(), (places % 64).tolist(), strict=True):
            seen.update((row, label) for pair in rows for row in pair)
    unary = np.ones((len(steps), 2))
    emissions.add_emissions(places, counts, 4.0, unary)
    for t, label in product(range(len(steps)), range(2)):
        chance, weight = 1 / 4, emissions.SMOOTHING
        for context, follows in (places[t] % 64).tolist():
            chance = (seen[follows, label] + weight * chance) / (seen[context, label] + weight)
        assert unary[t, label] == pytest.approx(1 + math.log(chance), abs=1e-12)


@given(st.lists(st.tuples(st.integers(0, 2**31 - 1), st.integers(0, 2)), min_size=1, max_size=12))
@settings(deadline=None, max_examples=20)
def test_transitions_are_those_of_dictionaries_of_counts(steps: list[tuple[int, int]]) -> None:
    windows, chosen = np.array([w for w, _ in steps]), np.array([label for _, label in steps])
    # So few blocks that windows meet.
    counts, followed = np.zeros((4, 5, 5)), np.zeros((3, 3))
    around, pairs_seen = Counter[tuple[int, int, int]](), Counter[tuple[int, int]]()
    for _ in range(2):
        transitions.count_pairs(windows, chosen, counts, followed)
        for (_, former), (window, later) in pairwise(steps):
            around[window % 4, former, later] += 1
            pairs_seen[former, later] += 1
    pairs = np.full((len(steps), 3, 3), math.nan)
    transitions.fill_pairs(windows, counts, followed, pairs)
    np.testing.assert_allclose(np.exp(pairs).sum(-1), 1, rtol=1e-12)
    prior, smoothing = transitions.PRIOR, transitions.SMOOTHING
    for t, former, later in product(range(len(steps)), range(3), range(3)):
        window = steps[t][0] % 4
        whole = sum(pairs_seen[former, label] for label in range(3))
        seen = sum(around[window, former, label] for label in range(3))
        chance = (pairs_seen[former, later] + prior) / (whole + 3 * prior)
        if t:
            chance = (around[window, former, later] + smoothing * chance) / (seen + smoothing)
        assert pairs[t, former, later] == pytest.approx(math.log(chance), abs=1e-12)
