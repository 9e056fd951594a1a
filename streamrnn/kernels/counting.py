"""The next byte of a text, foretold by what followed its contexts before and by a network.

A byte is eight decisions, highest bit first. For each, every context says three things as log-odds:
how often a one came after the history that it has here; the same by the count and the share of ones
here; and whether the byte goes on like the one that came here last. The network, and what the
`successors` of contexts make of whole bytes, say how likely those are that have a one here, among
those that begin with the bits so far. `mixing` adds them up.
"""

import math

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.contexts import (
    BYTES,
    CONTEXTS,
    FIELD,
    ORDERS,
    RECENT,
    Bytes,
    go_on,
)
from streamrnn.kernels.counts import (
    BY_FIELD,
    BY_HITS,
    BY_LAST,
    BY_PAIR,
    BY_SEEN,
    FIELD_COUNTS,
    HIT_COUNTS,
    LONGEST_RUN,
    PAIR_COUNTS,
    PAIRS,
    PARTS,
    Counts,
    Scratch,
    begin_byte,
    end_byte,
    goes_on,
    grow_tree,
)
from streamrnn.kernels.hashing import ONE, Hashes, hashed, signed
from streamrnn.kernels.histories import chance_of, count_of, find, history_of, key_of, updated
from streamrnn.kernels.mixing import (
    chance_of_odds,
    learn_map,
    learn_weights,
    mix,
    odds_of,
    refine,
    within,
)
from streamrnn.kernels.products import Array
from streamrnn.kernels.successors import expect, learn

BY_NETWORK, BY_SUCCESSORS = range(2)
CONSTANT = 0.3

PAIR_SHARE, RUN_SHARE = 0.4, 0.3
"""Of what is said at last, by the map of the last two bytes, and by that of the byte expected."""
LEAST = 2.0**-16
"""The least probability of a bit."""

HISTORY_RATE, COUNT_RATE, RUN_RATE, PLAIN_RATE = 0.002, 0.005, 0.005, 0.01
INHERITED = 0.8
"""What a new slot takes over of what was foretold without it."""


@kernel
def prepare(
    counts: Counts,
    scratch: Scratch,
    memory: Hashes,
    lines: Bytes,
    distribution: Array,
) -> None:
    """Find out what is known of the next byte as a whole; ``distribution`` is the network's."""
    begin_byte(counts, scratch, memory, lines)
    last = signed(memory[RECENT]) & 0xFF
    expect(counts, scratch.contexts, last, scratch.kept_at, scratch.chances)
    grow_tree(scratch.chances, scratch.trees[BY_SUCCESSORS])
    grow_tree(distribution, scratch.trees[BY_NETWORK])


@kernel
def foretell(counts: Counts, scratch: Scratch, memory: Hashes, path: int, bit: int) -> float:
    """Return how likely a one is at a bit; nothing that is learned changes.

    Args:
        counts: What was learned.
        scratch: After `prepare`; filled.
        memory: Of the stream.
        path: The bits of the byte so far, behind a one.
        bit: How many these are.
    """
    inputs, odds = scratch.inputs, counts.odds
    node = path if bit < 4 else (path & ((1 << (bit - 4)) - 1)) | (1 << (bit - 4))
    hits, seen, expected = 0, 0, -1
    for k in range(CONTEXTS):
        if bit in (0, 4):
            scratch.keys[k] = key_of(scratch.contexts[k], path, bit)
        place, slot = find(counts.slots, scratch.keys[k], node)
        scratch.places[k], scratch.values[k] = place, slot
        count = count_of(slot)
        inputs[3 * k] = inputs[3 * k + 1] = inputs[3 * k + 2] = 0
        seen *= 2
        if count > 0:
            hits, seen = hits + 1, seen + 1
            inputs[3 * k] = odds_of(counts.histories[k, history_of(slot)], odds)
            part = int(chance_of(slot) * PARTS)
            inputs[3 * k + 1] = odds_of(counts.shares[k, count, part], odds)
        byte, run = scratch.lately[k]
        if goes_on(byte, path, bit):
            run = min(run, LONGEST_RUN)
            sure = odds_of(counts.runs[k, min(bit, 1), run], odds)
            inputs[3 * k + 2] = sure if (byte >> (7 - bit)) & 1 else -sure
            if k < len(ORDERS):
                expected = byte
    at = 3 * CONTEXTS
    inputs[at], inputs[at + 1] = odds_of(counts.plain[path], odds), CONSTANT
    for source in range(2):
        tree = scratch.trees[source]
        inputs[at + 2 + source] = odds_of(within(tree[2 * path + 1] / tree[path]), odds)
    before, pair = signed(memory[RECENT]) & 0xFF, signed(memory[RECENT]) & 0xFFFF
    chosen = scratch.chosen
    chosen[0] = path
    chosen[1] = BY_HITS + bit * HIT_COUNTS + hits
    chosen[2] = BY_LAST + bit * BYTES + before
    chosen[3] = BY_SEEN + seen
    chosen[4] = BY_FIELD + bit * FIELD_COUNTS + min(signed(memory[FIELD]), FIELD_COUNTS - 1)
    chosen[5] = BY_PAIR + signed(hashed(np.uint64(pair), ONE) & np.uint64(PAIR_COUNTS - 1))
    said = mix(inputs, counts.weights, chosen, counts.last[path], scratch.outputs)
    both = hashed(np.uint64(pair), np.uint64(path))
    scratch.where[0] = signed(both & np.uint64(PAIRS - 1))
    scratch.where[1] = 8 * expected + bit if expected >= 0 else 8 * BYTES + path
    by_pair = refine(said, counts.pairs[scratch.where[0]])
    by_run = refine(said, counts.expected[scratch.where[1]])
    mixed = chance_of_odds(said)
    plainly = (1 - PAIR_SHARE - RUN_SHARE) * mixed
    chance = min(max(plainly + PAIR_SHARE * by_pair + RUN_SHARE * by_run, LEAST), 1 - LEAST)
    scratch.said[0], scratch.said[1], scratch.said[2] = said, mixed, chance
    return chance


