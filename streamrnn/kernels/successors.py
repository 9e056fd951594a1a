"""Which bytes followed a context, and how often: prediction by partial matching.

From none to the longest context, each says what it has seen, and leaves to the one before what may
be new: absolute discounting (Ney, Essen and Kneser 1994). Only the longest contexts, down to the
first that knew it, count a byte (the update exclusion of Moffat 1990). A context keeps a few bytes;
those that had to make way for others are remembered as a number.
"""

import numpy as np

from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.contexts import ORDERS
from streamrnn.kernels.counts import Counters, Counts
from streamrnn.kernels.fused import total
from streamrnn.kernels.hashing import THIRD, Hashes, place_of, signed
from streamrnn.kernels.products import Array

KEPT_ORDERS = len(ORDERS)
"""Of the contexts, the first ones: the last bytes, from the fewest up."""
KEPT = 7
"""The bytes that a context keeps."""
DISCOUNT, DISCOUNT_OF_PAIRS = 0.8, 0.7
MOST_TIMES = 250
"""Beyond it all of a context's times are halved."""
NEW = -1
OWNER, OTHERS = range(2)
BYTE, TIMES = range(2)


@kernel
def find(counts: Counts, context: np.uint64) -> tuple[int, bool]:
    """Return where the successors of a context are kept, or would be, and whether they are."""
    rows, mark = len(counts.owners), mark_of(context)
    first, second = place_of(context, rows), place_of(context * THIRD, rows)
    if counts.owners[first, OWNER] == mark:
        return first, True
    if counts.owners[second, OWNER] == mark:
        return second, True
    here, there = np.int64(0), np.int64(0)
    for k in range(KEPT):
        here += counts.successors[first, TIMES, k]
        there += counts.successors[second, TIMES, k]
    return (second if there < here else first), False


@kernel
def mark_of(context: np.uint64) -> int:
    """Return what tells a context from others at its place; never 0."""
    return signed(context >> np.uint64(40)) | 1


@kernel
def share_out(seen: float, kinds: float, unseen: float, discount: float, chances: Array) -> float:
    """Shrink what shorter contexts say to what may be new; return what one time is worth.

    Args:
        seen: How often the bytes came that a context knows.
        kinds: How many these are.
        unseen: How often others came.
        discount: What is taken from each for those that may be new.
        chances: ``(256,)``.
    """
    left = chances.dtype.type((discount * kinds + unseen) / (seen + unseen))
    for byte in range(chances.size):
        chances[byte] *= left
    return 1 / (seen + unseen)


@kernel
def expect(counts: Counts, contexts: Hashes, last: int, places: Counters, chances: Array) -> None:
    """Fill how likely each byte is to come next.

    Args:
        counts: What was learned.
        contexts: Of the byte, ``(CONTEXTS,)``.
        last: The byte before.
        places: Filled with where successors are kept, or where new ones would be, less than 0,
            ``(KEPT_ORDERS,)``.
        chances: Filled, ``(256,)``.
    """
    number = chances.dtype.type
    scale = number(1) / total(counts.single_times)
    for byte in range(chances.size):
        chances[byte] = counts.single_times[byte] * scale
    after = counts.pair_times[last]
    seen, kinds = float(total(after)), 0
    for byte in range(chances.size):
        kinds += after[byte] > 0
    if seen > 0:
        worth = share_out(seen, kinds, 0.0, DISCOUNT_OF_PAIRS, chances)
        less, share = number(DISCOUNT_OF_PAIRS), number(worth)
        for byte in range(chances.size):
            chances[byte] += max(after[byte] - less, number(0)) * share
    for k in range(KEPT_ORDERS):
        place, known = find(counts, contexts[k])
        places[k] = place if known else NEW - place
        if not known:
            continue
        kept, times = counts.successors[place, BYTE], counts.successors[place, TIMES]
        of_all, kinds = 0.0, 0
        for j in range(KEPT):
            of_all += times[j]
            kinds += times[j] > 0
        each = share_out(of_all, kinds, float(counts.owners[place, OTHERS]), DISCOUNT, chances)
        for j in range(KEPT):
            if times[j] > 0:
                chances[kept[j]] += number((times[j] - DISCOUNT) * each)


@kernel
def learn(counts: Counts, contexts: Hashes, last: int, places: Counters, byte: int) -> None:
    """Count a byte in the longest contexts, down to the first that knew it."""
    for k in range(KEPT_ORDERS - 1, -1, -1):
        place = places[k]
        if place < 0:
            place = NEW - place
            counts.owners[place, OWNER] = mark_of(contexts[k])
            counts.owners[place, OTHERS] = 0
            counts.successors[place, TIMES] = 0
        if count(counts, place, byte):
            return
    after = counts.pair_times[last]
    if after[byte] == 0:
        counts.single_times[byte] += 1
    after[byte] += 1
    if after[byte] > MOST_TIMES:
        for k in range(after.size):
            after[k] *= 0.5


@kernel
def count(counts: Counts, place: int, byte: int) -> bool:
    """Count a byte at a place; return whether it was known there."""
    kept, times = counts.successors[place, BYTE], counts.successors[place, TIMES]
    least = 0
    for k in range(KEPT):
        if times[k] > 0 and kept[k] == byte:
            times[k] += 1
            if times[k] >= MOST_TIMES:
                counts.owners[place, OTHERS] //= 2
                for j in range(KEPT):
                    times[j] = (times[j] + 1) // 2
            return True
        if times[k] < times[least]:
            least = k
    counts.owners[place, OTHERS] += times[least]
    kept[least], times[least] = byte, 1
    return False
