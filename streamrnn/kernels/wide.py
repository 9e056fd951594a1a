"""A wide linear part: a weight for each n-gram and output, learned with AdaGrad.

    y = s sum_k w[k]        s = 1 / sqrt(number of n-grams)

Cheng et al. 2016 for the part beside the network, Duchi, Hazan and Singer 2011 for the rates: what
is rare goes far when it comes. ``squares`` begin above zero, so that the first step of a rare
n-gram is no larger than its evidence.
"""

import math

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.ngrams import Places
from streamrnn.kernels.products import Array


@kernel
def add_outputs(places: Places, scale: float, table: Array, outputs: Array) -> None:
    """Add the outputs ``(O,)`` of n-grams at their ``places (N,)``, by ``table (rows, O)``."""
    mask, factor = table.shape[0] - 1, outputs.dtype.type(scale)
    for n in range(places.size):
        row = table[places[n] & mask]
        for j in range(outputs.size):
            outputs[j] += factor * row[j]


@kernel
def learn_weights(
    places: Places, scale: float, doutputs: Array, table: Array, squares: Array, rate: float
) -> None:
    """Change the weights against the loss's gradient by the outputs, ``(O,)``."""
    mask, number = table.shape[0] - 1, table.dtype.type
    for n in range(places.size):
        row, square = table[places[n] & mask], squares[places[n] & mask]
        for j in range(doutputs.size):
            slope = number(doutputs[j] * scale)
            square[j] += slope * slope
            row[j] -= number(rate) * slope / number(math.sqrt(square[j]))


@kernel
def add_scores(places: NDArray[np.int64], table: Array, scores: Array) -> None:
    """Add the outputs of each step, of what stands at its ``places (T, N)``, to ``(T, L)``."""
    for t in range(places.shape[0]):
        add_outputs(places[t], 1 / math.sqrt(places.shape[1]), table, scores[t])


@kernel
def learn_scores(
    places: NDArray[np.int64], dscores: Array, table: Array, squares: Array, rate: float
) -> None:
    """Change the weights against the gradient by the scores of each step, ``(T, L)``."""
    for t in range(places.shape[0]):
        scale = 1 / math.sqrt(places.shape[1])
        learn_weights(places[t], scale, dscores[t], table, squares, rate)


@kernel
def learn_dense(inputs: Array, doutputs: Array, weight: Array, squares: Array, rate: float) -> None:
    """Change a weight ``(I + 1, O)`` that sees all of its ``inputs (I,)``; its last row is a bias.

    It does so against the loss's gradient by the outputs, ``(O,)``.
    """
    width, number = inputs.size, weight.dtype.type
    for k in range(width + 1):
        seen = inputs[k] if k < width else inputs.dtype.type(1)
        row, square = weight[k], squares[k]
        for j in range(doutputs.size):
            slope = number(seen * doutputs[j])
            square[j] += slope * slope
            row[j] -= number(rate) * slope / number(math.sqrt(square[j]))
