"""What a translator counts: which words become which, which words follow which, and how often."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.candidates import END, FIRST, MOST_COPIES, find_copies
from streamrnn.kernels.lexicon import (
    FEW_JUMPS,
    FEW_TIMES,
    JUMPS,
    REACH,
    learn_counts,
    learn_frequency,
    learn_jumps,
)
from streamrnn.kernels.slots import NOWHERE, Slots
from streamrnn.kernels.translation import PLACES, SHARES
from streamrnn.learner.sequences.translation import Pair, TranslatorHyperparameters

Numbers = NDArray[np.int64]

FIRST_JUMPS = {0: 2.0, 1: 5.0, 2: 2.0}
"""Jumps as they are counted before any was made: to the next word above all."""
LOOKED_FOR, AT_FIRST = 256, 64
"""Pairs after which the most frequent words are looked for again, and how long after each pair."""


def empty_slots(rows: int, slots: int) -> Slots:
    """Return an empty table."""
    return Slots(
        np.zeros(rows, np.uint64),
        np.zeros(rows, np.float32),
        np.full((rows, slots), NOWHERE, np.int32),
        np.zeros((rows, slots), np.float32),
    )


class TranslationMemory:
    """Counts of a stream of pairs.

    Args:
        hyperparameters: What it is made of.

    Attributes:
        lexicon: What became of words and of words in their contexts.
        memory: What followed words and pairs of words.
        jumps: How far one jumps in the source from word to word, ``(JUMPS,)``.
        times: How often each word of a target came, ``(V,)``.
        chances: The same as shares.
        frequent: The words that came most often, the end always among them.
    """

    def __init__(self, hyperparameters: TranslatorHyperparameters) -> None:
        h = self._h = hyperparameters
        self.lexicon, self.memory = (empty_slots(h.rows, h.slots) for _ in range(2))
        self.jumps = np.full(JUMPS, FEW_JUMPS, np.float32)
        for jump, times in FIRST_JUMPS.items():
            self.jumps[REACH + jump] = times
        self.times = np.full(h.most_words, FEW_TIMES, np.float32)
        self.chances = np.full(h.most_words, 1 / h.most_words, np.float32)
        self.frequent: Numbers = np.full(max(1, min(h.frequent, h.most_words)), END, np.int64)
        self.pairs = 0

    def copies(self, keys: NDArray[np.uint64]) -> Numbers:
        """Return the places of a source, with keys ``(P, S)``, that may be copied."""
        copied = np.empty(MOST_COPIES, np.int64)
        return copied[: find_copies(self.lexicon, keys[0], copied)]

    def share(self, pair: Pair, grid: NDArray[np.float32]) -> None:
        """Take over what each word came of; see `streamrnn.kernels.translation`."""
        pair.shares[:] = grid[:, SHARES]

    def count(
        self, pair: Pair, history: NDArray[np.uint64], weight: float, *, new: bool = False
    ) -> None:
        """Count a pair by its shares, or take it back with a weight of -1.

        Args:
            pair: Is counted.
            history: Keys of what came before each word of its target, ``(M, T)``.
            weight: Of the pair.
            new: Whether it was never counted; one that was takes no room from others.
        """
        tables = self.lexicon, self.memory
        learn_counts(*tables, pair.keys, history, pair.words, pair.shares, weight, new)

    def learn(self, pair: Pair, history: NDArray[np.uint64], grid: NDArray[np.float32]) -> None:
        """Count a pair that has just come by what the network's last run knew of it."""
        self.share(pair, grid)
        self.count(pair, history, 1.0, new=True)
        places = np.ascontiguousarray(grid[:, PLACES])
        learn_jumps(places, self.jumps)
        learn_frequency(pair.words, self.times, self.chances)
        self.pairs += 1
        if self.pairs % LOOKED_FOR == 0 or self.pairs < AT_FIRST:
            # Numbers below the first word's are no words, but the end is one that may always come.
            named = self.times.copy()
            named[END], named[END + 1 : FIRST] = np.inf, 0
            frequent = np.argsort(-named, kind="stable")[: self.frequent.size]
            self.frequent[:] = np.where(named[frequent] < 1, END, frequent)

    def tensors(self) -> dict[str, NDArray[Any]]:
        """Return all counts, views."""
        tables = {"lexicon": self.lexicon, "memory": self.memory}
        counted = {
            f"{name}_{field}": array
            for name, table in tables.items()
            for field, array in table._asdict().items()
        }
        others = {"jumps": self.jumps, "times": self.times, "chances": self.chances}
        return {**counted, **others, "frequent": self.frequent}
