"""Bounded counts, and the lexicon, against dictionaries and plain NumPy."""

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from streamrnn.kernels import lexicon, slots
from streamrnn.kernels.keys import fill_keys
from streamrnn.kernels.lexicon import JUMPS, REACH
from streamrnn.kernels.slots import NOWHERE, Slots

Array = NDArray[np.float64]


def table(rows: int = 64, width: int = 4) -> Slots:
    return Slots(
        np.zeros(rows, np.uint64),
        np.zeros(rows),
        np.full((rows, width), NOWHERE, np.int32),
        np.zeros((rows, width)),
    )


def keys_of(*keys: int) -> NDArray[np.uint64]:
    return np.array(keys, np.uint64)


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 3), st.floats(0, 5)), max_size=40))
@settings(deadline=None, max_examples=50)
def test_counts_are_those_of_a_dictionary_while_there_is_room(
    events: list[tuple[int, int, float]],
) -> None:
    made, seen = table(), defaultdict[tuple[int, int], float](float)
    for key, word, weight in events:
        slots.count(made, slots.claimed_row(made, np.uint64(key)), word, weight, True)
        seen[key, word] += weight
    for key in range(1, 10):
        row = slots.row_of(made.keys, np.uint64(key))
        counts = [seen[key, word] for word in range(4)]
        if row == NOWHERE:
            assert key not in {each[0] for each in events}
        else:
            assert [slots.counted(made, row, word) for word in range(4)] == pytest.approx(counts)
            assert made.totals[row] == pytest.approx(sum(counts))


def test_what_is_taken_back_is_gone_and_read_as_nothing_where_it_is_less() -> None:
    made = table()
    row = slots.claimed_row(made, np.uint64(7))
    for weight in (0.5, 0.25, -0.5):
        slots.count(made, row, 3, weight, weight > 0)
    assert slots.counted(made, row, 3) == 0.25
    slots.count(made, row, 3, -1.0, False)
    slots.count(made, row, 5, -1.0, False)
    assert (slots.counted(made, row, 3), slots.counted(made, row, 5)) == (0, 0)
    slots.count(made, row, 3, 1.0, False)
    assert slots.counted(made, row, 3) == 0.25


def test_a_count_never_stops_where_its_type_could_not_hold_one_more() -> None:
    plain = table()
    totals, counts = plain.totals.astype(np.float32), plain.counts.astype(np.float32)
    made = plain._replace(totals=totals, counts=counts)
    row = slots.claimed_row(made, np.uint64(7))
    slots.count(made, row, 3, 3 * slots.MOST / 4, True)
    slots.count(made, row, 5, slots.MOST / 4, True)
    assert made.totals[row] == slots.MOST
    slots.count(made, row, 5, 1.0, True)
    found = slots.counted(made, row, 3), slots.counted(made, row, 5)
    assert found == (3 * slots.MOST / 8, slots.MOST / 8 + 1)
    assert made.totals[row] == sum(found)
    # The smallest share that is counted is not lost beside the largest count.
    made.totals[row] = made.counts[row, 0] = slots.MOST - 1
    slots.count(made, row, 3, lexicon.LEAST_SHARE, True)
    assert made.totals[row] > slots.MOST - 1
    assert slots.counted(made, row, 3) > slots.MOST - 1


def test_what_was_counted_is_taken_back_and_counted_again_across_a_halving() -> None:
    made = table()
    row = slots.claimed_row(made, np.uint64(7))
    slots.count(made, row, 3, slots.MOST - 0.5, True)
    slots.count(made, row, 5, 0.5, True)
    for weight in (-1.0, 1.0):
        slots.count(made, row, 3, weight, False)
    assert slots.counted(made, row, 3) == (slots.MOST - 0.5) / 2
    assert made.totals[row] == slots.MOST / 2


def test_what_words_and_jumps_are_compared_by_is_halved_together() -> None:
    times = np.array([lexicon.MOST_TIMES - 2, 1, 1, lexicon.FEW_TIMES], np.float32)
    chances = np.empty(4, np.float32)
    lexicon.learn_frequency(np.array([2]), times, chances)
    # What never came, or not for long, stays possible.
    assert times.tolist() == [lexicon.MOST_TIMES / 2 - 1, 0.5, 1, lexicon.FEW_TIMES]
    np.testing.assert_allclose(chances, times / times.sum(), rtol=1e-6)
    for _ in range(200):
        times[0] = lexicon.MOST_TIMES
        lexicon.learn_frequency(np.array([0]), times, chances)
    assert times[1:].tolist() == [lexicon.FEW_TIMES] * 3
    assert (chances > 0).all()
    jumps = np.full(JUMPS, lexicon.FEW_JUMPS, np.float32)
    jumps[0] = slots.MOST
    lexicon.learn_jumps(np.full((1, 1), np.nan, np.float32), jumps)
    assert jumps[0] == slots.MOST / 2
    assert (jumps[1:] == np.float32(lexicon.FEW_JUMPS)).all()


