"""What is said for each label at each step, added up by what it is worth, which is learned.

    u[t, l] = sum_k w[k] s[k, t, l]        w[k] at least 0

Rates are those of AdaGrad (Duchi, Hazan and Singer 2011).
"""

import math

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.products import Array

Numbers = NDArray[np.float64]

RATE = 0.05


@kernel
def centre_outputs(outputs: Array, hop: int, said: Numbers) -> None:
    """Fill ``said (T, L)`` with outputs less their mean.

    Args:
        outputs: ``(T / hop, O)``, of which the first L count.
        hop: How many steps each stands for.
        said: Filled.
    """
    steps, labels = said.shape
    for t in range(steps):
        row, mean = outputs[t // hop], 0.0
        for label in range(labels):
            mean += row[label]
        mean /= labels
        for label in range(labels):
            said[t, label] = row[label] - mean


@kernel
def add_worth(said: Numbers, worth: Numbers, scores: Numbers) -> None:
    """Add what is said, ``(K, T, L)``, each by its worth ``(K,)``, to scores ``(T, L)``."""
    for k in range(worth.size):
        for t in range(scores.shape[0]):
            for label in range(scores.shape[1]):
                scores[t, label] += worth[k] * said[k, t, label]


@kernel
def learn_worth(said: Numbers, dscores: Numbers, worth: Numbers, squares: Numbers) -> None:
    """Change each worth against the gradient by the scores; ``squares (K,)`` begin at 1."""
    for k in range(worth.size):
        slope = 0.0
        for t in range(dscores.shape[0]):
            for label in range(dscores.shape[1]):
                slope += said[k, t, label] * dscores[t, label]
        squares[k] += slope * slope
        worth[k] = max(0.0, worth[k] - RATE * slope / math.sqrt(squares[k]))
