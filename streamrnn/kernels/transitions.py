"""Which label follows which, counted: at all, and in the window of symbols where it does.

    p(l | m, w) = (n[w, m, l] + b p(l | m)) / (n[w, m] + b)
    p(l | m)    = (n[m, l] + c) / (n[m] + c L)

So a label that ends at certain symbols ends there (a gene at a stop codon). Where two windows meet
in a hashed table, each label is still followed by what follows it.
"""

import math

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.ngrams import Places
from streamrnn.kernels.products import Array

Numbers = NDArray[np.float64]

FIRST, LAST = -3, 2
"""The window around the first step of the later label."""
SMOOTHING, PRIOR = 5.0, 0.01


@kernel
def fill_pairs(windows: Places, counts: Array, followed: Numbers, pairs: Numbers) -> None:
    """Fill the logs of how likely each label follows each other, ``(T, L, L)``.

    Args:
        windows: The place of the window around each step, ``(T,)``.
        counts: How often a label came after another in a window, ``(blocks, L, L)`` or more; of
            blocks there is a power of two.
        followed: How often it came after another at all, ``(L, L)``.
        pairs: Filled; those of the first step are what follows at all.
    """
    labels, mask = pairs.shape[1], counts.shape[0] - 1
    for former in range(labels):
        whole = PRIOR * labels
        for label in range(labels):
            whole += followed[former, label]
        for label in range(labels):
            pairs[0, former, label] = math.log((followed[former, label] + PRIOR) / whole)
    for t in range(1, windows.size):
        for former in range(labels):
            row = counts[windows[t] & mask, former]
            seen = 0.0
            for label in range(labels):
                seen += row[label]
            rest = math.log(SMOOTHING / (seen + SMOOTHING)) if seen > 0 else 0.0
            for label in range(labels):
                # Few labels follow any: the others need no logarithm of their own.
                score = pairs[0, former, label] + rest
                if row[label] > 0:
                    usual = SMOOTHING * math.exp(pairs[0, former, label])
                    score = math.log((row[label] + usual) / (seen + SMOOTHING))
                pairs[t, former, label] = score


@kernel
def count_pairs(
    windows: Places, labels: NDArray[np.int64], counts: Array, followed: Numbers
) -> None:
    """Count which label followed which, ``labels (T,)``."""
    mask = counts.shape[0] - 1
    for t in range(1, labels.size):
        counts[windows[t] & mask, labels[t - 1], labels[t]] += 1
        followed[labels[t - 1], labels[t]] += 1
