"""Text as a network reads it: each byte is predicted, then learned.

The pieces of a byte are the n-grams that end with it, hashed, so that the network is given at once
what its state would have to remember. What a stream is expected to bring next, and its last bytes,
are kept from byte to byte, and so across records.
"""

import math

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.hashing import ONE, Hashes, hashed, place_of
from streamrnn.kernels.losses import distribute
from streamrnn.kernels.model import (
    GIVEN,
    GIVEN_AT,
    OUTPUTS,
    OUTPUTS_AT,
    OWN,
    PIECE_ROWS,
    STATE,
    STEPS,
    STRIDE,
    Settings,
    Shape,
)
from streamrnn.kernels.network import Plan, Use
from streamrnn.kernels.online import (
    ALL_UNDONE,
    LEARNED,
    LENGTH,
    UNDID,
    Counters,
    Known,
    advance,
    learn,
)
from streamrnn.kernels.products import Array, copy
from streamrnn.kernels.views import view

LEAST = float(np.finfo(np.float32).tiny)
"""The least probability that a byte is taken to have had."""
LONGEST_NGRAM = 7
"""What fits, beside a byte, into the number that holds a stream's last bytes."""


@kernel
def give(recent: np.uint64, byte: int, rows: int, given: Array) -> np.uint64:
    """Fill a byte and the places of the n-grams that end with it, from pairs up.

    Args:
        recent: The last eight bytes before it, the newest lowest.
        byte: The byte.
        rows: Of the table of n-grams.
        given: Filled, ``(1 + N,)``.

    Returns:
        The last eight bytes with it.
    """
    recent = np.uint64((recent << np.uint64(8)) | np.uint64(byte))
    given[0] = byte
    for n in range(1, given.size):
        ngram = recent & ((ONE << np.uint64(8 * (n + 1))) - ONE)
        given[n] = place_of(hashed(ngram, np.uint64(n)), rows)
    return recent


@kernel
def read(
    plan: Plan,
    shape: Shape,
    settings: Settings,
    models: Array,
    updates: Counters,
    gradient: Array,
    workspace: Array,
    cache: Counters,
    numbers: Array,
    known: Known,
    counters: Counters,
    expected: Array,
    recent: Hashes,
    row: int,
    text: NDArray[np.uint8],
    distributions: Array,
    bits: NDArray[np.float64],
    report: Array,
    keep: bool,
    rnn: Use,
    lstm: Use,
    gru: Use,
) -> int:
    """Read a run of bytes of a stream; return how many steps were undone.

    Up to ``counters`` the arguments are those of `streamrnn.kernels.events.predict_and_learn`.

    Args:
        expected: How likely each byte is to come next, ``(rows, 256)``.
        recent: The last eight bytes of each, ``(rows,)``.
        row: The stream.
        text: The bytes, ``(N,)``.
        distributions: Filled with what was expected before each byte, ``(N, 256)``.
        bits: Filled with minus the binary logarithm of how likely each byte was, ``(N,)``.
        report: As in `learn`.
        keep: As in `advance`; without it nothing is learned.
    """
    steps, undone, n = shape[STEPS], 0, 0
    which = row if shape[OWN] else 0
    model = models[which]
    outputs = view(workspace, shape[OUTPUTS_AT], (steps, shape[OUTPUTS]))
    window_at = 2 * shape[STATE] + steps * shape[GIVEN]
    while n < text.size:
        length = counters[row, LENGTH]
        if keep and length > 0:
            numbers[row, window_at + length - 1] = text[n]
            known[row, length - 1] = True
            # The window is learned as soon as all of its targets are known, before it grows.
            result = learn(
                plan,
                shape,
                settings,
                model,
                updates[which],
                gradient,
                workspace,
                cache,
                numbers,
                known,
                counters,
                row,
                report,
                rnn,
                lstm,
                gru,
            )
            undone += result == UNDID
            length = counters[row, LENGTH]
        # Between two learning steps the bytes are one run: a single call.
        room = shape[STRIDE] - (length - counters[row, LEARNED]) if keep else 1
        count = min(room, text.size - n)
        given = view(workspace, shape[GIVEN_AT], (count, shape[GIVEN]))
        for t in range(count):
            recent[row] = give(recent[row], text[n + t], shape[PIECE_ROWS], given[t])
        place = advance(
            plan,
            shape,
            model,
            workspace,
            cache,
            numbers,
            known,
            counters,
            row,
            given,
            keep,
            rnn,
            lstm,
            gru,
        )
        copy(expected[row], distributions[n])
        if place < 0:
            report[ALL_UNDONE] += count
            undone += count
            for t in range(1, count):
                copy(expected[row], distributions[n + t])
        else:
            for t in range(count):
                if t + 1 < count:
                    distribute(outputs[place + t], distributions[n + t + 1])
                    if keep:
                        numbers[row, window_at + length + t] = text[n + t + 1]
                        known[row, length + t] = True
                else:
                    distribute(outputs[place + t], expected[row])
        n += count
    for k in range(text.size):
        bits[k] = -math.log2(max(distributions[k, text[k]], LEAST))
    return undone
