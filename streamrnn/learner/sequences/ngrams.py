"""Which n-grams of a sequence are looked at."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.ngrams import Places, fill_ngrams, fill_pieces, fill_places
from streamrnn.learner.sequences.sequence import PIECES, READ, Steps

PARTS_KIND, PIECES_KIND = np.uint64(1 << 20), np.uint64(1 << 21)
"""Where the kinds of parts and of pieces begin, after those of n-grams."""
FIRST = np.zeros(1, np.int64)


@dataclass(frozen=True, slots=True)
class Gram:
    """An n-gram around each step.

    Attributes:
        first: Its first symbol, in steps from the step itself.
        last: Its last one.
        positional: Whether it is another at each place of the sequence.
    """

    first: int
    last: int
    positional: bool = False


def up_to(length: int, *, positional: bool = False) -> tuple[Gram, ...]:
    """Return the n-grams that end at a step, of each length up to this one."""
    return tuple(Gram(1 - n, 0, positional) for n in range(1, length + 1))


_GRAMS: dict[str, tuple[Gram, ...]] = {
    "words": up_to(2),
    "characters": (*up_to(3, positional=True), *up_to(6)[2:]),
    "items": (*up_to(2, positional=True), *up_to(3)),
    "numbers": (),
}
GRAMS = {
    kind: np.array([(g.first, g.last, g.positional) for g in grams], np.int64).reshape(-1, 3)
    for kind, grams in _GRAMS.items()
}
"""What a label is learned from, by the kind of steps, ``(K, 3)``; see `fill_ngrams`."""


def places_of(steps: Steps, grams: NDArray[np.int64]) -> Places:
    """Return the places of each kind of n-gram, ``(K, T)``."""
    places = np.empty((len(grams), len(steps.symbols)), np.int64)
    fill_ngrams(steps.symbols, grams, places)
    return places


def places_of_parts(steps: Steps) -> Places:
    """Return the places of the parts of words, ``(M,)``."""
    places = np.empty(len(steps.parts), np.int64)
    fill_places(steps.parts, PARTS_KIND, places)
    return places


def places_of_pieces(steps: Steps) -> Places:
    """Return the places of the pieces of each step that a network sees, ``(T * S,)``."""
    columns = READ if steps.pieces.shape[1] == PIECES else FIRST
    places = np.empty(len(steps) * len(columns), np.int64)
    fill_pieces(steps.pieces, columns, PIECES_KIND, places)
    return places


def pieces_of(kind: str) -> int:
    """Return how many pieces of a step a network sees, by the kind of steps."""
    return {"words": len(READ), "numbers": 0}.get(kind, 1)
