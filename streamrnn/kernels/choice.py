"""The choice of the next word among candidates, forward and backward.

See `streamrnn.kernels.candidates` for the equation.
"""

import math

from streamrnn.kernels.attention import softmax_in_place
from streamrnn.kernels.candidates import (
    ALL,
    COMMON,
    FLOOR,
    FOLLOWING,
    LEXICAL,
    LEXICON,
    UNIGRAM,
    Outputs,
    Room,
    place_in,
    vector_of,
)
from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.embedding import learn_row
from streamrnn.kernels.lexicon import Words
from streamrnn.kernels.products import Array, add_product, copy, outer_products, scalar_products
from streamrnn.kernels.slots import NOWHERE, Slots


@kernel
def fill_candidates(room: Room, outputs: Outputs, gains: Array, first: int) -> None:
    """Fetch the vectors of the candidates from place ``first`` on, and what does not change."""
    # By itself, so that the rows, which lie anywhere in memory, are waited for together.
    for c in range(first, room.sizes[ALL]):
        copy(outputs.vectors[vector_of(room, c)], room.gathered[c])
    for c in range(first, room.sizes[ALL]):
        row = vector_of(room, c)
        chance = outputs.chances[row]
        room.floors[c] = FLOOR * chance
        room.priors[c] = outputs.biases[row] + gains[UNIGRAM] * math.log(chance)


@kernel
def fill_logits(
    room: Room,
    gains: Array,
    attention: Array,
    attentional: Array,
    memory: Slots,
    rows: Words,
    before: Words,
) -> None:
    """Fill the logits of all candidates for the steps of the target.

    Args:
        room: With candidates; filled.
        gains: g, ``(FOLLOWING + M + 1,)``.
        attention: ``(T, S)``.
        attentional: y, ``(T, W)``.
        memory: Of what followed what.
        rows: Of the words before, by kind, ``(M, T)``.
        before: The candidates that were written so far, ``(N + T,)``: all of the first N, and of
            the others those before each step.
    """
    earlier, last = before.size - attentional.shape[0], rows.shape[0]
    lexical, size, number = room.sizes[LEXICAL], room.sizes[ALL], gains.dtype.type
    steps, source = attention.shape
    all_mixed = room.mixed[:steps, :lexical]
    scalar_products(attentional, room.gathered[:size], room.logits[:steps, :size])
    for t in range(steps):
        for c in range(lexical):
            all_mixed[t, c] = 0
    add_product(attention, room.shares[:source, :lexical], all_mixed)
    for t in range(steps):
        logits, mixed, terms = room.logits[t, :size], room.mixed[t, :lexical], room.terms[t]
        for c in range(size):
            logits[c] += room.priors[c]
        for c in range(lexical):
            terms[c] = math.log(number(1) + mixed[c] / room.floors[c])
            logits[c] += gains[LEXICON] * terms[c]
        for m in range(rows.shape[0]):
            room.found[m, t] = NOWHERE
            if rows[m, t] == NOWHERE:
                continue
            words, counts = memory.words[rows[m, t]], memory.counts[rows[m, t]]
            for k in range(words.size):
                place = place_in(room, words[k]) if words[k] >= 0 else NOWHERE
                if place != NOWHERE:
                    said = math.log(number(1) + max(counts[k], 0) / room.floors[place])
                    room.found[m, t, k], room.said[m, t, k] = place, said
                    logits[place] += gains[FOLLOWING + m] * said
        room.found[last, t] = NOWHERE
        for k in range(min(earlier + t, room.found.shape[2])):
            word = before[earlier + t - 1 - k]
            place = place_in(room, word) if word >= 0 else NOWHERE
            if place != NOWHERE:
                said = 1 / (1 + k)
                room.found[last, t, k], room.said[last, t, k] = place, said
                logits[place] += gains[FOLLOWING + last] * number(said)


