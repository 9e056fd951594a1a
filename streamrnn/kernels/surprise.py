"""How unusual a record of text is, by the bits that its parts cost.

A line is as unusual as its most surprising token: a run without blanks, its digits left out, since
numbers change all the time. Long lines have more tokens, and short ones fewer; what counts is the
place of that token among those of the stream's other lines.
"""

import math

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.contexts import NEWLINE, NINE, SPACE, TAB, ZERO
from streamrnn.kernels.rarity import FIRST_ERRORS, count, place_of_error, rarity

Numbers = NDArray[np.float64]
Bytes = NDArray[np.uint8]

SIZE_RATE = 0.001
"""The least weight of a new record in the mean of their surprise."""
LARGEST_SURPRISE = 8.0
"""In units of that mean: one record must not change it for long."""

RECORDS, SIZE = range(2)
SCALE = 2


@kernel
def is_blank(byte: int) -> bool:
    """Return whether a byte stands between tokens."""
    return byte in (SPACE, TAB, NEWLINE)


@kernel
def token_bits(text: Bytes, bits: Numbers, begins: int) -> tuple[int, float]:
    """Return where the token ends that begins at a place, and the bits of what is no digit in it.

    Args:
        text: ``(N,)``.
        bits: Of each byte, ``(N,)``.
        begins: The place of its first byte.
    """
    place, total = begins, 0.0
    while place < text.size and not is_blank(text[place]):
        if not ZERO <= text[place] <= NINE:
            total += bits[place]
        place += 1
    return place, total


@kernel
def surprise(text: Bytes, bits: Numbers) -> float:
    """Return the bits of the most surprising token; that of blanks alone are those of all."""
    place, largest, whole = 0, 0.0, 0.0
    while place < text.size:
        if is_blank(text[place]):
            whole += bits[place]
            place += 1
            continue
        place, total = token_bits(text, bits, place)
        largest = max(largest, total)
    return largest if largest > 0 else whole


@kernel
def share_beyond(size: float, scale: Numbers, counts: Numbers) -> float:
    """Return the share of a stream's records that are as surprising, NaN where it is not known."""
    if scale[RECORDS] < FIRST_ERRORS:
        return math.nan
    return float(rarity(place_of_error(size, scale[SIZE]), counts))


@kernel
def take_in(size: float, scale: Numbers, counts: Numbers) -> None:
    """Count how surprising a record was.

    Args:
        size: Its `surprise`.
        scale: How many records there were, and their mean surprise, ``(SCALE,)``.
        counts: Of these by size, see `streamrnn.kernels.rarity`.
    """
    if scale[RECORDS] >= FIRST_ERRORS:
        count(place_of_error(size, scale[SIZE]), counts)
    scale[RECORDS] += 1
    if scale[SIZE] > 0:
        size = min(size, LARGEST_SURPRISE * scale[SIZE])
    scale[SIZE] += max(1 / scale[RECORDS], SIZE_RATE) * (size - scale[SIZE])
