"""The search among transcripts against one through all of them."""

import math
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from streamrnn.kernels.beam import Beams, greedy, search
from streamrnn.kernels.ctc import log_shares
from streamrnn.kernels.spelling import END, ORDERS, Spelling
from tests.kernels.test_ctc import chances, transcript_of
from tests.kernels.test_spelling import chances_after, count, empty

Array = NDArray[np.float64]
Said = tuple[int, ...]

ALL = 200
"""More beginnings than there are of two symbols in six steps."""
seeds, lengths = st.integers(0, 2**32 - 1), st.integers(0, 6)


def beams_for(steps: int, width: int, symbols: int) -> Beams:
    """Return room that is filled with what must not be seen."""
    return Beams(
        keys=np.full((2, width, 2), 7, np.uint64),
        sums=np.full((2, width, 3), math.nan),
        places=np.full((2, width, 2), -1),
        worth=np.full((2, width, symbols), math.nan),
        nodes=np.full((steps * width + 1, 2), -1),
        gains=np.full((width, symbols), math.nan),
        chosen=np.full((width, 2), -1),
        scores=np.full(width, math.nan),
        history=np.full(ORDERS - 1, -1),
        contexts=np.zeros(ORDERS, np.uint64),
    )


def searched(
    outputs: Array, spelling: Spelling, weight: float, bonus: float, width: int = ALL
) -> tuple[Said, float]:
    logs, transcript = np.full(outputs.shape, math.nan), np.full(len(outputs), -1)
    log_shares(outputs, logs)
    room = beams_for(len(outputs), width, outputs.shape[1])
    length, score = search(logs, spelling, weight, bonus, room, transcript)
    return tuple(transcript[:length].tolist()), score


def scores(outputs: Array, spelling: Spelling, weight: float, bonus: float) -> dict[Said, float]:
    """Return the score of each transcript that there is, by all paths."""
    sums = defaultdict[Said, float](float)
    for said, chance in chances(outputs):
        sums[said] += chance
    found = {}
    for said, chance in sums.items():
        score = math.log(chance) + bonus * len(said)
        for n, symbol in enumerate([*said, END]):
            score += weight * math.log(chances_after(spelling, said[:n], outputs.shape[1])[symbol])
        found[said] = score
    return found


def spelling_of(transcripts: Sequence[Sequence[int]]) -> Spelling:
    spelling = empty(1 << 10)
    for transcript in transcripts:
        count(spelling, transcript)
    return spelling


@given(
    seeds,
    lengths,
    st.lists(st.lists(st.integers(1, 2), max_size=4), max_size=4),
    st.sampled_from([0.0, 0.5, 2.0]),
    st.sampled_from([0.0, 1.0, -1.0]),
)
@settings(deadline=None, max_examples=60)
def test_a_wide_search_finds_the_best_of_all(
    seed: int, steps: int, transcripts: list[list[int]], weight: float, bonus: float
) -> None:
    outputs = np.random.default_rng(seed).normal(size=(steps, 3)) * 2
    spelling = spelling_of(transcripts)
    expected = scores(outputs, spelling, weight, bonus)
    said, score = searched(outputs, spelling, weight, bonus)
    assert score == pytest.approx(max(expected.values()), abs=1e-9)
    assert score == pytest.approx(expected[said], abs=1e-9)


@given(seeds, st.integers(1, 6), st.integers(1, 6))
@settings(deadline=None, max_examples=60)
def test_a_narrow_search_says_no_more_than_is_there(seed: int, steps: int, width: int) -> None:
    outputs = np.random.default_rng(seed).normal(size=(steps, 3)) * 2
    spelling = spelling_of([[1, 2], [2, 2, 1]])
    expected = scores(outputs, spelling, 0.5, 0.5)
    said, score = searched(outputs, spelling, 0.5, 0.5, width)
    # Of what it says it may have lost some paths.
    assert score <= expected[said] + 1e-9


@given(seeds, lengths)
@settings(deadline=None, max_examples=60)
def test_greedy_follows_the_likeliest_path(seed: int, steps: int) -> None:
    outputs = np.random.default_rng(seed).normal(size=(steps, 3))
    transcript = np.full(steps, -1)
    length = greedy(outputs, transcript)
    assert tuple(transcript[:length].tolist()) == transcript_of(outputs.argmax(1).tolist())
    # Where one path is nearly sure, both find the same.
    assert searched(outputs * 1e6, empty(16), 0, 0, 2)[0] == tuple(transcript[:length].tolist())


def test_many_unlikely_paths_outweigh_the_likeliest() -> None:
    # Graves et al. (2006), figure 3: the blank is the likeliest of each step.
    outputs = np.log([[0.6, 0.4], [0.6, 0.4]])
    assert greedy(outputs, np.zeros(2, np.int64)) == 0
    said, score = searched(outputs, empty(16), 0, 0, 4)
    assert said == (1,)
    assert score == pytest.approx(math.log(0.64))


def test_what_was_often_written_is_heard() -> None:
    outputs = np.log([[0.1, 0.45, 0.45], [0.9, 0.05, 0.05], [0.1, 0.44, 0.46]])
    spelling = spelling_of([[2, 1]] * 10)
    assert searched(outputs, spelling, 0, 0)[0] in ((1, 2), (2, 2))
    assert searched(outputs, spelling, 0.5, 0)[0] == (2, 1)
    assert searched(outputs, spelling, 0.5, -5)[0] == ()


def test_long_searches_are_finite() -> None:
    outputs = np.random.default_rng(1).normal(size=(2000, 20)) * 50
    said, score = searched(outputs, spelling_of([[1, 2, 3]]), 0.5, 1.0, 8)
    assert math.isfinite(score)
    assert len(said) > 1000
