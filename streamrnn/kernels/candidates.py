"""The next word of a target out of a few hundred candidates, instead of all words there are.

Candidates are what the lexicon knows of the source's words, copies of those it does not know, the
most frequent words, what followed each word before it, and, while learning, the true words. What
is known of a candidate w at step t adds up in its logit:

    y[t] u[w] + b[w] + g_0 log p(w)                    the network, and how frequent the word is
    + g_1 log(1 + sum_s a[t, s] p(w | x[s]) / (f p(w)))      the lexicon, read by the attention
    + g_m log(1 + n[m, w] / (f p(w)))                  what followed the same words before
    + g_M sum_d 1/d over t - d at which w was written  words are seldom written again so soon

so that all other g at 1 make a product of chances relative to p(w). The gains g, the vectors u and
the biases b are learned at their own rates, a vector at one (AdaGrad).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.lexicon import Words
from streamrnn.kernels.products import Array
from streamrnn.kernels.slots import NOWHERE, Slots, row_of

UNIGRAM, LEXICON, FOLLOWING = range(3)
"""Places of the gains; from the last on there is one for each kind of memory, and one for words
that were written just before."""
LEXICAL, COMMON, ALL = range(3)
"""Sizes: of the candidates that the lexicon knows, of those for all steps, of all."""
END, UNKNOWN, COPY, FIRST = range(4)
"""Numbers of words: the end of a text, any that has no number, any that is copied, the first."""
MOST_COPIES = 32
MOST_FOLLOWING = 2048
"""Candidates that what came before brings, at most."""
COPY_CHANCE = 0.4
"""That a word which the lexicon does not know is copied."""
CONTEXT_PRIOR = 1.0
"""The weight of what one word of the source says where a pair of words says something, too."""
FLOOR = 0.3
"""The factor f."""


class Outputs(NamedTuple):
    """What the words of targets are known by.

    Attributes:
        vectors: u, ``(V, W)``.
        squares: See `streamrnn.kernels.embedding.learn_pieces`, ``(V,)``.
        biases: b, ``(V,)``.
        bias_squares: Of the gradients of the biases, summed up, ``(V,)``.
        chances: p(w), ``(V,)``.
    """

    vectors: Array
    squares: Array
    biases: Array
    bias_squares: Array
    chances: Array


class Room(NamedTuple):
    """Room for the candidates of one pair of texts.

    Attributes:
        words: Their numbers, ``(C,)``; V + n is the n-th copy.
        places: Where each number is among them, ``(V + MOST_COPIES,)``.
        sizes: See above, ``(3,)``.
        gathered: Vectors of the candidates, ``(C, W)``.
        dgathered: Gradients by these, the same.
        priors: Their biases and log-chances with their gain, ``(C,)``.
        dpriors: Gradients by these, the same.
        floors: Their chances times f, ``(C,)``.
        shares: What the lexicon says, ``(S, C)``.
        mixed: The same, mixed by the attention, ``(T, C)``.
        terms: Logs of these, ``(T, C)``.
        logits: ``(T, C)``; later their gradient.
        found: Candidates that a memory knows, and at last those that were written just before,
            ``(M + 1, T, K)``, -1 where there is none.
        said: What is said of these, the same.
    """

    words: Words
    places: Words
    sizes: Words
    gathered: Array
    dgathered: Array
    priors: Array
    dpriors: Array
    floors: Array
    shares: Array
    mixed: Array
    terms: Array
    logits: Array
    found: NDArray[np.int64]
    said: Array


@kernel
def place_in(room: Room, word: int) -> int:
    """Return the place of a word among the candidates, -1 if it is not among them."""
    place = room.places[word]
    known = place < room.sizes[ALL] and room.words[place] == word
    return place if known else NOWHERE


@kernel
def _admit(room: Room, word: int) -> None:
    size = room.sizes[ALL]
    named = word == END or word >= FIRST
    if named and size < room.words.size and place_in(room, word) == NOWHERE:
        room.words[size], room.places[word] = word, size
        room.sizes[ALL] = size + 1


@kernel
def find_copies(lexicon: Slots, keys: NDArray[np.uint64], copied: Words) -> int:
    """Fill the places of a source that may be copied, and return how many there are.

    They are those of words that the lexicon does not know, or that were copied before. What stands
    last is the end of the source.

    Args:
        lexicon: Its table.
        keys: Of the source's words, ``(S,)``.
        copied: Filled, ``(MOST_COPIES,)``.
    """
    found = 0
    for s in range(keys.size - 1):
        row, known = row_of(lexicon.keys, keys[s]), False
        if row != NOWHERE:
            for k in range(lexicon.words.shape[1]):
                known = known or lexicon.words[row, k] == COPY
        if (row == NOWHERE or known) and found < copied.size:
            copied[found] = s
            found += 1
    return found


@kernel
def gather_common(
    room: Room, lexicon: Slots, rows: Words, copied: Words, frequent: Words, most: int
) -> None:
    """Begin with the candidates for all steps.

    Args:
        room: Is changed.
        lexicon: Its table.
        rows: Of the source's words and, each in a row, of their contexts, ``(P, S)``.
        copied: Places of the source that may be copied, at most MOST_COPIES.
        frequent: The most frequent words.
        most: The largest number of candidates of the lexicon.
    """
    vocabulary = room.places.size - MOST_COPIES
    room.sizes[:] = 0
    for n in range(copied.size):
        _admit(room, vocabulary + n)
    for n in range(rows.shape[0]):
        for s in range(rows.shape[1]):
            if rows[n, s] == NOWHERE:
                continue
            words = lexicon.words[rows[n, s]]
            for k in range(words.size):
                if room.sizes[ALL] < most:
                    _admit(room, words[k])
    room.sizes[LEXICAL] = room.sizes[ALL]
    for n in range(frequent.size):
        _admit(room, frequent[n])
    room.sizes[COMMON] = room.sizes[ALL]


@kernel
def gather_following(room: Room, memory: Slots, rows: Words) -> None:
    """Add what followed before, ``rows (N,)`` of a memory, so many of all steps at most."""
    most = room.sizes[COMMON] + MOST_FOLLOWING
    for n in range(rows.size):
        if rows[n] == NOWHERE:
            continue
        words = memory.words[rows[n]]
        for k in range(words.size):
            if room.sizes[ALL] < most:
                _admit(room, words[k])


@kernel
def gather_truth(room: Room, truth: Words) -> None:
    """Add the true words ``(T,)``, those that have a number."""
    for t in range(truth.size):
        _admit(room, truth[t])


@kernel
def fill_shares(room: Room, lexicon: Slots, rows: Words, copied: Words, prior: float) -> None:
    """Fill what the lexicon says of each word of the source.

    A context that it knows is believed in as far as it was seen; else the word alone counts.

    Args:
        room: Is changed.
        lexicon: Its table.
        rows: As in `gather_common`.
        copied: The same.
        prior: See `streamrnn.kernels.lexicon`, a.
    """
    lexical, vocabulary = room.sizes[LEXICAL], room.places.size - MOST_COPIES
    for s in range(rows.shape[1]):
        shares = room.shares[s, :lexical]
        shares[:] = 0
        for n in range(rows.shape[0]):
            if rows[n, s] == NOWHERE:
                continue
            weight = prior if n == 0 else CONTEXT_PRIOR
            whole = shares.dtype.type(1 / (max(lexicon.totals[rows[n, s]], 0) + weight))
            if n > 0:
                keep = shares.dtype.type(weight) * whole
                for c in range(lexical):
                    shares[c] *= keep
            for k in range(lexicon.words.shape[1]):
                word = lexicon.words[rows[n, s], k]
                place = place_in(room, word) if word >= 0 else NOWHERE
                if NOWHERE < place < lexical:
                    shares[place] += max(lexicon.counts[rows[n, s], k], 0) * whole
    for n in range(copied.size):
        place = place_in(room, vocabulary + n)
        if place != NOWHERE:
            room.shares[copied[n], place] = COPY_CHANCE


@kernel
def vector_of(room: Room, place: int) -> int:
    """Return the row of a candidate's vector."""
    word = room.words[place]
    return COPY if word >= room.places.size - MOST_COPIES else word