@kernel
def best(room: Room, t: int) -> int:
    """Return the place of the candidate with the largest logit at a step.

    Only those that are candidates at this step whatever comes later.
    """
    found = 0
    for c in range(room.sizes[COMMON]):
        if room.logits[t, c] > room.logits[t, found]:
            found = c
    for m in range(room.found.shape[0] - 1):
        for k in range(room.found.shape[2]):
            c = room.found[m, t, k]
            if c != NOWHERE and room.logits[t, c] > room.logits[t, found]:
                found = c
    return found


@kernel
def loss_of_candidates(room: Room, truth: Words, scale: float) -> float:
    """Turn the logits into their gradient; return the sum of the losses.

    Args:
        room: Is changed.
        truth: The true words, ``(T,)``; what is not a candidate has no loss.
        scale: Of the gradient.
    """
    size, loss = room.sizes[ALL], 0.0
    number = room.logits.dtype.type
    for t in range(truth.size):
        logits = room.logits[t, :size]
        place = place_in(room, truth[t]) if truth[t] >= 0 else NOWHERE
        if place == NOWHERE:
            logits[:] = 0
            continue
        softmax_in_place(logits)
        loss -= math.log(max(logits[place], number(1e-30)))
        logits[place] -= number(1)
        for c in range(size):
            logits[c] *= number(scale)
    return loss


@kernel
def logits_backward(
    room: Room,
    gains: Array,
    attention: Array,
    attentional: Array,
    dgains: Array,
    dattention: Array,
    dattentional: Array,
) -> None:
    """Fill the gradients of what `fill_logits` was given.

    Args:
        room: As `loss_of_candidates` left it; the gradients of the vectors are filled.
        gains: As in `fill_logits`, and so the two that follow.
        attention: The same.
        attentional: The same.
        dgains: The gradient is added, ``(FOLLOWING + M + 1,)``.
        dattention: Filled, ``(T, S)``.
        dattentional: Filled, ``(T, W)``.
    """
    lexical, size, steps = room.sizes[LEXICAL], room.sizes[ALL], attentional.shape[0]
    dattentional[:] = 0
    add_product(room.logits[:steps, :size], room.gathered[:size], dattentional)
    for t in range(steps):
        dlogits, dmixed, terms = room.logits[t, :size], room.mixed[t, :lexical], room.terms[t]
        for c in range(lexical):
            dgains[LEXICON] += dlogits[c] * terms[c]
        for c in range(lexical):
            dmixed[c] = gains[LEXICON] * dlogits[c] / (room.floors[c] + dmixed[c])
        for m in range(room.found.shape[0]):
            for k in range(room.found.shape[2]):
                place = room.found[m, t, k]
                if place != NOWHERE:
                    dgains[FOLLOWING + m] += dlogits[place] * room.said[m, t, k]
    source = attention.shape[1]
    scalar_products(room.mixed[:steps, :lexical], room.shares[:source, :lexical], dattention)
    outer_products(room.logits[:steps, :size], attentional, room.dgathered[:size])
    for c in range(size):
        slope = gains.dtype.type(0)
        for t in range(steps):
            slope += room.logits[t, c]
        room.dpriors[c] = slope
        dgains[UNIGRAM] += slope * math.log(room.floors[c] / gains.dtype.type(FLOOR))


@kernel
def learn_outputs(room: Room, outputs: Outputs, rate: float) -> None:
    """Change the vectors and biases of the candidates.

    Args:
        room: As `logits_backward` left it.
        outputs: Is changed.
        rate: At which they learn.
    """
    number = outputs.vectors.dtype.type
    for c in range(room.sizes[ALL]):
        row, slope = vector_of(room, c), room.dpriors[c]
        learn_row(room.dgathered[c], outputs.vectors[row], outputs.squares, row, rate)
        outputs.bias_squares[row] += slope * slope
        outputs.biases[row] -= number(rate) * slope / number(math.sqrt(outputs.bias_squares[row]))


@kernel
def adagrad(slopes: Array, values: Array, squares: Array, rate: float) -> None:
    """Change numbers against their gradient, each at its own rate (Duchi et al. 2011)."""
    number = values.dtype.type
    for k in range(values.size):
        squares[k] += slopes[k] * slopes[k]
        values[k] -= number(rate) * slopes[k] / number(math.sqrt(squares[k]))
