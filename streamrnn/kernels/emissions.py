"""How likely each label makes each symbol, after those before it: a Markov chain for each label.

    p_k(x | c, l) = (n[c, x, l] + a p_(k-1)(x | c', l)) / (n[c, l] + a)

c is the last k symbols and c' the same without the oldest; p_0's own prior is the same for all
symbols (Jelinek and Mercer 1980; as gene finders do, Salzberg et al. 1998). Tables are hashed: a
row for each context and symbol, one for each context.
"""

import math

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.hashing import Hashes, hashed, place_of
from streamrnn.kernels.ngrams import BEYOND
from streamrnn.kernels.products import Array

ORDERS = 4
"""Contexts of no symbol to three."""
SMOOTHING = 20.0
"""The weight of the next shorter context, in symbols."""
CONTEXT, SYMBOL = np.uint64(1 << 40), np.uint64(1 << 41)


@kernel
def fill_places(symbols: Hashes, places: NDArray[np.int64]) -> None:
    """Fill the places of contexts and of what follows them, ``(T, ORDERS, 2)``.

    They are numbers of 31 bits, which count modulo the rows of a table.
    """
    for t in range(symbols.size):
        context = CONTEXT
        for order in range(ORDERS):
            if order:
                before = t - order
                context = hashed(context, symbols[before] if before >= 0 else BEYOND)
            places[t, order, 0] = place_of(context, 1 << 31)
            places[t, order, 1] = place_of(hashed(context + SYMBOL, symbols[t]), 1 << 31)


@kernel
def add_emissions(
    places: NDArray[np.int64], counts: Array, symbols: float, unary: NDArray[np.float64]
) -> None:
    """Add the log of how likely each label makes each symbol, to ``unary (T, L)``.

    Args:
        places: As `fill_places` left them.
        counts: ``(rows, L)``; of rows there is a power of two.
        symbols: How many different ones there are.
        unary: Is added to.
    """
    mask = counts.shape[0] - 1
    for t in range(unary.shape[0]):
        for label in range(unary.shape[1]):
            chance = 1 / symbols
            for order in range(ORDERS):
                seen = counts[places[t, order, 0] & mask, label]
                here = counts[places[t, order, 1] & mask, label]
                chance = (here + SMOOTHING * chance) / (seen + SMOOTHING)
            unary[t, label] += math.log(chance)


@kernel
def count_emissions(places: NDArray[np.int64], labels: NDArray[np.int64], counts: Array) -> None:
    """Count each symbol with its label ``(T,)``."""
    mask = counts.shape[0] - 1
    for t in range(labels.size):
        for order in range(ORDERS):
            counts[places[t, order, 0] & mask, labels[t]] += 1
            counts[places[t, order, 1] & mask, labels[t]] += 1