def test_a_full_row_is_the_same_after_any_number_of_replays() -> None:
    made = table(width=2)
    row = slots.claimed_row(made, np.uint64(7))
    # The third wears the first down, below what it weighs itself.
    for word, weight in ((1, 1.0), (2, 5.0), (3, 0.75)):
        slots.count(made, row, word, weight, True)
    kept = made.words.copy(), made.counts.copy(), made.totals.copy()
    for _ in range(6):
        for word, weight in ((1, 1.0), (3, 0.75)):
            slots.count(made, row, word, -weight, False)
            slots.count(made, row, word, weight, False)
        for before, after in zip(kept, (made.words, made.counts, made.totals), strict=True):
            np.testing.assert_array_equal(before, after)


def test_a_replayed_pair_takes_no_row_from_another() -> None:
    made, memory = table(rows=slots.LOOKED_AT), table(rows=slots.LOOKED_AT)
    for key in range(1, slots.LOOKED_AT + 1):
        for each in (made, memory):
            slots.count(each, slots.claimed_row(each, np.uint64(key)), 0, 1.0, True)
    keys, words, shares = np.array([[99, 98]], np.uint64), np.array([4]), np.ones((1, 2))
    kept = made.keys.copy(), made.totals.copy(), memory.keys.copy(), memory.totals.copy()
    for weight in (-1.0, 1.0):
        history = np.array([[97]], np.uint64)
        lexicon.learn_counts(made, memory, keys, history, words, shares, weight, False)
    tables = made.keys, made.totals, memory.keys, memory.totals
    for before, after in zip(kept, tables, strict=True):
        np.testing.assert_array_equal(before, after)


def test_in_a_full_row_a_word_must_weigh_as_much_as_the_least() -> None:
    made = table(width=2)
    row = slots.claimed_row(made, np.uint64(7))
    for word, weight in ((1, 3.0), (2, 1.0), (3, 0.75)):
        slots.count(made, row, word, weight, True)
    assert [slots.counted(made, row, word) for word in (1, 2, 3)] == [3, 0.25, 0]
    slots.count(made, row, 3, 0.75, True)
    assert [slots.counted(made, row, word) for word in (1, 2, 3)] == [3, 0, 0.75]
    assert made.totals[row] == 5.5


def test_where_all_rows_are_taken_the_least_makes_way() -> None:
    made = table(rows=slots.LOOKED_AT)
    for key in range(1, slots.LOOKED_AT + 1):
        slots.count(made, slots.claimed_row(made, np.uint64(key)), 0, float(10 + key % 5), True)
    least = slots.row_of(made.keys, np.uint64(5))
    assert slots.claimed_row(made, np.uint64(99)) == least
    assert slots.row_of(made.keys, np.uint64(5)) == NOWHERE
    assert slots.counted(made, least, 0) == made.totals[least] == 0
    assert slots.row_of(made.keys, np.uint64(6)) != NOWHERE


@given(st.integers(1, 40), st.integers(0, 2**32 - 1), st.booleans())
@settings(deadline=None, max_examples=40)
def test_what_is_expected_is_a_distribution_moved_by_jumps(
    source: int, seed: int, first: bool
) -> None:
    generator = np.random.default_rng(seed)
    place, jumps = generator.dirichlet(np.ones(source)), generator.uniform(0.1, 5, JUMPS)
    found, expected = np.empty(source), np.zeros(source)
    lexicon.expect(place, first, jumps, found)
    for s in range(source):
        for r in [-1] if first else range(source):
            weight = 1.0 if first else place[r] * (place[r] >= lexicon.LEAST_PLACE)
            if abs(s - r) <= REACH:
                expected[s] += weight * jumps[s - r + REACH]
    expected = lexicon.ANYWHERE / source + (1 - lexicon.ANYWHERE) * expected / expected.sum()
    np.testing.assert_allclose(found, expected, rtol=1e-9)
    assert found.sum() == pytest.approx(1)


def test_without_a_last_place_all_is_expected_alike() -> None:
    found = np.empty(4)
    lexicon.expect(np.zeros(4), False, np.ones(JUMPS), found)
    np.testing.assert_allclose(found, 0.25)


