"""How unusual a record of text is, by the bits that its parts cost.

A line is as unusual as its most surprising tokens: runs without blanks. Where a token begins, most
of it is decided; what follows its first byte counts a little, digits not at all, and a token that
begins with one is a number, which changes all the time. Long lines have more tokens than short
ones; what counts is the place of the sum among those of the stream's other lines.
"""

import math

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.contexts import is_blank, is_digit
from streamrnn.kernels.rarity import FIRST_ERRORS, count, place_of_error, rarity

Numbers = NDArray[np.float64]
Bytes = NDArray[np.uint8]

REST_SHARE, SECOND_SHARE = 0.05, 0.5
"""What counts of a token beside its first byte, and of the second most surprising token."""
SIZE_RATE = 0.001
"""The least weight of a new record in the mean of their surprise."""
LARGEST_SURPRISE = 8.0
"""In units of that mean: one record must not change it for long."""

RECORDS, SIZE = range(2)
SCALE = 2


@kernel
def end_of_token(text: Bytes, begin: int) -> int:
    """Return where the token ends that begins at a place; that place itself, if none does."""
    end = begin
    while end < text.size and not is_blank(text[end]):
        end += 1
    return end


@kernel
def surprise_of_token(text: Bytes, bits: Numbers) -> float:
    """Return how surprising a token is, in bits that count.

    Args:
        text: Its bytes, at least one, ``(N,)``.
        bits: Of each, ``(N,)``.
    """
    if is_digit(text[0]):
        return 0.0
    rest = 0.0
    for n in range(1, text.size):
        if not is_digit(text[n]):
            rest += bits[n]
    return float(bits[0] + REST_SHARE * rest)


@kernel
def surprise(text: Bytes, bits: Numbers) -> float:
    """Return how surprising a record is; one of blanks and numbers alone by all of its bits."""
    place, largest, second = 0, 0.0, 0.0
    while place < text.size:
        end = end_of_token(text, place)
        if end > place:
            size = surprise_of_token(text[place:end], bits[place:end])
            second = max(second, min(size, largest))
            largest = max(largest, size)
        place = max(end, place + 1)
    return largest + SECOND_SHARE * second if largest > 0 else float(REST_SHARE * bits.sum())


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
