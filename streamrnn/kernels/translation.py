"""A translation of a whole target at once: what stands around the networks, forward and backward.

    source words  -> vectors -> encoder (both ways) -> keys and values   (S, K + W)
    words before  -> vectors -> decoder             -> queries and own   (T, K + W)
    keys, queries, what the lexicon expects         -> attention -> candidates -> the next word

Beside the vector of the word before it, the decoder is given the mean vector of the source's words
that the next one should come from, by the lexicon. `read_source` and `read_target` do what comes
before the networks, `choose` what comes after them, and `choose_backward` and `learn_vectors` the
same on the way back.

What is known of each word of the target and each of the source lies in ``grid (T, GRIDS, S)``, and
what the attention makes of it in ``scores (SCORES, T, S)``.
"""

import math
from typing import NamedTuple

import numpy as np

from streamrnn.kernels.attention import add_scaled, attend, attend_backward
from streamrnn.kernels.candidates import (
    Outputs,
    Room,
    fill_shares,
    gather_common,
    gather_following,
    gather_truth,
)
from streamrnn.kernels.choice import (
    adagrad,
    best,
    fill_candidates,
    fill_logits,
    learn_outputs,
    logits_backward,
    loss_of_candidates,
)
from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.embedding import embed, learn_pieces
from streamrnn.kernels.guidance import GUIDES, cover, guide, guide_backward
from streamrnn.kernels.lexicon import PRIOR, Keys, Words, align, expect, find_rows
from streamrnn.kernels.products import Array, all_finite, copy
from streamrnn.kernels.slots import Slots
from streamrnn.kernels.views import view

EXPECTED, SHARES, PLACES, COVERED = range(4)
GRIDS = 4
BIAS, ATTENTION, DATTENTION = range(3)
SCORES = 3
ATTENTIONAL, DATTENTIONAL = range(2)


class Vectors(NamedTuple):
    """Vectors of words that are read.

    Attributes:
        source: Of hashed pieces, ``(rows, E)``.
        source_squares: See `streamrnn.kernels.embedding.learn_pieces`, ``(rows,)``.
        target: ``(rows, E)``, of which V are read; all rows are powers of two.
        target_squares: The same.
    """

    source: Array
    source_squares: Array
    target: Array
    target_squares: Array


class Gains(NamedTuple):
    """What evidence weighs.

    Attributes:
        words: See `streamrnn.kernels.candidates`.
        words_squares: Of their gradients, summed up.
        guides: See `streamrnn.kernels.guidance`.
        guides_squares: The same.
    """

    words: Array
    words_squares: Array
    guides: Array
    guides_squares: Array


@kernel
def read_source(
    lexicon: Slots,
    room: Room,
    vectors: Vectors,
    keys: Keys,
    pieces: Words,
    copied: Words,
    frequent: Words,
    most: int,
    rows: Words,
    given: Array,
) -> None:
    """Gather the candidates that a source brings, and fill the vectors of its words.

    Args:
        lexicon: Its table.
        room: Filled with candidates and what the lexicon says of them.
        vectors: Of words.
        keys: Of the source's words and their contexts, ``(P, S)``.
        pieces: Of its words, ``(S, PIECES)``.
        copied: See `streamrnn.kernels.candidates.gather_common`, and so the two that follow.
        frequent: The same.
        most: The same.
        rows: Filled with rows of the lexicon, ``(P, S)``.
        given: Filled, ``(S, E)``.
    """
    for n in range(keys.shape[0]):
        find_rows(lexicon, keys[n], rows[n])
    embed(pieces, vectors.source, given)
    gather_common(room, lexicon, rows, copied, frequent, most)
    fill_shares(room, lexicon, rows, copied, PRIOR)


@kernel
def look_ahead(
    before: Array,
    first: bool,
    jumps: Array,
    guides: Array,
    source: Array,
    vector: Array,
    now: Array,
    bias: Array,
    given: Array,
) -> None:
    """Fill what is expected of the next word, and what the decoder is given.

    Args:
        before: What is known of the last word, by the names above, ``(GRIDS, S)``.
        first: Whether there is none.
        jumps: See `streamrnn.kernels.lexicon`.
        guides: Gains.
        source: Vectors of the source's words, ``(S, E)``.
        vector: That of the last word, ``(E,)``.
        now: Filled but for what the next word is, ``(GRIDS, S)``.
        bias: Of the attention, filled, ``(S,)``.
        given: Filled, ``(E,)``, or ``(2 E,)`` with what is expected of the source.
    """
    expect(before[PLACES], first, jumps, now[EXPECTED])
    if first:
        now[COVERED] = 0
    else:
        cover(before[COVERED], before[SHARES], now[COVERED])
    guide(now[EXPECTED], now[COVERED], guides, bias)
    width = vector.size
    copy(vector, given[:width])
    if given.size > width:
        given[width:] = 0
        for s in range(source.shape[0]):
            add_scaled(source[s], now[EXPECTED, s], given[width:])


