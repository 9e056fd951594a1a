"""Opinions about a label, added up: log-linear mixing with weights that are learned online.

    p(l) ~ exp(b[l] + sum_e w[e] (log p_e(l) - mean))

Genest and Zidek 1986 for the pool, Mattern 2012 for the gradient; AdaGrad for the rates.
"""

import math

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.compiler import kernel

Numbers = NDArray[np.float64]

RATE = 0.03


@kernel
def blend(opinions: Numbers, weights: Numbers, bias: Numbers, shares: Numbers) -> None:
    """Fill ``shares (L,)`` from ``opinions (E, L)``, whose logs are centred in place."""
    experts, labels = opinions.shape
    for label in range(labels):
        shares[label] = bias[label]
    for e in range(experts):
        mean = 0.0
        for label in range(labels):
            mean += opinions[e, label]
        mean /= labels
        for label in range(labels):
            opinions[e, label] -= mean
            shares[label] += weights[e] * opinions[e, label]
    normalise(shares)


@kernel
def normalise(shares: Numbers) -> None:
    """Turn logs, up to a constant, into shares that add up to 1."""
    top = shares[0]
    for k in range(shares.size):
        top = max(top, shares[k])
    whole = 0.0
    for k in range(shares.size):
        shares[k] = math.exp(shares[k] - top)
        whole += shares[k]
    for k in range(shares.size):
        shares[k] /= whole


@kernel
def learn_blend(
    opinions: Numbers,
    shares: Numbers,
    label: int,
    weights: Numbers,
    squares: Numbers,
    bias: Numbers,
    bias_squares: Numbers,
) -> None:
    """Change weights and biases after the label was seen; the rest is as `blend` left it.

    ``squares (E,)`` and ``bias_squares (L,)`` begin at 1.
    """
    experts, labels = opinions.shape
    for k in range(labels):
        slope = shares[k] - (k == label)
        bias_squares[k] += slope * slope
        bias[k] -= RATE * slope / math.sqrt(bias_squares[k])
    for e in range(experts):
        slope = -opinions[e, label]
        for k in range(labels):
            slope += shares[k] * opinions[e, k]
        squares[e] += slope * slope
        weights[e] -= RATE * slope / math.sqrt(squares[e])
