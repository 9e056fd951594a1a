"""N-grams of a sequence's symbols, each as a place in a table: the hashing trick.

Weinberger et al. 2009: what is seen once and what was never seen have a place, the table stays as
large as it is, and where two meet, learning averages over them.
"""

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.hashing import Hashes, hashed, place_of

Places = NDArray[np.int64]

BEYOND = np.uint64(0)
"""What stands before the first symbol and after the last."""
AT_PLACE = np.uint64(1 << 32)
"""Added to the number of a kind whose n-grams are others at each place of the sequence."""


@kernel
def fill_ngram(
    symbols: Hashes, first: int, last: int, kind: np.uint64, positional: bool, places: Places
) -> None:
    """Fill the place of an n-gram for each step, for a table of any size.

    Args:
        symbols: ``(T,)``, none of them 0.
        first: Where the n-gram begins, in steps from the step itself; below 0 is before it.
        last: Where it ends.
        kind: Tells n-grams of one kind from those of others.
        positional: Whether it is another at each step.
        places: Filled with numbers of 32 bits, ``(T,)``.
    """
    for t in range(symbols.size):
        found = hashed(kind, np.uint64(t) + AT_PLACE) if positional else hashed(kind, BEYOND)
        for k in range(t + first, t + last + 1):
            found = hashed(found, symbols[k] if 0 <= k < symbols.size else BEYOND)
        places[t] = place_of(found, 1 << 31)


@kernel
def fill_ngrams(symbols: Hashes, grams: NDArray[np.int64], places: Places) -> None:
    """Fill the places ``(K, T)`` of n-grams of several kinds.

    ``grams (K, 3)`` has of each kind ``first``, ``last`` and ``positional``, as in `fill_ngram`.
    """
    for k in range(grams.shape[0]):
        fill_ngram(symbols, grams[k, 0], grams[k, 1], np.uint64(k), grams[k, 2] != 0, places[k])


@kernel
def fill_places(hashes: Hashes, kind: np.uint64, places: Places) -> None:
    """Fill the places ``(N,)`` of single hashes."""
    for n in range(hashes.size):
        places[n] = place_of(hashed(kind, hashes[n]), 1 << 31)


@kernel
def fill_pieces(
    pieces: Hashes, columns: NDArray[np.int64], kind: np.uint64, places: Places
) -> None:
    """Fill the places ``(T, columns)`` of some pieces of each step, of ``(T, S)``."""
    for t in range(pieces.shape[0]):
        for n in range(columns.size):
            piece = pieces[t, columns[n]]
            places[t, n] = place_of(hashed(kind, piece), 1 << 31)


@kernel
def fill_windows(
    pieces: Hashes, window: NDArray[np.int64], joined: NDArray[np.int64], places: Places
) -> None:
    """Fill the places of what stands around each step, ``(T, single + joined)``.

    Args:
        pieces: What each step is looked at as, ``(T, S)``.
        window: Offset and piece of what is looked at by itself, ``(single, 2)``.
        joined: First and last offset and piece of what is looked at together, ``(joined, 3)``.
        places: Filled.
    """
    steps, single = pieces.shape[0], window.shape[0]
    for t in range(steps):
        for n in range(single):
            k = t + window[n, 0]
            piece = pieces[k, window[n, 1]] if 0 <= k < steps else BEYOND
            places[t, n] = place_of(hashed(np.uint64(n), piece), 1 << 31)
        for n in range(joined.shape[0]):
            found = np.uint64(single + n)
            for k in range(t + joined[n, 0], t + joined[n, 1] + 1):
                found = hashed(found, pieces[k, joined[n, 2]] if 0 <= k < steps else BEYOND)
            places[t, single + n] = place_of(found, 1 << 31)
