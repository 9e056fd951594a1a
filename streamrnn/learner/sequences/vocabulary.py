"""The symbols of sequences and their order; a sequence as a run of decisions."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.compose import END, FIRST, NEW, STOP
from streamrnn.learner.sequences.labels import Label, Labels

Step = Label | Sequence[Label]
"""A symbol, or a set of them."""


@dataclass(frozen=True, slots=True)
class Score:
    """A sequence as decisions.

    Attributes:
        symbols: Numbers of the symbols, ends among them, ``(N,)``.
        starts: Where each step begins, and the end of all, ``(T + 1,)``.
    """

    symbols: NDArray[np.int64]
    starts: NDArray[np.int64]

    @property
    def steps(self) -> int:
        """How many steps it has, that of its end among them."""
        return len(self.starts) - 1


@dataclass(frozen=True, slots=True)
class Heard:
    """A sequence before and after its new symbols are known.

    Attributes:
        heard: A symbol stands as NEW where it came for the first time ever.
        whole: All symbols stand as themselves.
        new: The decisions that are NEW.
    """

    heard: Score
    whole: Score
    new: list[int]


class Vocabulary:
    """The symbols that are known; sets of them are written in ascending order.

    Args:
        most: The largest number of symbols.

    Attributes:
        ranks: The place of each decision's number in ascending order, ``(V,)``; those that are no
            symbols have -1.
    """

    def __init__(self, most: int) -> None:
        self._labels = Labels(most)
        self._rank()

    def __len__(self) -> int:
        """Return how many different decisions there are: symbols, ends, and NEW."""
        return FIRST + len(self._labels)

    @property
    def values(self) -> list[Label]:
        """The symbols, in the order in which they became known."""
        return list(self._labels)

    def restore(self, values: Sequence[Label]) -> None:
        """Take over symbols in place of those that are here."""
        self._labels.restore(values)
        self._rank()

    def value(self, number: int) -> Label:
        """Return the symbol of a number."""
        return self._labels[number - FIRST]

    def number(self, value: Label) -> int:
        """Return the number of a symbol; NEW for one that is not known."""
        found = self._labels.find(value)
        return NEW if found is None else found + FIRST

    def add(self, values: Sequence[Label]) -> None:
        """Make symbols known.

        Raises:
            RecordError: There would be too many; none was added.
        """
        if values:
            self._labels.numbers(values)
            self._rank()

    def _rank(self) -> None:
        values = self.values
        order = sorted(range(len(values)), key=lambda place: _order(values[place]))
        self.ranks = np.full(len(self), -1, np.int64)
        self.ranks[np.array(order, np.int64) + FIRST] = np.arange(len(order))

    def numbers(self, step: Step, *, sets: bool) -> list[int]:
        """Return the numbers of a step's symbols in ascending order, and its end if it is a set."""
        found = {self.number(value) for value in symbols_of(step)}
        numbers = sorted(found, key=lambda number: int(self.ranks[number]))
        return [*numbers, *([END] if sets else [])]

    def new_in(self, steps: Sequence[Step]) -> list[Label]:
        """Return the symbols of some steps that are not known, each once."""
        found = dict.fromkeys(
            (type(value), value)
            for step in steps
            for value in symbols_of(step)
            if self._labels.find(value) is None
        )
        return [value for _, value in found]

    def hear(self, steps: Sequence[Step], fresh: Sequence[Label], *, sets: bool) -> Heard:
        """Return a sequence as decisions, with its end.

        Args:
            steps: Its steps.
            fresh: Of its symbols, those that have just become known.
            sets: Whether steps are sets.
        """
        unheard = {self.number(value) for value in fresh} | {NEW}
        heard, whole, new, starts = list[int](), list[int](), list[int](), [0]
        for step in steps:
            for number in self.numbers(step, sets=sets):
                if number in unheard:
                    new.append(len(heard))
                heard.append(NEW if number in unheard else number)
                whole.append(number)
                if number != NEW:
                    unheard.discard(number)
            starts.append(len(heard))
        ends = np.array([*starts, len(heard) + 1])
        return Heard(
            Score(np.array([*heard, STOP]), ends), Score(np.array([*whole, STOP]), ends), new
        )

    def partial(self, written: Sequence[Sequence[int]], step: Sequence[int]) -> Score:
        """Return a sequence of numbers that ends with the first ones of a step."""
        steps = [*written, step]
        starts = np.cumsum([0, *map(len, steps)])
        return Score(np.array([n for each in steps for n in each], np.int64), starts)

    def moved(self, score: Score, by: int) -> Score | None:
        """Return a sequence whose whole numbers are larger by so much; None if any is not known."""
        places = np.arange(len(self))
        for number, value in enumerate(self._labels):
            if type(value) is int:
                places[number + FIRST] = self.number(value + by)
        symbols = places[score.symbols]
        known = (symbols != NEW) | (score.symbols == NEW)
        return replace(score, symbols=symbols) if known.all() else None


def symbols_of(step: Step) -> Sequence[Label]:
    """Return the symbols of a step."""
    return step if isinstance(step, list | tuple) else (step,)


def _order(value: Label) -> tuple[bool, float, str]:
    """Return what symbols are ranked by: numbers by their size, before all others."""
    number = isinstance(value, int | float)
    return not number, float(value) if number else 0.0, str(value)
