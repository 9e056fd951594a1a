"""What counts and a linear part say of the label of each step."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels import emissions, transitions
from streamrnn.kernels.memory import remember_each
from streamrnn.kernels.ngrams import Places, fill_ngram, fill_windows
from streamrnn.kernels.wide import add_scores, learn_scores
from streamrnn.kernels.worth import add_worth, learn_worth
from streamrnn.learner.sequences.experts import Memory, folded, rows_for
from streamrnn.learner.sequences.sequence import (
    EXACT,
    HEAD,
    LOWER,
    PIECES,
    SHAPE,
    SHORT_HEAD,
    SHORT_TAIL,
    TAIL,
    Steps,
)

_NEAR = (EXACT, LOWER, SHAPE, HEAD, TAIL, SHORT_HEAD, SHORT_TAIL)
WORD_WINDOW = (
    np.array([(-2, LOWER), *((k, piece) for k in (-1, 0, 1) for piece in _NEAR), (2, LOWER)]),
    np.array([(-1, 0, LOWER), (0, 1, LOWER), (-1, 1, SHAPE)]),
)
WORD_MEMORIES = (1 + PIECES + LOWER, 1 + PIECES + SHAPE, 1 + PIECES + TAIL)
"""Which places of the window the memory looks at: the word in small letters, shape, and end."""
SYMBOL_WINDOW = (
    np.array([(k, 0) for k in range(-3, 4)]),
    np.array([(-1, 0, 0), (0, 1, 0), (-2, 0, 0), (-1, 1, 0), (0, 2, 0), (-2, 1, 0), (-3, 2, 0)]),
)
SYMBOL_MEMORIES = (9, 10, 13)
FIRST_WORTH = 0.2
WIDE_RATE, FIRST_SQUARE = 0.4, 0.01
"""Of the linear part: slower at first than for whole sequences, as one has many steps alike."""
MOST_SYMBOLS = 4096


@dataclass(frozen=True, slots=True)
class Windows:
    """A sequence as counts and the linear part look at it.

    Attributes:
        near: Places of what stands around each step, ``(T, N)``.
        memories: Of these, the ones that the memory looks at, ``(K, T)``.
        around: The place of the window by which transitions are counted, ``(T,)``.
        emissions: Places of contexts and of what follows, ``(T, orders, 2)``; empty without them.
    """

    near: NDArray[np.int64]
    memories: Places
    around: Places
    emissions: NDArray[np.int64]


def windows_of(steps: Steps, kind: str, *, near: bool) -> Windows:
    """Return a sequence as it is looked at.

    Args:
        steps: The sequence.
        kind: ``words``, ``characters``, ``items`` or ``numbers``.
        near: Whether what stands around each step is looked at.
    """
    count = len(steps)
    if kind == "numbers":
        nothing = np.zeros((count, 0), np.int64)
        return Windows(
            nothing, nothing.T, np.zeros(count, np.int64), np.zeros((count, 0, 2), np.int64)
        )
    words = kind == "words"
    single, joined = WORD_WINDOW if words else SYMBOL_WINDOW
    seen = np.empty((count, len(single) + len(joined) if near else 0), np.int64)
    chosen: tuple[int, ...] = ()
    if near:
        fill_windows(steps.pieces, single, joined, seen)
        chosen = WORD_MEMORIES if words else SYMBOL_MEMORIES
    around, rows_of = np.empty(count, np.int64), np.empty((count, emissions.ORDERS, 2), np.int64)
    fill_ngram(
        steps.symbols, transitions.FIRST, transitions.LAST, np.uint64(1 << 22), False, around
    )
    emissions.fill_places(steps.symbols, rows_of)
    memories = np.ascontiguousarray(seen.T[list(chosen)])
    return Windows(seen, memories, around, rows_of)


class StepMemory:
    """How often each label came with what a step is, and how much that is worth.

    Args:
        kinds: How many things a step is looked at as.
        cells: Of the table.
        room: Labels that there is room for.
    """

    def __init__(self, kinds: int, cells: int, room: int) -> None:
        self._memory = Memory(cells, room)
        self._worth, self._squares = np.full(kinds, FIRST_WORTH), np.ones(kinds)

    def ratios(self, windows: Windows, known: int) -> NDArray[np.float64]:
        """Return what is known of each step, ``(K, T, known)``."""
        return self._memory.ratios(windows.memories, known)

    def add(self, ratios: NDArray[np.float64], scores: NDArray[np.float64]) -> None:
        """Add it to the scores of each step, ``(T, known)``, by its worth."""
        add_worth(ratios, self._worth, scores)

    def learn(self, ratios: NDArray[np.float64], dscores: NDArray[np.float64]) -> None:
        """Learn what it is worth, from the gradient by the scores."""
        learn_worth(ratios, dscores, self._worth, self._squares)

    def remember(self, windows: Windows, labels: NDArray[np.int64]) -> None:
        """Count the labels ``(T,)`` of a sequence."""
        remember_each(windows.memories, labels, self._memory.counts)
        self._memory.times[: labels.max() + 1] += np.bincount(labels)

    def grow(self, room: int) -> None:
        """Make room for so many labels."""
        self._memory.grow(room)

    def tensors(self) -> dict[str, NDArray[Any]]:
        """Return what it has learned, views."""
        return {
            **self._memory.tensors(),
            "memory_worth": self._worth,
            "memory_squares": self._squares,
        }


class StepWide:
    """A weight for each thing that stands around a step, and label.

    Args:
        cells: Of the table.
        room: Labels that there is room for.
    """

    def __init__(self, cells: int, room: int) -> None:
        shape = rows_for(cells, room), room
        self._table = np.zeros(shape, np.float32)
        self._squares = np.full(shape, FIRST_SQUARE, np.float32)

    def add(self, windows: Windows, scores: NDArray[np.float64]) -> None:
        """Add to the scores of each step, ``(T, known)``."""
        add_scores(windows.near, self._table, scores)

    def learn(self, windows: Windows, dscores: NDArray[np.float64]) -> None:
        """Change the weights against the gradient by the scores."""
        learn_scores(windows.near, dscores, self._table, self._squares, WIDE_RATE)

    def grow(self, room: int) -> None:
        """Make room for so many labels."""
        self._table = folded(self._table, room)
        self._squares = folded(self._squares, room, FIRST_SQUARE)

    def tensors(self) -> dict[str, NDArray[Any]]:
        """Return what it has learned, views."""
        return {"wide_table": self._table, "wide_squares": self._squares}


class Emissions:
    """How likely each label makes each symbol, after those before it.

    Args:
        cells: Of the table.
        room: Labels that there is room for.
    """

    def __init__(self, cells: int, room: int) -> None:
        self._counts = np.zeros((rows_for(cells, room), room))
        self._seen: dict[int, None] = {}

    def add(self, windows: Windows, scores: NDArray[np.float64]) -> None:
        """Add to the scores of each step, ``(T, known)``."""
        many = float(max(2, len(self._seen)))
        emissions.add_emissions(windows.emissions, self._counts, many, scores)

    def count(self, steps: Steps, windows: Windows, labels: NDArray[np.int64]) -> None:
        """Count the labels ``(T,)`` of a sequence."""
        emissions.count_emissions(windows.emissions, labels, self._counts)
        for symbol in np.unique(steps.symbols).tolist():
            if len(self._seen) < MOST_SYMBOLS:
                self._seen.setdefault(symbol)

    def grow(self, room: int) -> None:
        """Make room for so many labels."""
        self._counts = folded(self._counts, room)

    @property
    def seen(self) -> list[int]:
        """The hashes of the symbols that there are."""
        return list(self._seen)

    def restore(self, seen: list[int]) -> None:
        """Take over the symbols that there are."""
        self._seen = dict.fromkeys(seen)

    def tensors(self) -> dict[str, NDArray[Any]]:
        """Return what it has learned, views."""
        return {"emission_counts": self._counts}
