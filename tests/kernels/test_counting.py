"""What contexts foretell of the next byte: probabilities, bounds, and what is learned when."""

import random
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from streamrnn.kernels import contexts, counting, histories, mixing
from streamrnn.kernels.contexts import BYTES
from streamrnn.kernels.counts import Counts
from streamrnn.learner.counting import make_counts, make_scratch

MEGABYTES = 8.0
ALIKE = np.full((1, BYTES), 1 / BYTES, np.float32)
"""A network that expects each byte alike says nothing."""


class Stream(NamedTuple):
    """Where one stream stands, and what is learned from it."""

    counts: Counts
    memory: NDArray[np.uint64]
    lines: NDArray[np.uint8]

    def read(self, text: bytes, *, learning: bool = True) -> NDArray[np.float64]:
        bits = np.empty(len(text))
        counting.read(
            self.counts,
            make_scratch(),
            self.memory,
            self.lines,
            np.frombuffer(text, np.uint8),
            np.repeat(ALIKE, len(text), axis=0),
            learning,
            bits,
        )
        return bits

    def chances(self) -> NDArray[np.float64]:
        chances = np.empty(BYTES)
        counting.distribute_bytes(
            self.counts, make_scratch(), self.memory, self.lines, ALIKE[0], chances
        )
        return chances

    def content(self) -> bytes:
        return b"".join(array.tobytes() for array in (*self.counts, self.memory, self.lines))


def stream() -> Stream:
    return Stream(
        make_counts(MEGABYTES),
        np.zeros(contexts.MEMORY, np.uint64),
        np.zeros((2, contexts.COLUMNS), np.uint8),
    )


def random_text(length: int, seed: int) -> bytes:
    return random.Random(seed).randbytes(length)


@given(st.binary(max_size=300))
@settings(deadline=None, max_examples=20)
def test_the_bytes_share_all_that_is_likely_and_cost_what_they_are(text: bytes) -> None:
    mine = stream()
    mine.read(b"the cat sat on the mat\n" * 3 + text)
    chances = mine.chances()
    assert chances.sum() == pytest.approx(1)
    assert (chances > 0).all()
    for byte in (97, 255):
        again = stream()
        again.read(b"the cat sat on the mat\n" * 3 + text)
        assert again.chances().tobytes() == chances.tobytes()
        cost = again.read(bytes([byte]), learning=False)[0]
        assert cost == pytest.approx(-np.log2(chances[byte]))


@given(st.binary(min_size=1, max_size=200), st.integers(0, 200))
@settings(deadline=None, max_examples=20)
def test_however_a_text_is_cut_it_costs_the_same(text: bytes, cut: int) -> None:
    whole, parts = stream(), stream()
    bits = whole.read(text)
    assert bits.tobytes() == parts.read(text[:cut]).tobytes() + parts.read(text[cut:]).tobytes()
    assert whole.content() == parts.content()


def test_what_came_before_costs_little_and_what_is_random_eight_bits() -> None:
    mine, text = stream(), random_text(2000, 1)
    first, again = mine.read(text + b"\n"), mine.read(text + b"\n")
    assert 8 < first.mean() < 9.5
    assert again[20:].mean() < 0.7


def test_a_byte_is_foretold_by_each_of_its_contexts() -> None:
    lines = [f"{n} node{n % 7} error code {n * 31 % 997}\n".encode() for n in range(300)]
    mine = stream()
    costs = [mine.read(line).sum() for line in lines]
    assert np.mean(costs[-50:]) < 0.5 * np.mean(costs[:50])


def test_without_learning_nothing_is_learned_but_where_it_stands() -> None:
    mine = stream()
    mine.read(b"abc" * 50)
    learned = b"".join(array.tobytes() for array in mine.counts)
    mine.read(b"xyz\n", learning=False)
    assert b"".join(array.tobytes() for array in mine.counts) == learned
    assert mine.memory[contexts.RECENT] & 0xFFFFFFFF == int.from_bytes(b"xyz\n")


def test_the_network_is_believed_where_it_is_right() -> None:
    text = random_text(1500, 2)
    sure = np.full((len(text), BYTES), 0.001, np.float32)
    sure[np.arange(len(text)), np.frombuffer(text, np.uint8)] = 0.745
    mine, bits = stream(), np.empty(len(text))
    counting.read(
        mine.counts,
        make_scratch(),
        mine.memory,
        mine.lines,
        np.frombuffer(text, np.uint8),
        sure,
        True,
        bits,
    )
    assert bits[500:].mean() < 1.0


