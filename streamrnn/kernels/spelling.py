"""How likely a symbol comes after those before it, counted in past transcripts.

    p_k(x | c) = (max(n[c, x] - d, 0) + d m[c] p_(k-1)(x | c')) / n[c]

c is the last k symbols and c' the same without the oldest; n[c] is the sum of n[c, x] and m[c] how
many different x there are; below p_0 all symbols are alike. The longest contexts count how often a
symbol came, shorter ones after how many different symbols it did: absolute discounting as Kneser
and Ney (1995) have it, interpolated (Chen and Goodman 1999, section 4.1.6). To count so, what a
context has seen before is not counted in shorter ones.

Contexts are hashed into rows of a table of a fixed size. A row keeps some followers, and who has
more has more rows. Where there is no room, the row that has counted least makes way with all that
it kept, so that what is said always sums to one.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.hashing import HALF, ONE, Hashes, hashed, signed
from streamrnn.kernels.products import Array

Symbols = NDArray[np.int64]

ORDERS = 6
"""Contexts of no symbol to five."""
DISCOUNT = 0.75
END = 0
"""What comes after the last symbol, and stands before the first."""
KEPT = 8
"""Followers in a row."""
PROBED = 4
"""Rows where a context may be."""
NOWHERE = -1
FIRST_CONTEXT = np.uint64(1 << 42)


class Spelling(NamedTuple):
    """What was counted.

    Attributes:
        owners: The hash of the context of a row, 0 where it is nobody's, ``(R,)``; of rows there is
            a power of two, at least `PROBED`.
        followers: Symbols that came after it, ``(R, KEPT)``.
        counts: How often; 0 where there is no symbol, ``(R, KEPT)``.
    """

    owners: Hashes
    followers: NDArray[np.int32]
    counts: Array


@kernel
def fill_contexts(history: Symbols, contexts: Hashes) -> None:
    """Fill the hashes of the contexts ``(ORDERS,)`` of no symbol to all of a history.

    Args:
        history: The last symbols, the latest first, ``(ORDERS - 1,)``; END before the first.
        contexts: Filled.
    """
    contexts[0] = FIRST_CONTEXT
    for k in range(1, ORDERS):
        contexts[k] = hashed(contexts[k - 1], np.uint64(history[k - 1]))


@kernel
def _row_of(spelling: Spelling, owner: np.uint64) -> int:
    """Return the row of an owner, `NOWHERE` if there is none."""
    mask = spelling.owners.size - 1
    place = signed(owner >> HALF) & mask
    for k in range(PROBED):
        if spelling.owners[(place + k) & mask] == owner:
            return (place + k) & mask
    return NOWHERE


@kernel
def _new_row(spelling: Spelling, owner: np.uint64) -> int:
    """Return an empty row for an owner; where all are taken, that of the smallest count."""
    mask = spelling.owners.size - 1
    place = signed(owner >> HALF) & mask
    chosen, smallest = place, np.inf
    for k in range(PROBED):
        row, whole = (place + k) & mask, 0.0
        for n in range(KEPT):
            whole += spelling.counts[row, n]
        if whole < smallest:
            chosen, smallest = row, whole
    spelling.owners[chosen] = owner
    for n in range(KEPT):
        spelling.counts[chosen, n] = 0
    return chosen


@kernel
def _owner(context: np.uint64, page: int) -> np.uint64:
    """Return who owns the row of a context with this number."""
    return np.uint64(hashed(context, np.uint64(page)) | ONE)


@kernel
def _add(spelling: Spelling, context: np.uint64, symbol: int) -> bool:
    """Count a symbol after a context; return whether it is new there."""
    page = 0
    while True:
        row = _row_of(spelling, _owner(context, page))
        if row == NOWHERE:
            row = _new_row(spelling, _owner(context, page))
        for n in range(KEPT):
            if spelling.counts[row, n] == 0:
                spelling.followers[row, n], spelling.counts[row, n] = symbol, 1
                return True
            if spelling.followers[row, n] == symbol:
                spelling.counts[row, n] += 1
                return False
        page += 1


@kernel
def count_spelling(
    spelling: Spelling, transcript: Symbols, history: Symbols, contexts: Hashes
) -> None:
    """Count all symbols of a transcript, and its end.

    Args:
        spelling: What was counted before.
        transcript: Numbers of symbols above 0, ``(N,)``.
        history: Room, ``(ORDERS - 1,)``.
        contexts: Room, ``(ORDERS,)``.
    """
    for k in range(history.size):
        history[k] = END
    for t in range(transcript.size + 1):
        symbol = transcript[t] if t < transcript.size else END
        fill_contexts(history, contexts)
        for order in range(ORDERS - 1, -1, -1):
            if not _add(spelling, contexts[order], symbol):
                break
        for k in range(history.size - 1, 0, -1):
            history[k] = history[k - 1]
        history[0] = symbol


@kernel
def fill_chances(
    spelling: Spelling, history: Symbols, contexts: Hashes, chances: NDArray[np.float64]
) -> None:
    """Fill how likely each symbol comes next, ``(V,)``; they sum to 1.

    Args:
        spelling: What was counted; no symbol from V on.
        history: As in `fill_contexts`.
        contexts: Room, ``(ORDERS,)``.
        chances: Filled; that of `END` first.
    """
    many = chances.size
    for k in range(many):
        chances[k] = 1 / many
    fill_contexts(history, contexts)
    for order in range(ORDERS):
        whole, kinds, page = 0.0, 0, 0
        row = _row_of(spelling, _owner(contexts[order], 0))
        while row != NOWHERE:
            for n in range(KEPT):
                whole += spelling.counts[row, n]
                kinds += spelling.counts[row, n] > 0
            page += 1
            row = _row_of(spelling, _owner(contexts[order], page))
        if page == 0:
            continue
        for k in range(many):
            chances[k] *= DISCOUNT * kinds / whole
        for former in range(page):
            row = _row_of(spelling, _owner(contexts[order], former))
            for n in range(KEPT):
                if spelling.counts[row, n] > 0:
                    share = (spelling.counts[row, n] - DISCOUNT) / whole
                    chances[spelling.followers[row, n]] += share
