"""Arrays that start where vector instructions like it best."""

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

ALIGNMENT = 64
"""Bytes of a cache line, and of the widest vector register."""


def aligned_zeros(shape: int | tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
    """Return a C-contiguous array of zeros whose first byte lies on a cache line's boundary."""
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    room = np.zeros(size + ALIGNMENT, dtype=np.uint8)
    start = -room.ctypes.data % ALIGNMENT
    return room[start : start + size].view(dtype).reshape(shape)


def aligned_copy(array: NDArray[Any]) -> NDArray[Any]:
    """Return a copy of an array as `aligned_zeros` makes it."""
    copy = aligned_zeros(array.shape, array.dtype)
    copy[...] = array
    return copy


class Places:
    """Deals out places in one flat array, each on a cache line's boundary.

    Attributes:
        size: Elements dealt out so far.
    """

    def __init__(self, dtype: DTypeLike) -> None:
        self._unit = ALIGNMENT // np.dtype(dtype).itemsize
        self.size = 0

    def take(self, elements: int) -> int:
        """Return the start of so many elements."""
        start = self.size
        self.size += -(-elements // self._unit) * self._unit
        return start