def test_shares_are_those_of_bayes_rule() -> None:
    made, keys = table(), keys_of(5, 6, 7)
    for key, word, weight in ((5, 1, 3.0), (5, 2, 1.0), (6, 1, 0.5)):
        slots.count(made, slots.claimed_row(made, np.uint64(key)), word, weight, True)
    rows = np.empty(3, np.int64)
    lexicon.find_rows(made, keys, rows)
    assert rows[2] == NOWHERE
    expected, shares, place = np.array([0.5, 0.3, 0.2]), np.empty(3), np.empty(3)
    lexicon.align(made, rows, 1, 0.01, expected, shares, place)
    prior, none = lexicon.PRIOR, lexicon.NONE
    chances = np.array(
        [(3 + prior * 0.01) / (4 + prior), (0.5 + prior * 0.01) / (0.5 + prior), 0.01]
    )
    joint = np.array([*((1 - none) * expected * chances), none * 0.01])
    joint /= joint.sum()
    np.testing.assert_allclose(shares, joint[:3])
    np.testing.assert_allclose(place, joint[:3] + joint[3] * expected)
    assert place.sum() == pytest.approx(1)


def test_a_toy_language_is_learned_from_whole_sentences() -> None:
    generator, made, jumps = np.random.default_rng(1), table(256, 8), np.ones(JUMPS)
    chances = np.full(20, 1 / 20)
    for _ in range(300):
        keys = generator.permutation(10)[:4].astype(np.uint64) + np.uint64(1)
        words = keys.astype(np.int64) + 5
        rows, shares, places = np.empty(4, np.int64), np.empty((4, 4)), np.empty((4, 4))
        lexicon.find_rows(made, keys, rows)
        for t, word in enumerate(words.tolist()):
            expected = np.empty(4)
            lexicon.expect(places[max(t - 1, 0)], t == 0, jumps, expected)
            lexicon.align(made, rows, word, chances[word], expected, shares[t], places[t])
        lexicon.learn_lexicon(made, keys, words, shares, 1.0, True)
        lexicon.learn_jumps(places, jumps)
    for key in range(1, 11):
        row = slots.row_of(made.keys, np.uint64(key))
        assert slots.counted(made, row, key + 5) > 0.9 * made.totals[row]
    assert jumps.argmax() == REACH + 1


def test_jumps_are_counted_by_the_chances_of_both_places() -> None:
    jumps = np.zeros(JUMPS)
    places = np.zeros((3, 2 * REACH))
    places[0, 0], places[1, [2, 3]], places[2, -1] = 1, (0.25, 0.75), 1
    lexicon.learn_jumps(places, jumps)
    expected = np.zeros(JUMPS)
    expected[REACH + 1], expected[REACH + 2], expected[REACH + 3] = 1, 0.25, 0.75
    expected[-1] = 1
    np.testing.assert_allclose(jumps, expected)


def test_what_was_counted_can_be_taken_back() -> None:
    made, memory, keys = table(), table(), np.array([[5, 6], [8, 9]], np.uint64)
    words, history = np.array([3, 0]), np.array([[1, 2], [3, 4]], np.uint64)
    shares = np.array([[0.75, lexicon.LEAST_SHARE / 2], [0.25, 0.5]])
    lexicon.learn_counts(made, memory, keys, history, words, shares, 1.0, True)
    row, other = (slots.row_of(made.keys, np.uint64(key)) for key in (8, 9))
    assert (slots.counted(made, row, 3), slots.counted(made, row, 0)) == (0.75, 0.25)
    assert (slots.counted(made, other, 3), slots.counted(made, other, 0)) == (0, 0.5)
    assert slots.counted(memory, slots.row_of(memory.keys, np.uint64(3)), 3) == 1
    lexicon.learn_counts(made, memory, keys, history, words, shares, -1.0, False)
    assert not made.counts.any()
    assert not made.totals.any()
    assert not memory.counts.any()


def test_chances_are_shares_of_all_that_came() -> None:
    times, chances = np.full(5, 0.5), np.zeros(5)
    lexicon.learn_frequency(np.array([1, 3, 1]), times, chances)
    assert times.tolist() == [0.5, 2.5, 0.5, 1.5, 0.5]
    np.testing.assert_allclose(chances, times / 5.5)


def test_keys_tell_what_stands_around_a_step() -> None:
    symbols, spans = np.array([7, 8, 7, 8, 9], np.uint64), np.array([(0, 0), (0, 1), (-1, 0)])
    found = np.zeros((3, 5), np.uint64)
    fill_keys(symbols, spans, found)
    around: list[tuple[object, ...]] = []
    for kind, (first, last) in enumerate(spans.tolist()):
        for t in range(5):
            span = range(t + first, t + last + 1)
            around.append((kind, *(int(symbols[k]) if 0 <= k < 5 else 0 for k in span)))
    assert len(set(found.reshape(-1).tolist())) == len(set(around))
    assert len(set(zip(around, found.reshape(-1).tolist(), strict=True))) == len(set(around))
    assert found.all()
