"""What is known of a text's next byte before its first bit: arrays, followers, the network's word.

The counts belong to a partition and are shared by its streams; the scratch holds what is said of
one byte and of one bit until it is learned.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.contexts import (
    BYTES,
    CONTEXTS,
    Bytes,
    fill_contexts,
)
from streamrnn.kernels.hashing import Hashes, place_of, signed
from streamrnn.kernels.histories import Slots
from streamrnn.kernels.products import Array

Counters = NDArray[np.int64]

PARTS = 64
"""Of the share of ones, for a map by count and share."""
LONGEST_RUN = 15
INPUTS = 40
"""Three a context, the bits alone, a constant, the network and the successors; the rest is 0, to
fill a vector."""
SETS, HIT_COUNTS, FIELD_COUNTS, PAIR_COUNTS = 6, CONTEXTS + 1, 32, 4096
BY_HITS = BYTES
BY_LAST = BY_HITS + 8 * HIT_COUNTS
BY_SEEN = BY_LAST + 8 * BYTES
BY_FIELD = BY_SEEN + (1 << CONTEXTS)
BY_PAIR = BY_FIELD + 8 * FIELD_COUNTS
PLACES = BY_PAIR + PAIR_COUNTS
"""Where the weights of each set begin; those of the first, by the bits so far, at 0."""
PAIRS = 1 << 15
"""Maps by the last two bytes and the bits so far, which share these places."""
EXPECTED = 8 * BYTES + BYTES


class Counts(NamedTuple):
    """What is learned, and shared by all streams.

    Attributes:
        slots: As in `streamrnn.kernels.histories`, ``(S,)``.
        followers: The byte that came last in a context, how often in a row, and whose it is; 8, 8
            and 16 bits, ``(R,)``.
        owners: Whose successors are kept, 0 where nobody's are; and how often others came that had
            to make way, ``(Q, 2)``.
        successors: Bytes that followed, and how often each did, ``(Q, 2, KEPT + 1)``.
        pair_times: How often a byte followed another that no longer context knew, ``(256, 256)``.
        single_times: After how many bytes a byte came, ``(256,)``.
        histories: How likely a one is after each history, ``(CONTEXTS, 256)``.
        seen: How often that was so, the same.
        shares: How likely a one is by the count and the share of ones, ``(CONTEXTS, COUNTS, 64)``.
        runs: How likely a byte is to go on like the last one, by how often that was right, for the
            first bit and for the others, ``(CONTEXTS, 2, 16)``.
        plain: How likely a one is after the bits so far, ``(256,)``.
        weights: Of the mixers, ``(PLACES, INPUTS)``.
        visits: How often each place was chosen, ``(PLACES,)``.
        last: The weights of the last mixer, by the bits so far, ``(256, SETS)``.
        pairs: Maps by the last two bytes, ``(PAIRS, MAP_STEPS)``.
        expected: Maps by the byte that is expected and the bit's place, or where none is by the
            bits so far, ``(EXPECTED, MAP_STEPS)``.
        odds: The table of log-odds.
        draw: A number as if by chance, ``(1,)``.
    """

    slots: Slots
    followers: NDArray[np.uint32]
    owners: NDArray[np.uint32]
    successors: Bytes
    pair_times: Array
    single_times: Array
    histories: Array
    seen: Array
    shares: Array
    runs: Array
    plain: Array
    weights: Array
    visits: Array
    last: Array
    pairs: Array
    expected: Array
    odds: Array
    draw: Counters


class Scratch(NamedTuple):
    """Room for what is said of one bit, until it is learned.

    Attributes:
        contexts: Of the byte, ``(CONTEXTS,)``.
        keys: Of half a byte, the same.
        places: Of the bit's slots, the same.
        values: What they hold, the same.
        lately: The byte that came last in each context, and how often in a row; -1 where there
            was none, ``(CONTEXTS, 2)``.
        inputs: Of the mixers, ``(INPUTS,)``.
        chosen: The place of each set, ``(SETS,)``.
        outputs: Of each set, ``(SETS,)``.
        kept_at: Where the successors of contexts are kept, ``(KEPT_ORDERS,)``.
        chances: How likely each byte is by them, ``(256,)``.
        trees: How likely the bytes below each node are, by the network and by them, ``(2, 512)``.
        where: The rows of ``pairs`` and ``expected``, ``(2,)``.
        said: The log-odds of the last mixer, the probability of that, and what was said at last,
            ``(3,)``.
    """

    contexts: Hashes
    keys: Hashes
    places: Counters
    values: Counters
    lately: Counters
    inputs: Array
    chosen: Counters
    outputs: Array
    kept_at: Counters
    chances: Array
    trees: NDArray[np.float64]
    where: Counters
    said: NDArray[np.float64]


@kernel
def begin_byte(counts: Counts, scratch: Scratch, memory: Hashes, lines: Bytes) -> None:
    """Find the contexts of the next byte, and what followed them last."""
    fill_contexts(memory, lines, scratch.contexts)
    for k in range(CONTEXTS):
        follower = signed(counts.followers[place_of_follower(counts, scratch.contexts[k])])
        mine = follower >> 16 == mark_of_follower(scratch.contexts[k])
        scratch.lately[k, 0] = follower & 0xFF if mine else -1
        scratch.lately[k, 1] = (follower >> 8) & 0xFF if mine else 0


@kernel
def place_of_follower(counts: Counts, context: np.uint64) -> int:
    """Return where the follower of a context is kept."""
    return place_of(context >> np.uint64(20), counts.followers.size)


@kernel
def mark_of_follower(context: np.uint64) -> int:
    """Return what tells a context from others at its place; never 0."""
    return signed(context >> np.uint64(48)) | 1


@kernel
def grow_tree(distribution: Array, tree: NDArray[np.float64]) -> None:
    """Fill the sums of a distribution ``(256,)`` over the bytes below each node of their bits."""
    for byte in range(BYTES):
        tree[BYTES + byte] = distribution[byte] + 1e-6
    for node in range(BYTES - 1, 0, -1):
        tree[node] = tree[2 * node] + tree[2 * node + 1]


@kernel
def goes_on(byte: int, path: int, bit: int) -> bool:
    """Return whether a byte begins with the bits of a path; -1 is none."""
    return byte >= 0 and (byte | BYTES) >> (8 - bit) == path


@kernel
def end_byte(counts: Counts, scratch: Scratch, byte: int) -> None:
    """Keep the byte as the follower of its contexts."""
    for k in range(CONTEXTS):
        context = scratch.contexts[k]
        run = min(scratch.lately[k, 1] + 1, 255) if scratch.lately[k, 0] == byte else 1
        follower = (mark_of_follower(context) << 16) | (run << 8) | byte
        counts.followers[place_of_follower(counts, context)] = follower
