"""Hashes: of numbers, of runs of them, and the places they are given in tables."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.compiler import kernel

Hashes = NDArray[np.uint64]

ONE = np.uint64(1)
LOW_BITS = np.uint64(0xFFFFFFFF)
FIRST, SECOND = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)
THIRD = np.uint64(0xBF58476D1CE4E5B9)
SHIFT, HALF = np.uint64(29), np.uint64(32)
_ALL = (1 << 64) - 1
_FIRST, _SECOND, _THIRD = int(FIRST), int(SECOND), int(THIRD)
_SHIFT, _HALF = int(SHIFT), int(HALF)


@kernel
def signed(number: Any) -> int:
    """Return a number as one with a sign: sums of both kinds would be floats."""
    return int(np.int64(number))


@kernel
def hashed(one: np.uint64, other: np.uint64) -> np.uint64:
    """Return a hash of two numbers, as good in its low bits as in its high ones."""
    mixed = (one + ONE) * FIRST ^ (other + ONE) * SECOND
    mixed = (mixed ^ (mixed >> SHIFT)) * THIRD
    return np.uint64(mixed ^ (mixed >> HALF))


def hash_of_whole(one: int, other: int) -> int:
    """Return what `hashed` returns, of whole numbers: one alone is not worth a compiled call."""
    mixed = ((one + 1) * _FIRST ^ (other + 1) * _SECOND) & _ALL
    mixed = (mixed ^ (mixed >> _SHIFT)) * _THIRD & _ALL
    return mixed ^ (mixed >> _HALF)


@kernel
def place_of(hash: np.uint64, size: int) -> int:
    """Return the place of a hash, by its low half, among so many."""
    return signed(((hash & LOW_BITS) * np.uint64(size)) >> HALF)


@kernel
def extended(run: np.uint64, byte: int) -> np.uint64:
    """Return the hash of a run of bytes and one more; that of an empty run is 0."""
    return np.uint64((run + np.uint64(byte) + ONE) * FIRST)
