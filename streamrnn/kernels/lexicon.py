"""Which word of a source became which word of its target: counted online, and read by attention.

Brown et al. 1993, model 1: each word of the target comes of one word of the source, or of none; the
chances that it was this one or that one, given all counts so far, are what is added to the counts
(one step of expectation maximisation for each pair that arrives). Where the next word comes from
depends on where the last one did, by how far one jumps (Vogel, Ney and Tillmann 1996):

    expected[t, s] = sum_r place[t-1, r] jump(s - r)
    share[t, s]    ~ expected[t, s] p(w[t] | x[s])       or of none: p_none p(w[t])
    place[t]       = share[t] + share_none expected[t]
    p(w | x)       = (n[x, w] + a p(w)) / (n[x] + a)

All of this looks back only, so it serves while a target is written as well.
"""

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.fused import total
from streamrnn.kernels.products import Array
from streamrnn.kernels.slots import (
    MOST,
    NOWHERE,
    Slots,
    count,
    counted,
    halve,
    row_of,
    row_to_count,
)

Words = NDArray[np.int64]
Keys = NDArray[np.uint64]

REACH = 8
"""The furthest jump that is told from others."""
JUMPS = 2 * REACH + 2
"""Jumps from -REACH to REACH, and all others."""
PRIOR = 0.5
"""The weight a of what is known of any word."""
NONE = 0.1
"""The share of words that come of none."""
LEAST_SHARE = 0.02
"""Smaller shares are not counted."""
LEAST_PLACE = 1e-3
"""Smaller chances of a place are not followed."""
FEW_JUMPS, FEW_TIMES = 0.1, 0.5
"""Jumps of any kind as they are counted before any was made, and words before any came."""
MOST_TIMES = float(1 << 22)
"""Words that are counted before their times are halved: float32 must hold one more."""
ANYWHERE = 0.02
"""The share of what is expected that is spread over the whole source."""


@kernel
def find_rows(table: Slots, keys: Keys, rows: Words) -> None:
    """Fill the rows ``(N,)`` of some keys, -1 for those without."""
    for n in range(keys.size):
        rows[n] = row_of(table.keys, keys[n])


@kernel
def expect(place: Array, first: bool, jumps: Array, expected: Array) -> None:
    """Fill where the next word is expected to come from, ``(S,)``.

    Args:
        place: Where the last word came from, ``(S,)``.
        first: Whether there is none, so that one jumps from before the source.
        jumps: How often each jump was made, ``(JUMPS,)``, the last of them the far ones.
        expected: Filled; adds up to 1, and is never 0.
    """
    source, norm = expected.size, 0.0
    expected[:] = 0
    for r in range(NOWHERE if first else 0, 0 if first else source):
        weight = 1.0 if first else place[r]
        if weight >= LEAST_PLACE:
            for s in range(max(r - REACH, 0), min(r + REACH + 1, source)):
                step = weight * jumps[s - r + REACH]
                expected[s] += step
                norm += step
    anywhere, number = ANYWHERE if norm > 0 else 1.0, expected.dtype.type
    scale = (1 - anywhere) / norm if norm > 0 else 0.0
    for s in range(source):
        expected[s] = number(anywhere / source) + number(scale) * expected[s]


@kernel
def align(
    table: Slots,
    rows: Words,
    word: int,
    chance: float,
    expected: Array,
    shares: Array,
    place: Array,
) -> None:
    """Fill which words of the source a word of the target comes of.

    Args:
        table: Counts of the lexicon.
        rows: Of the source's words, ``(S,)``.
        word: Of the target.
        chance: Of this word anywhere, p(w).
        expected: See `expect`, ``(S,)``.
        shares: Filled, ``(S,)``; the rest comes of none.
        place: Filled, ``(S,)``.
    """
    source = rows.size
    whole = NONE * chance
    for s in range(source):
        share = chance
        if rows[s] != NOWHERE:
            seen = max(table.totals[rows[s]], 0)
            share = (counted(table, rows[s], word) + PRIOR * chance) / (seen + PRIOR)
        shares[s] = (1 - NONE) * expected[s] * share
        whole += shares[s]
    none = NONE * chance / whole
    for s in range(source):
        shares[s] /= whole
        place[s] = shares[s] + none * expected[s]


@kernel
def learn_lexicon(
    table: Slots, keys: Keys, words: Words, shares: Array, weight: float, new: bool
) -> None:
    """Count each word of the target with the words of the source, by their shares.

    Args:
        table: Is changed.
        keys: Of the source's words, ``(S,)``.
        words: Of the target, ``(T,)``.
        shares: ``(T, S)``.
        weight: 1, or -1 to take a pair back.
        new: See `streamrnn.kernels.slots.count`.
    """
    for s in range(keys.size):
        row = row_to_count(table, keys[s], new)
        for t in range(words.size):
            if row != NOWHERE and shares[t, s] >= LEAST_SHARE:
                count(table, row, words[t], weight * shares[t, s], new)


@kernel
def learn_jumps(places: Array, jumps: Array) -> None:
    """Count how far one jumps from word to word, by their places ``(T, S)``.

    Where much was counted all is halved, but never below `FEW_JUMPS`.
    """
    for t in range(places.shape[0]):
        for s in range(places.shape[1]):
            if not places[t, s] >= LEAST_SHARE:
                continue
            if t == 0:
                jumps[min(s + 1 + REACH, JUMPS - 1)] += places[t, s]
                continue
            for r in range(places.shape[1]):
                jump = s - r + REACH
                if places[t - 1, r] >= LEAST_SHARE:
                    jump = jump if 0 <= jump < JUMPS - 1 else JUMPS - 1
                    jumps[jump] += places[t, s] * places[t - 1, r]
    if total(jumps) >= MOST:
        halve(jumps, FEW_JUMPS)


@kernel
def learn_pairs(table: Slots, keys: Keys, words: Words, weight: float, new: bool) -> None:
    """Count each word ``(T,)`` with a key of its own ``(T,)``: that of what came before it."""
    for t in range(words.size):
        row = row_to_count(table, keys[t], new)
        if row != NOWHERE:
            count(table, row, words[t], weight, new)


@kernel
def learn_counts(
    lexicon: Slots,
    memory: Slots,
    keys: Keys,
    history: Keys,
    words: Words,
    shares: Array,
    weight: float,
    new: bool,
) -> None:
    """Count a pair, or take it back with a weight of -1.

    Args:
        lexicon: Is changed.
        memory: Is changed.
        keys: Of the source's words and, each in a row, of their contexts, ``(P, S)``.
        history: Keys of what came before each word of the target, ``(M, T)``.
        words: Of the target, ``(T,)``.
        shares: See above, ``(T, S)``.
        weight: Of the pair.
        new: See `streamrnn.kernels.slots.count`.
    """
    for n in range(keys.shape[0]):
        learn_lexicon(lexicon, keys[n], words, shares, weight, new)
    for m in range(history.shape[0]):
        learn_pairs(memory, history[m], words, weight, new)


@kernel
def learn_frequency(words: Words, times: Array, chances: Array) -> None:
    """Count words, and fill the chances of all, ``(V,)``.

    Where much was counted all is halved, but never below `FEW_TIMES`.
    """
    for t in range(words.size):
        times[words[t]] += 1
    whole = total(times)
    if whole >= MOST_TIMES:
        halve(times, FEW_TIMES)
        whole = total(times)
    scale = times.dtype.type(1) / whole
    for word in range(times.size):
        chances[word] = times[word] * scale
