"""The bits of sequences, beside those by how often each symbol came."""

import math
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from typing import Any

from streamrnn.backtest.sequences.figures import Judged, Score
from streamrnn.backtest.sequences.judge import Case, Judge
from streamrnn.backtest.sequences.sums import END, Means
from streamrnn.learner.sequences.composer import NEW_BITS
from streamrnn.learner.sequences.sequence import words_of


class Frequencies:
    """The bits of symbols by how often each came before, as if their order were nothing.

    A symbol that never came is as likely as all kinds of symbols are that came, each counted once
    (method C of Moffat 1990), and costs as much beside as it does where sequences are composed.
    """

    def __init__(self) -> None:
        self._counts: Counter[Hashable] = Counter({END: 1})
        self._all = 1

    def read(self, symbols: Sequence[Hashable]) -> float:
        """Return the bits of a sequence and its end, each symbol before it is counted."""
        return sum(self._bits((type(each), each)) for each in symbols) + self._bits(END)

    def _bits(self, symbol: Hashable) -> float:
        kinds, came = len(self._counts), self._counts[symbol]
        bits = math.log2((self._all + kinds) / (came or kinds)) + (0.0 if came else NEW_BITS)
        self._counts[symbol] += 1
        self._all += 1
        return bits


class CompositionJudge(Judge):
    """Of the steps of each sequence.

    Args:
        words: Whether texts are sequences of words.
    """

    needs_target = False

    def __init__(self, *, words: bool) -> None:
        self._bits, self._plain = Means(), Means()
        self._words, self._frequencies, self._sets = words, Frequencies(), False

    def add(self, case: Case) -> None:
        """Count the bits of a sequence."""
        answer = case.sent
        steps: Any = answer.shown
        if self._words and isinstance(steps, str):
            steps = words_of(steps)
        self._sets = self._sets or any(isinstance(each, list) for each in steps)
        self._bits.add(case.late, answer.bits, answer.steps)
        if not self._sets:
            self._plain.add(case.late, self._frequencies.read(steps), answer.steps)

    @property
    def judged(self) -> Judged:
        """The steps."""
        return self._bits.judged("steps")

    def scores(self) -> Iterator[Score]:
        """Yield the bits of a step."""
        yield self._bits.mean("bits a step")
        if not self._sets:
            yield self._plain.mean("bits a step", "how often each symbol came before")

    def notes(self) -> Iterator[str]:
        """Yield what is to be known about them."""
        yield "The end of a sequence counts as a step."
        if self._sets:
            yield "Steps are sets of symbols, beside which nothing is obvious."
