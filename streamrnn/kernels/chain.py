"""A chain of labels: which one goes with each step, and which follows which.

    s(y) = b[y0] + sum_t u[t, y_t] + sum_t a[t, y_(t-1), y_t]

`best_path` is Viterbi's (1967). `chain_gradient` is that of the conditional random field, -log p(y)
with p(y) ~ exp s(y) (Lafferty, McCallum and Pereira 2001), by forward and backward sums of shares.
``pairs (P, L, L)`` holds a, for each step or one for all.
"""

import math

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.compiler import kernel

Numbers = NDArray[np.float64]
Path = NDArray[np.int64]

NEVER = -1e9
"""What a forbidden pair scores."""


@kernel
def best_path(
    unary: Numbers, pairs: Numbers, begin: Numbers, scores: Numbers, back: Path, path: Path
) -> float:
    """Fill ``path (T,)`` with the labels of the highest score; return it.

    Args:
        unary: ``(T, L)``.
        pairs: ``(1, L, L)`` or ``(T, L, L)``; a step's own say how it follows the one before.
        begin: ``(L,)``.
        scores: Room for the best score of each label, ``(T, L)``.
        back: Room for what came before it, ``(T, L)``.
        path: Filled; of equal paths, one whose labels have the lowest numbers.
    """
    steps, labels = unary.shape
    for label in range(labels):
        scores[0, label] = begin[label] + unary[0, label]
    for t in range(1, steps):
        pair = pairs[min(t, pairs.shape[0] - 1)]
        for label in range(labels):
            best, place = scores[t - 1, 0] + pair[0, label], 0
            for former in range(1, labels):
                score = scores[t - 1, former] + pair[former, label]
                if score > best:
                    best, place = score, former
            scores[t, label], back[t, label] = best + unary[t, label], place
    last = 0
    for label in range(1, labels):
        if scores[steps - 1, label] > scores[steps - 1, last]:
            last = label
    whole = scores[steps - 1, last]
    for t in range(steps - 1, -1, -1):
        path[t] = last
        last = back[t, last]
    return float(whole)


@kernel
def learn_pairs(pairs: Numbers, squares: Numbers, dpairs: Numbers, rate: float) -> None:
    """Change the first pairs against their gradient ``(L, L)``, by AdaGrad; both may be wider."""
    many = dpairs.shape[0]
    for former in range(many):
        for label in range(many):
            slope = dpairs[former, label]
            squares[former, label] += slope * slope
            pairs[former, label] -= rate * slope / math.sqrt(squares[former, label])


@kernel
def chain_gradient(
    unary: Numbers,
    pairs: Numbers,
    begin: Numbers,
    labels: Path,
    forward: Numbers,
    backward: Numbers,
    factors: Numbers,
    dunary: Numbers,
    dpairs: Numbers,
) -> float:
    """Fill the gradients by the scores; return -log p(labels).

    Args:
        unary: ``(T, L)``.
        pairs: ``(L, L)``, for all steps.
        begin: ``(L,)``.
        labels: The right ones, ``(T,)``.
        forward: Room for the shares of what came up to each step, ``(T, L)``.
        backward: Room for those of what comes after it, ``(T, L)``.
        factors: Room for ``exp(pairs)``, ``(L, L)``.
        dunary: Filled, ``(T, L)``: the share of each label less that of the right one.
        dpairs: Filled, ``(L, L)``: how often a pair is expected, less how often it came.
    """
    steps, many = unary.shape
    for former in range(many):
        for label in range(many):
            factors[former, label] = math.exp(pairs[former, label])
            dpairs[former, label] = 0.0
    loss = -begin[labels[0]]
    for t in range(steps):
        loss -= unary[t, labels[t]]
        if t:
            loss -= pairs[labels[t - 1], labels[t]]
        top = unary[t, 0]
        for label in range(many):
            top = max(top, unary[t, label])
        whole = 0.0
        for label in range(many):
            before = math.exp(begin[label]) if t == 0 else 0.0
            if t:
                for former in range(many):
                    before += forward[t - 1, former] * factors[former, label]
            # What a step says by itself is needed again on the way back.
            dunary[t, label] = math.exp(unary[t, label] - top)
            forward[t, label] = before * dunary[t, label]
            whole += forward[t, label]
        for label in range(many):
            forward[t, label] /= whole
        loss += math.log(whole) + top
    for label in range(many):
        backward[steps - 1, label] = 1.0
    for t in range(steps - 1, 0, -1):
        whole, both = 0.0, 0.0
        for former in range(many):
            after = 0.0
            for label in range(many):
                after += factors[former, label] * dunary[t, label] * backward[t, label]
            backward[t - 1, former] = after
            whole += after
            both += forward[t - 1, former] * after
        for former in range(many):
            backward[t - 1, former] /= whole
            share = forward[t - 1, former] / both
            for label in range(many):
                dpairs[former, label] += share * dunary[t, label] * backward[t, label]
    for former in range(many):
        for label in range(many):
            dpairs[former, label] *= factors[former, label]
    for t in range(1, steps):
        dpairs[labels[t - 1], labels[t]] -= 1
    for t in range(steps):
        whole = 0.0
        for label in range(many):
            dunary[t, label] = forward[t, label] * backward[t, label]
            whole += dunary[t, label]
        for label in range(many):
            dunary[t, label] = dunary[t, label] / whole - (label == labels[t])
    return float(loss)
