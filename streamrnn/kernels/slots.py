"""Counts of what came with what, bounded: rows for keys, each with a few slots for words.

A key has a row of its own among a few that its hash points to; where all are taken, the row with
the least counts makes way. In a full row the word with the least count does. A word that weighs
less than that wears it down instead, so that what is rare and what is recent compete (after Misra
and Gries 1982).

Where a row has counted much all of it is halved: so it never stops, and the present weighs more.

What was counted can be taken back for a while and counted again: nothing makes way for it a second
time, and in between a number may be less than 0, which is read as 0.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.hashing import ONE, hashed, signed
from streamrnn.kernels.products import Array

LOOKED_AT = 8
"""Rows that a key may have."""
NOWHERE = -1
NOBODY = np.uint64(0)
MOST = float(1 << 17)
"""What a row counts before it is halved: float32 must hold even a small share beside it."""


class Slots(NamedTuple):
    """A table of counts.

    Attributes:
        keys: Of the rows, 0 where nobody's, ``(R,)``; R is a power of two.
        totals: All that was counted in a row, ``(R,)``.
        words: Of the slots, -1 where there is none, ``(R, K)``.
        counts: Of the slots, ``(R, K)``.
    """

    keys: NDArray[np.uint64]
    totals: NDArray[np.floating]
    words: NDArray[np.int32]
    counts: NDArray[np.floating]


@kernel
def row_of(keys: NDArray[np.uint64], key: np.uint64) -> int:
    """Return the row of a key, not 0, or -1 where it has none."""
    first, mask = signed(hashed(key, ONE) & np.uint64(keys.size - 1)), keys.size - 1
    for step in range(LOOKED_AT):
        row = (first + step) & mask
        if keys[row] == key:
            return row
    return NOWHERE


@kernel
def claimed_row(table: Slots, key: np.uint64) -> int:
    """Return the row of a key, not 0, which has one from now on."""
    found = row_of(table.keys, key)
    if found != NOWHERE:
        return found
    first, mask = signed(hashed(key, ONE) & np.uint64(table.keys.size - 1)), table.keys.size - 1
    found = first
    for step in range(LOOKED_AT):
        row = (first + step) & mask
        if table.keys[row] == NOBODY:
            found = row
            break
        if table.totals[row] < table.totals[found]:
            found = row
    table.keys[found] = key
    table.totals[found] = 0
    table.words[found] = NOWHERE
    table.counts[found] = 0
    return found


@kernel
def halve(counts: Array, least: float) -> None:
    """Halve all counts of a vector, but none below a least one."""
    number = counts.dtype.type
    for k in range(counts.size):
        counts[k] = max(counts[k] / number(2), min(counts[k], number(least)))


@kernel
def count(table: Slots, row: int, word: int, weight: float, new: bool) -> None:
    """Count a word in a row.

    Args:
        table: Is changed.
        row: Of the table.
        word: That came.
        weight: Below 0 to take back what was counted.
        new: Whether it is counted for the first time; else no other word makes way, and none is
            worn down.
    """
    words, counts = table.words[row], table.counts[row]
    if table.totals[row] >= MOST:
        table.totals[row] /= 2
        halve(counts, 0.0)
    table.totals[row] += weight
    least = 0
    for k in range(words.size):
        if words[k] == word:
            counts[k] += weight
            return
        if counts[k] < counts[least]:
            least = k
    if weight <= 0:
        return
    if new and counts[least] > weight:
        counts[least] -= weight
    elif new or words[least] == NOWHERE:
        words[least], counts[least] = word, weight


@kernel
def row_to_count(table: Slots, key: np.uint64, new: bool) -> int:
    """Return the row in which a key is counted, -1 where what was counted before has none."""
    return claimed_row(table, key) if new else row_of(table.keys, key)


@kernel
def counted(table: Slots, row: int, word: int) -> float:
    """Return how often a word was counted in a row, as far as the row still knows."""
    for k in range(table.words.shape[1]):
        if table.words[row, k] == word:
            return max(float(table.counts[row, k]), 0.0)
    return 0.0
