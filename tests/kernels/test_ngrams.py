"""Hashes and n-grams: what is the same has one place, what is not has another, in any process."""

import os
import subprocess
import sys
from collections.abc import Hashable, Iterable
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from streamrnn.kernels import hashing
from streamrnn.kernels.hashing import hash_of_whole, hashed, place_of
from streamrnn.kernels.ngrams import fill_ngram, fill_ngrams, fill_pieces, fill_places, fill_windows
from streamrnn.learner.sequences.ngrams import GRAMS, places_of, places_of_parts
from streamrnn.learner.sequences.sequence import of_words, words_of

NUMBERS = st.integers(0, 2**64 - 1)
SYMBOLS = st.lists(st.integers(1, 3), max_size=10)

PLACES = """
from tests.kernels.test_ngrams import places_of_text
print(places_of_text())
"""


def grams(
    symbols: list[int], first: int, last: int, kind: int, positional: bool
) -> list[tuple[Hashable, int]]:
    """Return each n-gram and all it depends on, written out, with its place."""
    places = np.full(len(symbols), -1)
    fill_ngram(np.array(symbols, np.uint64), first, last, np.uint64(kind), positional, places)
    found: list[tuple[Hashable, int]] = []
    for t, place in enumerate(places.tolist()):
        around = range(t + first, t + last + 1)
        gram = tuple(symbols[k] if 0 <= k < len(symbols) else 0 for k in around)
        found.append(((kind, t if positional else -1, gram), place))
    return found


def assert_each_has_its_place(found: Iterable[tuple[Hashable, int]]) -> None:
    """Check that the same has the same place, and what is not has another."""
    places: dict[Hashable, set[int]] = {}
    for gram, place in found:
        assert 0 <= place < 2**31
        places.setdefault(gram, set()).add(place)
    assert all(len(each) == 1 for each in places.values())
    assert len(set.union(set(), *places.values())) == len(places)


@given(NUMBERS, NUMBERS, st.integers(1, 2**31))
@settings(deadline=None)
def test_hashes_are_those_of_whole_numbers(one: int, other: int, size: int) -> None:
    first, second, third = int(hashing.FIRST), int(hashing.SECOND), int(hashing.THIRD)
    mixed = ((one + 1) * first % 2**64) ^ ((other + 1) * second % 2**64)
    mixed = (mixed ^ (mixed >> 29)) * third % 2**64
    mixed ^= mixed >> 32
    found = hashed(np.uint64(one), np.uint64(other))
    assert int(found) == mixed == hash_of_whole(one, other)
    assert place_of(np.uint64(mixed), size) == mixed % 2**32 * size // 2**32 < size


# Two n-grams may meet, though hardly ever: the examples are always the same.
@given(SYMBOLS, SYMBOLS, st.integers(-3, 1), st.integers(0, 3))
@settings(deadline=None, max_examples=50, derandomize=True)
def test_n_grams(one: list[int], other: list[int], first: int, length: int) -> None:
    last = first + length
    found = grams(one, first, last, 5, False) + grams(other, first, last, 5, False)
    found += grams(one, first, last, 6, False) + grams(other, first, last, 5, True)
    found += grams(one, first, last, 6, True) + grams(other, first, last, 6, True)
    assert_each_has_its_place(found)


def test_n_grams_of_several_kinds() -> None:
    symbols, kinds = np.array([3, 1, 3, 2], np.uint64), [(-1, 0, 0), (0, 0, 1), (-2, 1, 0)]
    places, expected = np.full((2, 3, 4), -1)
    fill_ngrams(symbols, np.array(kinds), places)
    for kind, (first, last, positional) in enumerate(kinds):
        fill_ngram(symbols, first, last, np.uint64(kind), bool(positional), expected[kind])
    assert places.tolist() == expected.tolist()


@given(st.lists(NUMBERS, max_size=20))
@settings(deadline=None, max_examples=20, derandomize=True)
def test_single_hashes(hashes: list[int]) -> None:
    places, others = np.full((2, len(hashes)), -1)
    fill_places(np.array(hashes, np.uint64), np.uint64(1), places)
    fill_places(np.array(hashes, np.uint64), np.uint64(2), others)
    ones = [((1, number), place) for number, place in zip(hashes, places.tolist(), strict=True)]
    twos = [((2, number), place) for number, place in zip(hashes, others.tolist(), strict=True)]
    assert_each_has_its_place(ones + twos)


def test_some_pieces_of_each_step_are_placed_as_single_hashes() -> None:
    pieces = np.random.default_rng(1).integers(0, 2**64, (5, 4), np.uint64)
    places, expected = np.full((5, 2), -1), np.full(10, -1)
    fill_pieces(pieces, np.array([3, 1]), np.uint64(7), places)
    fill_places(pieces[:, [3, 1]].ravel(), np.uint64(7), expected)
    assert places.ravel().tolist() == expected.tolist()


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 3)), min_size=1, max_size=8))
@settings(deadline=None, max_examples=30, derandomize=True)
def test_windows(pieces: list[tuple[int, int]]) -> None:
    single, joined = [(-2, 0), (0, 1), (1, 0)], [(-1, 0, 0), (0, 2, 1), (0, 0, 1)]
    places = np.full((len(pieces), len(single) + len(joined)), -1)
    fill_windows(np.array(pieces, np.uint64), np.array(single), np.array(joined), places)
    windows = [(k, k, piece) for k, piece in single] + joined
    found: list[tuple[Hashable, int]] = []
    for t, row in enumerate(places.tolist()):
        for column, ((first, last, piece), place) in enumerate(zip(windows, row, strict=True)):
            around = range(t + first, t + last + 1)
            seen = [pieces[k][piece] if 0 <= k < len(pieces) else 0 for k in around]
            found.append(((column, tuple(seen)), place))
    assert_each_has_its_place(found)


def test_places_are_spread_over_tables_of_any_size() -> None:
    places: NDArray[np.int64] = np.empty(64_000, np.int64)
    fill_places(np.arange(64_000, dtype=np.uint64), np.uint64(3), places)
    for few in (places & 63, places >> 25):
        assert np.abs(np.bincount(few, minlength=64) - 1000).max() < 5 * np.sqrt(1000)


def places_of_text() -> list[list[int]]:
    steps = of_words(words_of("Where does the 7th N-gram stand, and where its parts?"))
    found = [*places_of(steps, GRAMS["characters"]), places_of_parts(steps)]
    return [places.tolist() for places in found]


def test_places_are_the_same_in_another_process() -> None:
    expected = places_of_text()
    assert len({place for places in expected for place in places}) > 90
    result = subprocess.run(
        [sys.executable, "-c", PLACES],
        env={**os.environ, "PYTHONHASHSEED": "1"},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout == f"{expected}\n"
