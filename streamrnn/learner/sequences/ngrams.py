"""Which n-grams of a sequence are looked at."""

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.ngrams import Places, fill_ngrams, fill_pieces, fill_places
from streamrnn.learner.sequences.sequence import PIECES, READ, Steps

PARTS_KIND, PIECES_KIND = np.uint64(1 << 20), np.uint64(1 << 21)
"""Where the kinds of parts and of pieces begin, after those of n-grams."""
FIRST, NO_PLACES = np.zeros(1, np.int64), np.zeros(0, np.int64)


def _up_to(length: int, *, positional: bool = False) -> list[tuple[int, int, bool]]:
    """Return the n-grams that end at a step, of each length up to this one; see `fill_ngrams`."""
    return [(1 - n, 0, positional) for n in range(1, length + 1)]


GRAMS = {
    "words": np.array(_up_to(2)),
    "characters": np.array([*_up_to(3, positional=True), *_up_to(6)[2:]]),
    "items": np.array([*_up_to(2, positional=True), *_up_to(3)]),
    "numbers": np.zeros((0, 3), np.int64),
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
    """Return the places of the pieces of each step that a network sees, ``(T, S)``."""
    columns = READ if steps.pieces.shape[1] == PIECES else FIRST
    places = np.empty((len(steps), len(columns)), np.int64)
    fill_pieces(steps.pieces, columns, PIECES_KIND, places)
    return places
