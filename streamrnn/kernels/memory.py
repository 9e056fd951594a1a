"""A memory of labels: how often each came with each n-gram, and what that says of the next one.

    r[k, l] = log(p(l | k) / p(l))       p(l | k) = (n[k, l] + a p(l)) / (n[k] + a)

The sum of r over the n-grams of a sequence is what naive Bayes adds to the log of p(l). Tables have
a power of two of rows; a place counts modulo their number.
"""

import math

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.ngrams import Places
from streamrnn.kernels.products import Array

PRIOR = 1.0
"""The weight a of what is known of any n-gram, in labels."""


@kernel
def fill_ratios(places: Places, counts: Array, times: NDArray[np.float64], ratios: Array) -> None:
    """Fill the log-ratios ``(T, L)`` of each step.

    Args:
        places: Of the n-grams, ``(T,)``.
        counts: How often each label came with each, ``(rows, L)``.
        times: How often each came at all, ``(L,)``, none of them 0.
        ratios: Filled.
    """
    labels, mask = ratios.shape[1], counts.shape[0] - 1
    whole = 0.0
    for label in range(labels):
        whole += times[label]
    for t in range(places.size):
        row = counts[places[t] & mask]
        seen = 0.0
        for label in range(labels):
            seen += row[label]
        scale = whole / (seen + PRIOR)
        rest = PRIOR / (seen + PRIOR)
        never = math.log(rest)
        for label in range(labels):
            # Most labels never came with an n-gram, and share one logarithm.
            ratio = never
            if row[label] > 0:
                ratio = math.log(row[label] * scale / times[label] + rest)
            ratios[t, label] = ratio


@kernel
def add_ratios(ratios: Array, scale: float, numbers: Array) -> None:
    """Add up what ratios ``(K, T, L)`` say of each step, in the first of ``numbers (T, N)``."""
    kinds, steps, labels = ratios.shape
    for k in range(kinds):
        for t in range(steps):
            for label in range(labels):
                numbers[t, label] += ratios[k, t, label] * scale


@kernel
def remember(places: Places, label: int, counts: Array, weight: float) -> None:
    """Count a label with all n-grams of a sequence."""
    mask = counts.shape[0] - 1
    for t in range(places.size):
        counts[places[t] & mask, label] += weight


@kernel
def remember_each(places: Places, labels: NDArray[np.int64], counts: Array) -> None:
    """Count each step's own label ``(T,)`` with its n-grams ``(K, T)``; below 0 is not known."""
    mask = counts.shape[0] - 1
    for k in range(places.shape[0]):
        for t in range(labels.size):
            if labels[t] >= 0:
                counts[places[k, t] & mask, labels[t]] += 1