@kernel
def read_target(
    lexicon: Slots,
    memory: Slots,
    room: Room,
    vectors: Vectors,
    gains: Gains,
    jumps: Array,
    chances: Array,
    rows: Words,
    words: Words,
    former: Words,
    truth: Words,
    history: Keys,
    history_rows: Words,
    source: Array,
    grid: Array,
    scores: Array,
    given: Array,
) -> None:
    """Fill what is known of a target before the networks read it; add its candidates.

    Args:
        lexicon: Its table.
        memory: Of what followed what.
        room: As `read_source` left it.
        vectors: Of words.
        gains: Of evidence.
        jumps: See `streamrnn.kernels.lexicon`.
        chances: Of words, ``(V,)``.
        rows: As `read_source` left them.
        words: Of the target, ``(T,)``.
        former: The word before each, ``(T,)``.
        truth: What is to be chosen, ``(T,)``.
        history: Keys of the words before each, ``(M, T)``.
        history_rows: Filled with rows of the memory, ``(M, T)``.
        source: As `read_source` left it, ``(S, E)``.
        grid: Filled.
        scores: With the biases, filled.
        given: Filled, ``(T, G)``.
    """
    for t in range(words.size):
        before, now, bias = grid[t - 1 if t else 0], grid[t], scores[BIAS, t]
        vector = vectors.target[former[t]]
        look_ahead(before, t == 0, jumps, gains.guides, source, vector, now, bias, given[t])
        align(
            lexicon,
            rows[0],
            words[t],
            float(chances[words[t]]),
            now[EXPECTED],
            now[SHARES],
            now[PLACES],
        )
    for m in range(history.shape[0]):
        find_rows(memory, history[m], history_rows[m])
        gather_following(room, memory, history_rows[m])
    gather_truth(room, truth)


@kernel
def choose(
    memory: Slots,
    room: Room,
    outputs: Outputs,
    gains: Gains,
    encoded: Array,
    decoded: Array,
    history_rows: Words,
    before: Words,
    first: int,
    scores: Array,
    states: Array,
    chosen: Words,
) -> None:
    """Fill the words that are chosen, ``(T,)``.

    Args:
        memory: Of what followed what.
        room: With candidates; their logits are filled.
        outputs: What words are known by.
        gains: Of evidence.
        encoded: ``(S, K + W)``.
        decoded: ``(T, K + W)``.
        history_rows: ``(M, T)``.
        before: See `streamrnn.kernels.choice.fill_logits`.
        first: The first candidate whose vector is not fetched yet.
        scores: With biases; the attention is filled.
        states: Filled, ``(2, T, W)``.
        chosen: Filled with numbers as `streamrnn.kernels.candidates` has them.
    """
    attend(encoded, decoded, scores[BIAS], scores[ATTENTION], states[ATTENTIONAL])
    fill_candidates(room, outputs, gains.words, first)
    attention, attentional = scores[ATTENTION], states[ATTENTIONAL]
    fill_logits(room, gains.words, attention, attentional, memory, history_rows, before)
    for t in range(chosen.size):
        chosen[t] = room.words[best(room, t)]


@kernel
def choose_backward(
    room: Room,
    outputs: Outputs,
    gains: Gains,
    encoded: Array,
    decoded: Array,
    truth: Words,
    scale: float,
    rate: float,
    gain_rate: float,
    slopes: Array,
    grid: Array,
    scores: Array,
    states: Array,
    dencoded: Array,
    ddecoded: Array,
) -> float:
    """Learn what words are known by, and the gains; return the sum of the losses.

    Args:
        room: As `choose` left it.
        outputs: Changed.
        gains: Changed.
        encoded: As in `choose`.
        decoded: The same.
        truth: What was to be chosen, ``(T,)``.
        scale: Of the gradient.
        rate: At which vectors learn.
        gain_rate: At which gains learn.
        slopes: Room for the gradients by the gains.
        grid: As `read_target` left it.
        scores: As `choose` left it, and so the next.
        states: The same.
        dencoded: Filled, ``(S, K + W)``.
        ddecoded: Filled, ``(T, K + W)``.
    """
    loss = loss_of_candidates(room, truth, scale)
    slopes[:] = 0
    dguides, dwords = slopes[:GUIDES], slopes[GUIDES:]
    attention, attentional = scores[ATTENTION], states[ATTENTIONAL]
    dattention, dattentional = scores[DATTENTION], states[DATTENTIONAL]
    logits_backward(room, gains.words, attention, attentional, dwords, dattention, dattentional)
    attend_backward(
        encoded, decoded, attention, attentional, dattentional, dattention, dencoded, ddecoded
    )
    for t in range(truth.size):
        guide_backward(grid[t, EXPECTED], grid[t, COVERED], dattention[t], dguides)
    finite = math.isfinite(loss)
    for k in range(slopes.size):
        finite = finite and math.isfinite(slopes[k])
    if finite:
        learn_outputs(room, outputs, rate)
        adagrad(dwords, gains.words, gains.words_squares, gain_rate)
        adagrad(dguides, gains.guides, gains.guides_squares, gain_rate)
    return loss if finite else np.nan


@kernel
def learn_vectors(
    vectors: Vectors,
    pieces: Words,
    former: Words,
    grid: Array,
    dsource: Array,
    dgiven: Array,
    rate: float,
) -> None:
    """Change the vectors of the words that were read, unless a gradient is not finite.

    Args:
        vectors: Changed.
        pieces: Of the source, ``(S, PIECES)``.
        former: The words before each of the target, ``(T,)``.
        grid: As `read_target` left it.
        dsource: The gradient by what the encoder was given, ``(S, E)``; more is added.
        dgiven: That by what the decoder was given, ``(T, G)``.
        rate: At which they learn.
    """
    width = vectors.target.shape[1]
    if dgiven.shape[1] > width:
        for t in range(dgiven.shape[0]):
            for s in range(dsource.shape[0]):
                add_scaled(dgiven[t, width:], grid[t, EXPECTED, s], dsource[s])
    if all_finite(dgiven) and all_finite(dsource):
        words = view(former, 0, (former.size, 1))
        learn_pieces(words, dgiven, vectors.target, vectors.target_squares, rate)
        learn_pieces(pieces, dsource, vectors.source, vectors.source_squares, rate)
