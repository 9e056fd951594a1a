"""The parts that learners of whole sequences share."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from streamrnn.errors import RecordError
from streamrnn.layers.stack import Layer
from streamrnn.learner.optimization import Optimization
from streamrnn.learner.sequence_network import SequenceArchitecture
from streamrnn.learner.sequences.chain import forbidden
from streamrnn.learner.sequences.draws import Draws
from streamrnn.learner.sequences.experts import folded, rows_for
from streamrnn.learner.sequences.frames import Variation, varied
from streamrnn.learner.sequences.labels import Labels, room_for
from streamrnn.learner.sequences.ragged import packed, unpacked
from streamrnn.learner.sequences.reader import Embedding, Reader, Reading
from streamrnn.learner.sequences.reservoir import Reservoir
from streamrnn.learner.sequences.sequence import hash_of, of_symbols, of_words, shape_of, words_of
from streamrnn.learner.sequences.vocabulary import Vocabulary


def test_words_are_runs_of_letters_and_digits_and_marks_by_themselves() -> None:
    assert words_of("It's 5 o'clock... naïve_x!") == [
        *("It", "'", "s", "5", "o", "'", "clock", ".", ".", ".", "naïve_x", "!")
    ]
    assert words_of(" \n") == []


@pytest.mark.parametrize(
    ("word", "shape"), [("McDonald", "AaAa"), ("B-52s", "A-0a"), ("2026", "0"), ("ß!!", "a!")]
)
def test_the_shape_of_a_word(word: str, shape: str) -> None:
    assert shape_of(word) == shape


def test_symbols_are_never_taken_for_what_stands_beyond_the_ends() -> None:
    assert all(hash_of(text) > 0 for text in ("", "a", "\x00", "\ud800"))
    assert len(of_symbols([1, "1", "ab"])) == 3
    assert of_words(["Ab", "ab"]).symbols[0] == of_words(["aB"]).symbols[0]


def test_labels_keep_their_numbers_and_their_types() -> None:
    labels = Labels(4)
    assert [labels.number(label) for label in (1, True, 1.0, "1", 1)] == [0, 1, 2, 3, 0]
    with pytest.raises(RecordError, match="at most 4 labels"):
        labels.number("x")
    assert labels.find("x") is None
    other = Labels(4)
    other.restore(list(labels))
    assert [other.find(label) for label in (1, True, 1.0, "1")] == [0, 1, 2, 3]
    assert [room_for(n) for n in (0, 4, 5, 8, 9)] == [4, 4, 8, 8, 16]


@given(st.lists(st.integers(1, 40), max_size=60), st.integers(1, 6), st.integers(1, 60))
@settings(max_examples=60, deadline=None)
def test_a_reservoir_is_bounded_in_sequences_and_steps(
    sizes: list[int], most: int, most_steps: int
) -> None:
    kept = Reservoir({"numbers": 1}, most, most_steps, Draws(1))
    for number, size in enumerate(sizes):
        kept.put((np.full(size, number),), size)
        if len(kept):
            held = kept.tensors()["kept_numbers_shapes"][:, 0]
            assert len(held) <= most
            assert held.sum() <= most_steps
    fitting = [size for size in sizes if size <= most_steps]
    assert bool(len(kept)) == bool(fitting)
    if fitting:
        assert fitting[-1] in kept.tensors()["kept_numbers_shapes"][:, 0]


def test_a_reservoir_draws_all_and_goes_on_as_it_was() -> None:
    one, other = (Reservoir({"numbers": 1}, 5, 100, Draws(3)) for _ in range(2))
    for number in range(20):
        one.put((np.array([number]),), 1)
    other.restore(one.tensors())
    other._draws.count = one._draws.count
    drawn = [int(one.draw()[0][0]) for _ in range(200)]
    assert drawn == [int(other.draw()[0][0]) for _ in range(200)]
    assert set(drawn) == {int(n) for n in one.tensors()["kept_numbers"]}


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 4), st.integers(1, 3)), max_size=6),
)
@settings(max_examples=60, deadline=None)
def test_what_is_packed_comes_back(shapes: list[tuple[int, int, int]]) -> None:
    draw = np.random.default_rng(1)
    rows: list[tuple[NDArray[Any], ...]] = [
        (draw.integers(0, 9, a), draw.normal(size=(b, c)).astype(np.float32)) for a, b, c in shapes
    ]
    axes = {"one": 1, "two": 2}
    back = unpacked("x_", axes, packed("x_", axes, rows))
    assert len(back) == len(rows)
    for row, same in zip(rows, back, strict=True):
        for array, other in zip(row, same, strict=True):
            assert array.shape == other.shape
            assert np.array_equal(array, other)


def test_a_wider_network_says_what_it_said() -> None:
    a = SequenceArchitecture((Layer("lstm", 3, True),), 2, 2, pooling=("last", "mean"), parts=2)
    reader = Reader(a, Embedding(rows=64, width=2), Optimization())
    draw = np.random.default_rng(2)
    pieces, numbers = np.arange(5)[:, np.newaxis], draw.normal(size=(5, 2)).astype(np.float32)
    for _ in range(20):
        outputs = reader.outputs(Reading(pieces, numbers), 3, learning=True)
        reader.learn(outputs - np.array([[1, -1]], np.float32))
        reader.network.update()
    before = reader.outputs(Reading(pieces, numbers)).copy()
    wider = np.zeros((5, 5), np.float32)
    wider[:, [3, 1]] = numbers
    reader.grow([3, 1], 5, 4)
    after = reader.outputs(Reading(pieces, wider))
    assert np.abs(before).max() > 0.1
    assert np.allclose(after[:, :2], before, atol=1e-6)
    assert np.array_equal(after[:, 2:], np.zeros((1, 2)))
    assert reader.network.updates == 20


def test_variants_are_stretched_cut_and_mirrored() -> None:
    frames = np.linspace(0, 1, 40, dtype=np.float32).reshape(20, 2)
    assert varied(frames, Variation(0, 0), Draws(1)) is frames
    lengths, signs = set(), set()
    for seed in range(40):
        made = varied(frames, Variation(0.3, 0.2, True), Draws(seed))
        assert np.array_equal(made, varied(frames, Variation(0.3, 0.2, True), Draws(seed)))
        lengths.add(len(made))
        signs.add(float(np.sign(made[-1, 0])))
        assert 6 <= len(made) <= 27
    assert len(lengths) > 5
    assert signs == {-1.0, 1.0}
    assert varied(frames[:1], Variation(0.3, 0.2), Draws(1)).shape == (1, 2)


def test_spans_begin_before_they_go_on() -> None:
    pairs, begin = forbidden(("O", "B-x", "I-x", "B-y", "I-y"))
    assert pairs[:, 2].tolist() == [True, False, False, True, True]
    assert begin.tolist() == [False, False, True, False, True]
    assert not forbidden(("O", "noun"))[0].any()


def test_sets_are_written_in_ascending_order_whatever_came_first() -> None:
    vocabulary = Vocabulary(10)
    vocabulary.add([7, "b", 3, "a", 5])
    heard = vocabulary.hear([[7, 3, 5, 7], ["b", "a"], []], [5], sets=True)
    values = [vocabulary.value(n) if n > 2 else n for n in heard.whole.symbols.tolist()]
    assert values == [3, 5, 7, 0, "a", "b", 0, 0, 1]
    assert heard.heard.symbols.tolist()[1] == 2
    assert heard.new == [1]
    assert heard.whole.starts.tolist() == [0, 4, 7, 8, 9]
    moved = vocabulary.moved(heard.whole, 2)
    assert moved is None
    with pytest.raises(RecordError, match="at most 10"):
        vocabulary.add(list(range(100, 120)))
    assert len(vocabulary.values) == 5


def test_a_table_keeps_its_size_and_what_rows_have_beyond_the_first_fill() -> None:
    table = np.full((8, 4), 0.5, np.float32)
    table[1, 2] += 1
    table[5, 2] += 2
    table[6, 0] += 4
    grown = folded(table, 8, 0.5)
    expected = np.full((4, 8), 0.5, np.float32)
    expected[1, 2] += 3
    expected[2, 0] += 4
    assert grown.size == table.size
    assert np.array_equal(grown, expected)
    assert rows_for(4, 8) == 1