@given(st.lists(st.integers(0, 1), max_size=300), st.integers(0, 2**31 - 1))
@settings(deadline=None)
def test_a_slot_keeps_its_last_seven_bits_and_a_mean(bits: list[int], draw: int) -> None:
    slot = (77 << 24) | histories.FRESH
    for bit in bits:
        draw = (draw * 1103515245 + 12345) & 0x7FFFFFFF
        slot = histories.updated(slot, bit, histories.chance_of(slot), draw >> 8)
    assert slot >> 24 == 77
    last = bits[-7:]
    assert histories.history_of(slot) == int("1" + "".join(map(str, last)), 2)
    assert histories.count_of(slot) == (len(bits) if len(bits) < 7 else 7 + (slot & 7))
    assert 0 < histories.chance_of(slot) < 1
    if len(bits) > 100 and len(set(bits)) == 1:
        assert abs(histories.chance_of(slot) - bits[0]) < 0.1


def test_slots_of_others_are_taken_only_where_both_places_are_full() -> None:
    slots, key = np.zeros(histories.GROUP, np.uint32), np.uint64(0x123456789ABCDEF0)
    place, slot = histories.find(slots, key, 1)
    assert histories.count_of(slot) == 0
    slots[place] = histories.updated(slot, 1, 0.5, 0)
    assert histories.find(slots, key, 1) == (place, slots[place])
    other, fresh = histories.find(slots, key ^ np.uint64(1 << 50), 1)
    assert other != place
    assert histories.count_of(fresh) == 0


def test_contexts_tell_lines_apart_but_for_their_numbers() -> None:
    def after(text: bytes) -> NDArray[np.uint64]:
        memory, lines = np.zeros(contexts.MEMORY, np.uint64), np.zeros((2, 256), np.uint8)
        for byte in text:
            contexts.go_on(memory, lines, byte)
        found = np.zeros(contexts.CONTEXTS, np.uint64)
        contexts.fill_contexts(memory, lines, found)
        return found

    masked, above, field = len(contexts.ORDERS) + 4, len(contexts.ORDERS) + 6, -2
    one, other = after(b"took 12 ms, "), after(b"took 345 ms, ")
    assert one[masked] == other[masked]
    assert after(b"took 12 s, ")[masked] != one[masked]
    assert after(b"a b c\nx y ")[above] == after(b"q r c\nd e ")[above]
    assert after(b"a b c\nx y ")[above] != after(b"a b d\nx y ")[above]
    assert after(b"a b")[field] == after(b"c b")[field] != after(b"b")[field]
    assert len(set(after(b"some words here").tolist())) == contexts.CONTEXTS
    # Beyond what is kept of a line nothing fails.
    after(b"x" * 1000 + b"\n" + b"y " * 1000 + b"\n" * 3)


def test_mixing_is_learned_where_an_expert_is_right() -> None:
    inputs = np.zeros(8, np.float32)
    weights, visits = np.full((2, 8), 0.1, np.float32), np.zeros(2, np.float32)
    chosen, last = np.array([1]), np.ones(1, np.float32)
    outputs, draw = np.zeros(1, np.float32), random.Random(1)
    for _ in range(3000):
        bit = draw.randint(0, 1)
        inputs[0], inputs[1] = (2 if bit else -2), draw.choice([-2, 2])
        odds = mixing.mix(inputs, weights, chosen, last, outputs)
        chance = mixing.chance_of_odds(odds)
        mixing.learn_weights(bit, chance, inputs, weights, visits, chosen, last, outputs)
    assert weights[1, 0] > 1.0
    assert abs(weights[1, 1]) < 0.1
    assert (weights[0] == np.float32(0.1)).all()
    assert visits.tolist() == [0, 3000]


def test_a_map_begins_as_it_was_and_learns() -> None:
    steps = mixing.first_map(1)[0]
    for odds in (-9.5, -1.0, 0.0, 3.3, 10.0):
        assert mixing.refine(odds, steps) == pytest.approx(mixing.chance_of_odds(odds), abs=0.02)
    for _ in range(1000):
        mixing.learn_map(2.0, 0, steps)
    assert mixing.refine(2.0, steps) < 0.01
    assert mixing.refine(-6.0, steps) == pytest.approx(mixing.chance_of_odds(-6.0), abs=0.01)


def test_memory_is_what_was_asked_for() -> None:
    for megabytes in (8.0, 32.0):
        size = sum(array.nbytes for array in make_counts(megabytes))
        assert 0.99 * megabytes < size / 2**20 <= megabytes
    with pytest.raises(ValueError, match=r"expected more than .* MB, got 1"):
        make_counts(1)
