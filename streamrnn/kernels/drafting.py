"""The next word of a translation that is being written: see `streamrnn.kernels.translation`."""

import math

import numpy as np

from streamrnn.kernels.activations import exponential
from streamrnn.kernels.candidates import (
    ALL,
    COMMON,
    COPY,
    END,
    Outputs,
    Room,
    gather_following,
    place_in,
)
from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.hashing import Hashes
from streamrnn.kernels.keys import Spans, key_around
from streamrnn.kernels.lexicon import Keys, Words, align, find_rows
from streamrnn.kernels.network import Plan, Use
from streamrnn.kernels.products import Array, all_finite, copy
from streamrnn.kernels.slots import NOWHERE, Slots
from streamrnn.kernels.stepping import step_forward
from streamrnn.kernels.translation import (
    ATTENTION,
    BIAS,
    EXPECTED,
    PLACES,
    SHARES,
    Gains,
    Vectors,
    choose,
    look_ahead,
)
from streamrnn.kernels.whole import Shape


@kernel
def choose_next(
    memory: Slots,
    room: Room,
    outputs: Outputs,
    gains: Gains,
    encoded: Array,
    decoded: Array,
    history: Keys,
    history_rows: Words,
    before: Words,
    first: int,
    scores: Array,
    states: Array,
    chosen: Words,
) -> int:
    """Choose the next word of a translation that is written; return how many candidates it has.

    Their logits are filled.

    Args:
        memory: As in `choose`, and so the five that follow.
        room: As `read_source` left it, perhaps with candidates of another step.
        outputs: The same.
        gains: The same.
        encoded: The same.
        decoded: The same, ``(1, K + W)``.
        history: Keys of the words before, ``(M, 1)``.
        history_rows: As in `choose`, and so the six that follow.
        before: The same.
        first: The same.
        scores: The same.
        states: The same.
        chosen: The same.
    """
    room.sizes[ALL] = room.sizes[COMMON]
    for m in range(history.shape[0]):
        find_rows(memory, history[m], history_rows[m])
        gather_following(room, memory, history_rows[m])
    choose(
        memory,
        room,
        outputs,
        gains,
        encoded,
        decoded,
        history_rows,
        before,
        first,
        scores,
        states,
        chosen,
    )
    return int(room.sizes[ALL])


@kernel
def settle(lexicon: Slots, rows: Words, word: int, chance: float, copied: int, now: Array) -> None:
    """Fill what a word that was chosen comes of.

    Args:
        lexicon: Its table.
        rows: Of the source's words, ``(S,)``.
        word: That was chosen.
        chance: Of this word anywhere.
        copied: The place of the source that it is a copy of, -1 where it is none.
        now: As `look_ahead` left it, ``(GRIDS, S)``.
    """
    if copied == NOWHERE:
        align(lexicon, rows, word, chance, now[EXPECTED], now[SHARES], now[PLACES])
    else:
        now[SHARES] = 0
        now[SHARES, copied] = 1
        copy(now[SHARES], now[PLACES])


@kernel
def log_chance(room: Room, place: int) -> float:
    """Return the log-chance of a candidate by the logits of the first step."""
    top, whole = room.logits[0, place], 0.0
    for c in range(room.sizes[ALL]):
        top = max(top, room.logits[0, c])
    for c in range(room.sizes[ALL]):
        whole += exponential(room.logits[0, c] - top)
    return float(room.logits[0, place] - top) - math.log(whole)


@kernel
def write_greedily(
    plan: Plan,
    shape: Shape,
    parameters: Array,
    workspace: Array,
    lexicon: Slots,
    memory: Slots,
    room: Room,
    vectors: Vectors,
    outputs: Outputs,
    gains: Gains,
    jumps: Array,
    rows: Words,
    copied: Words,
    spans: Spans,
    source: Array,
    encoded: Array,
    state: Array,
    former: Hashes,
    known: Array,
    given: Array,
    decoded: Array,
    history: Keys,
    history_rows: Words,
    scores: Array,
    states: Array,
    chosen: Words,
    written: Words,
    attention: Array,
    logs: Array,
    rnn: Use,
    lstm: Use,
    gru: Use,
) -> int:
    """Write a translation, each time the likeliest word; return how many there are.

    If what the decoder says is not finite, -1 is returned.

    Args:
        plan: Of the decoder; see `streamrnn.kernels.stepping`, and so the three that follow.
        shape: The same.
        parameters: The same.
        workspace: The same.
        lexicon: Its table.
        memory: Of what followed what.
        room: As `read_source` left it.
        vectors: Of words.
        outputs: What words are known by.
        gains: Of evidence.
        jumps: See `streamrnn.kernels.lexicon`.
        rows: Of the source's words, ``(S,)``.
        copied: Places of the source that may be copied.
        spans: Of the words before that are looked at, ``(M, 2)``.
        source: Vectors of the source's words, ``(S, E)``.
        encoded: ``(S, K + W)``.
        state: Of the decoder, zeros, ``(Z,)``.
        former: Room for the words before each, ``(N + 1,)``.
        known: Room for what is known of two words, ``(2, GRIDS, S)``.
        given: Room, ``(1, G)``.
        decoded: Room, ``(1, K + W)``.
        history: Room, ``(M, 1)``.
        history_rows: Room, ``(M, 1)``.
        scores: Room, ``(SCORES, 1, S)``.
        states: Room, ``(2, 1, W)``.
        chosen: Room, ``(1,)``.
        written: Filled with numbers, the end among them; ``(N,)``, V + n for the n-th copy.
        attention: Filled, ``(N, S)``.
        logs: Filled with the log-chances of what was written, ``(N,)``.
        rnn: See `streamrnn.kernels.network`, and so the two that follow.
        lstm: The same.
        gru: The same.
    """
    vocabulary = outputs.chances.size
    number = END
    for t in range(written.size):
        before, now = known[(t + 1) % 2], known[t % 2]
        former[t] = np.uint64(number + 1)
        bias, vector = scores[BIAS, 0], vectors.target[number]
        look_ahead(before, t == 0, jumps, gains.guides, source, vector, now, bias, given[0])
        step_forward(plan, shape, parameters, workspace, state, given, decoded, rnn, lstm, gru)
        if not all_finite(decoded):
            return NOWHERE
        for m in range(spans.shape[0]):
            history[m, 0] = key_around(former[: t + 1], t, m, spans[m, 0], spans[m, 1])
        first = room.sizes[COMMON] if t else 0
        choose_next(
            memory,
            room,
            outputs,
            gains,
            encoded,
            decoded,
            history,
            history_rows,
            written[: t + 1],
            first,
            scores,
            states,
            chosen,
        )
        copy(scores[ATTENTION, 0], attention[t])
        written[t] = chosen[0]
        logs[t] = log_chance(room, place_in(room, chosen[0]))
        if chosen[0] == END:
            return t + 1
        number, from_place = chosen[0], NOWHERE
        if chosen[0] >= vocabulary:
            number, from_place = COPY, copied[chosen[0] - vocabulary]
        settle(lexicon, rows, number, float(outputs.chances[number]), from_place, now)
    return written.size