@kernel
def learn_bit(counts: Counts, scratch: Scratch, path: int, bit: int, came: int) -> None:
    """Learn the bit that came after `foretell` has spoken."""
    odds, mixed, chance = scratch.said
    learn_weights(
        came,
        mixed,
        scratch.inputs,
        counts.weights,
        counts.visits,
        scratch.chosen,
        counts.last[path],
        scratch.outputs,
    )
    learn_map(odds, came, counts.pairs[scratch.where[0]])
    learn_map(odds, came, counts.expected[scratch.where[1]])
    counts.plain[path] = within(counts.plain[path] + PLAIN_RATE * (came - counts.plain[path]))
    draw = counts.draw[0]
    for k in range(CONTEXTS):
        slot = scratch.values[k]
        count, history, own = count_of(slot), history_of(slot), chance_of(slot)
        # As of a linear congruential generator.
        draw = (draw * 1103515245 + 12345) & 0x7FFFFFFF
        if count > 0:
            times = counts.seen[k, history] = counts.seen[k, history] + 1
            rate = max(1 / (times + 1.5), HISTORY_RATE)
            former = counts.histories[k, history]
            counts.histories[k, history] = within(former + rate * (came - former))
            part = int(own * PARTS)
            former = counts.shares[k, count, part]
            counts.shares[k, count, part] = within(former + COUNT_RATE * (came - former))
        else:
            own = 0.5 + INHERITED * (chance - 0.5)
        counts.slots[scratch.places[k]] = updated(slot, came, own, draw >> 8)
        byte, run = scratch.lately[k]
        if goes_on(byte, path, bit):
            run, first = min(run, LONGEST_RUN), min(bit, 1)
            right = 1.0 if (byte >> (7 - bit)) & 1 == came else 0.0
            former = counts.runs[k, first, run]
            counts.runs[k, first, run] = within(former + RUN_RATE * (right - former))
    counts.draw[0] = draw


@kernel
def read(
    counts: Counts,
    scratch: Scratch,
    memory: Hashes,
    lines: Bytes,
    text: Bytes,
    distributions: Array,
    learning: bool,
    bits: NDArray[np.float64],
) -> None:
    """Read a run of bytes of a stream, each foretold before it is learned.

    Args:
        counts: What was learned, and is shared by all streams.
        scratch: Room.
        memory: Of the stream, ``(MEMORY,)``.
        lines: The same, ``(2, COLUMNS)``.
        text: The bytes, ``(N,)``.
        distributions: What the network expected before each, ``(N, 256)``.
        learning: Whether anything is learned.
        bits: Filled with minus the binary logarithm of how likely each byte was, ``(N,)``.
    """
    for n in range(text.size):
        # A literal 1 would be a type of its own, and compile all that follows once more.
        byte, path, total = signed(text[n]), signed(1), 0.0
        prepare(counts, scratch, memory, lines, distributions[n])
        for bit in range(8):
            came = (byte >> (7 - bit)) & 1
            chance = foretell(counts, scratch, memory, path, bit)
            total -= math.log2(chance if came else 1 - chance)
            if learning:
                learn_bit(counts, scratch, path, bit, came)
            path = 2 * path + came
        if learning:
            last = signed(memory[RECENT]) & 0xFF
            learn(counts, scratch.contexts, last, scratch.kept_at, byte)
            end_byte(counts, scratch, byte)
        go_on(memory, lines, byte)
        bits[n] = total


@kernel
def distribute_bytes(
    counts: Counts,
    scratch: Scratch,
    memory: Hashes,
    lines: Bytes,
    distribution: Array,
    chances: NDArray[np.float64],
) -> None:
    """Fill how likely each byte is to come next ``(256,)``; nothing that is learned changes."""
    prepare(counts, scratch, memory, lines, distribution)
    for byte in range(BYTES):
        chances[byte] = 1.0
    # The keys of the second half of a byte are those of its first half: one after the other.
    split(counts, scratch, memory, signed(1), signed(0), chances)
    for half in range(16, 32):
        split(counts, scratch, memory, half, signed(4), chances)


@kernel
def split(
    counts: Counts,
    scratch: Scratch,
    memory: Hashes,
    first: int,
    start: int,
    chances: NDArray[np.float64],
) -> None:
    """Share out what the bytes below a node have, by the four bits that follow.

    Args:
        counts: As in `foretell`, and so are the next two.
        scratch: The same.
        memory: The same.
        first: The path of the node.
        start: How many bits it has.
        chances: Of all bytes, ``(256,)``.
    """
    for bit in range(start, start + 4):
        for path in range(first << (bit - start), (first + 1) << (bit - start)):
            one = foretell(counts, scratch, memory, path, bit)
            half = 1 << (7 - bit)
            below = (path << (8 - bit)) - BYTES
            for byte in range(below, below + half):
                chances[byte] *= 1 - one
            for byte in range(below + half, below + 2 * half):
                chances[byte] *= one
