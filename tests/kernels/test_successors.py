"""Which bytes followed: the distribution is what the equations give, and memory is bounded."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from streamrnn.kernels import contexts, successors
from streamrnn.learner.counting import make_counts

ORDERS = contexts.ORDERS


class Reader:
    """Reads bytes with nothing but successors."""

    def __init__(self, megabytes: float = 8.0) -> None:
        self.counts = make_counts(megabytes)
        self.memory = np.zeros(contexts.MEMORY, np.uint64)
        self.lines = np.zeros((2, contexts.COLUMNS), np.uint8)
        self.contexts = np.zeros(contexts.CONTEXTS, np.uint64)
        self.places = np.zeros(successors.KEPT_ORDERS, np.int64)

    def expect(self) -> NDArray[np.float32]:
        chances = np.zeros(256, np.float32)
        contexts.fill_contexts(self.memory, self.lines, self.contexts)
        last = int(self.memory[contexts.RECENT]) & 0xFF
        successors.expect(self.counts, self.contexts, last, self.places, chances)
        return chances

    def read(self, byte: int) -> None:
        last = int(self.memory[contexts.RECENT]) & 0xFF
        successors.learn(self.counts, self.contexts, last, self.places, byte)
        contexts.go_on(self.memory, self.lines, byte)


class Naive:
    """The same with dictionaries and no bounds."""

    def __init__(self) -> None:
        self.seen: dict[bytes, Counter[int]] = {}
        self.singles: Counter[int] = Counter()
        self.past = bytes(8)

    def expect(self) -> NDArray[np.float64]:
        chances = np.array([0.1 + self.singles[byte] for byte in range(256)])
        chances /= chances.sum()
        for order in (1, *ORDERS):
            known = self.seen.get(self.past[-order:])
            if known:
                less = successors.DISCOUNT_OF_PAIRS if order == 1 else successors.DISCOUNT
                chances *= less * len(known) / known.total()
                for byte, times in known.items():
                    chances[byte] += (times - less) / known.total()
        return chances

    def read(self, byte: int) -> None:
        known = False
        for order in (*reversed(ORDERS), 1):
            counter = self.seen.setdefault(self.past[-order:], Counter())
            known = counter[byte] > 0
            counter[byte] += 1
            if known:
                break
        if not known:
            self.singles[byte] += 1
        self.past = self.past[1:] + bytes([byte])


@given(st.lists(st.sampled_from(b"abcdef"), max_size=120))
@settings(deadline=None, max_examples=30)
def test_it_is_what_the_equations_give(text: list[int]) -> None:
    mine, naive = Reader(), Naive()
    for byte in text:
        np.testing.assert_allclose(mine.expect(), naive.expect(), rtol=1e-4, atol=1e-8)
        mine.read(byte)
        naive.read(byte)


def test_many_successors_in_little_memory_still_share_what_is_likely() -> None:
    draw = np.random.default_rng(1)
    mine = Reader()
    for byte in draw.integers(0, 256, 5000).tolist() + [7] * 600:
        chances = mine.expect()
        assert chances.sum() == pytest.approx(1, abs=1e-4)
        assert (chances > 0).all()
        mine.read(byte)
    assert mine.expect()[7] > 0.99
    assert mine.counts.successors[:, successors.TIMES].max() < successors.MOST_TIMES
