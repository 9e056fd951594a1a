"""Pooling: the features of a whole sequence as one vector.

    last      the last hidden state of each cell; of one that reads backwards, that of step 0
    parts     the mean over each of so many equal parts of the sequence; with one part, its mean
    max       the largest number of each feature

With as many parts as there are steps, the head sees each step by itself.
"""

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.products import Array, add, copy

Places = NDArray[np.int64]


@kernel
def pooled_last(features: Array, columns: NDArray[np.int64], pooled: Array) -> None:
    """Fill ``pooled`` from ``features (T, F)``.

    ``columns (C, 3)`` names, for each cell, its first column, the one after its last, and whether
    it reads backwards.
    """
    at = 0
    for cell in range(columns.shape[0]):
        begin, end, backwards = columns[cell]
        t = 0 if backwards else features.shape[0] - 1
        copy(features[t, begin:end], pooled[at : at + end - begin])
        at += end - begin


@kernel
def pooled_last_backward(dpooled: Array, columns: NDArray[np.int64], dfeatures: Array) -> None:
    """Add the gradient of `pooled_last` to ``dfeatures (T, F)``."""
    at = 0
    for cell in range(columns.shape[0]):
        begin, end, backwards = columns[cell]
        t = 0 if backwards else dfeatures.shape[0] - 1
        add(dpooled[at : at + end - begin], dfeatures[t, begin:end])
        at += end - begin


@kernel
def part_of(part: int, parts: int, steps: int) -> tuple[int, int]:
    """Return the first step of a part and the step after its last; none is empty."""
    begin = part * steps // parts
    return begin, max((part + 1) * steps // parts, begin + 1)


@kernel
def pooled_parts(features: Array, pooled: Array) -> None:
    """Fill ``pooled (parts, F)`` with means over the parts of ``features (T, F)``."""
    parts, width = pooled.shape
    for part in range(parts):
        begin, end = part_of(part, parts, features.shape[0])
        share = features.dtype.type(1 / (end - begin))
        for j in range(width):
            pooled[part, j] = 0
        for t in range(begin, end):
            add(features[t], pooled[part])
        for j in range(width):
            pooled[part, j] *= share


@kernel
def pooled_parts_backward(dpooled: Array, dfeatures: Array) -> None:
    """Add the gradient of `pooled_parts` to ``dfeatures (T, F)``."""
    parts, width = dpooled.shape
    for part in range(parts):
        begin, end = part_of(part, parts, dfeatures.shape[0])
        share = dfeatures.dtype.type(1 / (end - begin))
        for t in range(begin, end):
            for j in range(width):
                dfeatures[t, j] += share * dpooled[part, j]


@kernel
def pooled_max(features: Array, pooled: Array, places: Places) -> None:
    """Fill ``pooled (F,)``, and ``places (F,)`` with the step of each; the first of equal ones."""
    copy(features[0], pooled)
    for j in range(pooled.size):
        places[j] = 0
    for t in range(1, features.shape[0]):
        for j in range(pooled.size):
            if features[t, j] > pooled[j]:
                pooled[j], places[j] = features[t, j], t


@kernel
def pooled_max_backward(dpooled: Array, places: Places, dfeatures: Array) -> None:
    """Add the gradient of `pooled_max` to ``dfeatures (T, F)``."""
    for j in range(dpooled.size):
        dfeatures[places[j], j] += dpooled[j]
