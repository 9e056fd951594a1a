"""What followed a context before, bit by bit: a hashed table of small histories, bounded in memory.

A slot is 32 bits: 8 to recognise whose it is, 8 for the last seven bits (behind a one, so that
fewer are told apart), 13 for how likely a one is, and 3 for how many bits there were beyond seven.
The slots of one context and half a byte lie in one line of the processor's cache, 16 slots; where
both places of a slot are taken by others, the one that has seen less makes way.
"""

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.hashing import hashed, place_of, signed

Slots = NDArray[np.uint32]

GROUP = 16
"""Slots of a line of the cache."""
FULL = 128
"""From here on a history holds seven bits."""
ONES = 8192
"""Parts of a probability."""
FRESH = (1 << 16) | (ONES // 2 << 3)
TOTALS = (7, 9, 12, 16, 24, 36, 56, 90)
"""How many bits there were, where a history is full."""
PATIENCE = (1, 3, 3, 7, 7, 15, 31)
"""Bits from one to the next, in the mean, less one: a draw decides, by a mask of its bits."""
COUNTS = 7 + len(TOTALS)
EARLY = 0.3
"""How much the first bits count for: the n-th one moves the probability by 1 / (n + 1 + this)."""


@kernel
def key_of(context: np.uint64, path: int, bit: int) -> np.uint64:
    """Return the key of a context for the first half of a byte, or the second after its path."""
    return hashed(context, np.uint64(path)) if bit >= 4 else context


@kernel
def find(slots: Slots, key: np.uint64, node: int) -> tuple[int, int]:
    """Return the place of a slot, and what it holds: FRESH if it is new, and yet to be written.

    Args:
        slots: ``(S,)``.
        key: As of `key_of`.
        node: The bits of this half of a byte so far, behind a one: 1 to 15.
    """
    start = place_of(key, slots.size // GROUP) * GROUP
    mark = (signed(key >> np.uint64(44)) + node * 0x4D) & 0xFF
    first = start + ((node ^ signed(key >> np.uint64(36))) & (GROUP - 1))
    second = start + ((first - start) ^ (GROUP // 2))
    here, there = signed(slots[first]), signed(slots[second])
    fresh = (mark << 24) | FRESH
    if here >> 24 == mark and history_of(here) != 0:
        return first, here
    if there >> 24 == mark and history_of(there) != 0:
        return second, there
    return (first if rank_of(here) <= rank_of(there) else second), fresh


@kernel
def history_of(slot: int) -> int:
    """Return the last bits, behind a one; 0 where the slot was never used."""
    return (slot >> 16) & 0xFF


@kernel
def rank_of(slot: int) -> int:
    """Return a number that is larger the more bits a slot has seen."""
    history = history_of(slot)
    return FULL + (slot & 7) if history >= FULL else history


@kernel
def count_of(slot: int) -> int:
    """Return the class of how many bits a slot has seen: 0 to 6 are so many, others `TOTALS`."""
    history = history_of(slot)
    if history >= FULL:
        return 7 + (slot & 7)
    count = 0
    while history >> (count + 1):
        count += 1
    return count


@kernel
def chance_of(slot: int) -> float:
    """Return how likely a one is to follow."""
    return (float((slot >> 3) & (ONES - 1)) + 0.5) / ONES


@kernel
def updated(slot: int, bit: int, chance: float, draw: int) -> int:
    """Return what a slot holds after one more bit.

    Args:
        slot: What it held.
        bit: 0 or 1.
        chance: How likely a one was, as far as this slot is concerned.
        draw: A number of at least seven bits that are as if by chance.
    """
    count, history, level = count_of(slot), history_of(slot), slot & 7
    total = count if count < 7 else TOTALS[count - 7]
    moved = chance + (bit - chance) / (total + 1 + EARLY)
    if history >= FULL and level < len(PATIENCE) and (draw & PATIENCE[level]) == 0:
        level += 1
    history = (history << 1) | bit
    if history > 0xFF:
        history = (history & (FULL - 1)) | FULL
    parts = min(max(int(moved * ONES), 0), ONES - 1)
    return signed((slot & 0xFF000000) | (history << 16) | (parts << 3) | level)
