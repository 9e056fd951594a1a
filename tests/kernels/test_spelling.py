"""Counts of spelling against dictionaries of contexts, and in tables that are too small."""

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from streamrnn.kernels.spelling import (
    DISCOUNT,
    END,
    KEPT,
    ORDERS,
    PROBED,
    Spelling,
    count_spelling,
    fill_chances,
)

Array = NDArray[np.float64]
transcripts = st.lists(st.lists(st.integers(1, 3), max_size=6), max_size=8)


def empty(rows: int) -> Spelling:
    """Return a table in which nothing was counted."""
    followers, counts = np.full((rows, KEPT), -1, np.int32), np.zeros((rows, KEPT), np.float32)
    return Spelling(np.zeros(rows, np.uint64), followers, counts)


def count(spelling: Spelling, transcript: Sequence[int]) -> None:
    history, contexts = np.full(ORDERS - 1, -1), np.zeros(ORDERS, np.uint64)
    count_spelling(spelling, np.array(transcript, np.int64), history, contexts)


def chances_after(spelling: Spelling, before: Sequence[int], many: int) -> Array:
    padded = [END] * ORDERS + list(before)
    chances, history = np.full(many, np.nan), np.array(padded[:-ORDERS:-1], np.int64)
    fill_chances(spelling, history, np.zeros(ORDERS, np.uint64), chances)
    return chances


def expected_after(transcripts: Sequence[Sequence[int]], before: Sequence[int], many: int) -> Array:
    """Return the same by the definition: shorter contexts count different symbols before them."""
    longest = ORDERS - 1
    runs = Counter[tuple[int, ...]]()
    for transcript in transcripts:
        padded = [*[END] * longest, *transcript, END]
        runs.update(tuple(padded[n : n + ORDERS]) for n in range(len(transcript) + 1))
    counts: dict[tuple[int, ...], Counter[int]] = defaultdict(Counter)
    while longest >= 0:
        for run, times in runs.items():
            counts[run[:-1]][run[-1]] += times
        runs = Counter(dict.fromkeys(runs, 1))
        runs = Counter(run[1:] for run in runs)
        longest -= 1
    chances = np.full(many, 1 / many)
    padded = [END] * ORDERS + list(before)
    for order in range(ORDERS):
        seen = counts.get(tuple(padded[len(padded) - order :]))
        if seen:
            whole = sum(seen.values())
            chances *= DISCOUNT * len(seen) / whole
            for symbol, times in seen.items():
                chances[symbol] += max(times - DISCOUNT, 0) / whole
    return chances


@given(transcripts, st.lists(st.integers(1, 3), max_size=6))
@settings(deadline=None, max_examples=60)
def test_chances_are_those_of_dictionaries_of_counts(
    transcripts: list[list[int]], before: list[int]
) -> None:
    spelling = empty(1 << 12)
    for transcript in transcripts:
        count(spelling, transcript)
    expected = expected_after(transcripts, before, 5)
    np.testing.assert_allclose(chances_after(spelling, before, 5), expected, rtol=1e-12)


def test_more_followers_than_a_row_keeps_are_all_counted() -> None:
    spelling, transcripts = empty(1 << 14), [[1, n] for n in range(1, 60) for _ in range(n % 3 + 1)]
    for transcript in transcripts:
        count(spelling, transcript)
    chances = chances_after(spelling, [1], 61)
    np.testing.assert_allclose(chances, expected_after(transcripts, [1], 61), rtol=1e-12)
    assert chances[59] / chances[57] > 2.5


@given(transcripts, st.lists(st.integers(1, 3), max_size=6), st.sampled_from([PROBED, 16]))
@settings(deadline=None, max_examples=60)
def test_chances_sum_to_one_where_contexts_make_way(
    transcripts: list[list[int]], before: list[int], rows: int
) -> None:
    spelling = empty(rows)
    for transcript in transcripts:
        count(spelling, transcript)
    chances = chances_after(spelling, before, 4)
    assert chances.min() > 0
    assert chances.sum() == pytest.approx(1, abs=1e-12)


def test_what_was_often_seen_is_likely() -> None:
    spelling = empty(1 << 10)
    for _ in range(20):
        count(spelling, [1, 2, 3])
    assert chances_after(spelling, [1, 2], 4)[3] > 0.9
    assert chances_after(spelling, [1, 2, 3], 4)[END] > 0.9
    assert chances_after(spelling, [], 4)[1] > 0.9
