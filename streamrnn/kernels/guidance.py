"""Where attention is told to look, by what the lexicon says of the words so far.

    bias[t, s] = g_0 log expected[t, s] + g_1 covered[t, s]

``expected`` is where the next word should come from, see `streamrnn.kernels.lexicon`; ``covered``
is how much of a word of the source has been translated, the sum of its shares before t, at most 1
(Tu et al. 2016 learn such a coverage in the network). The gains g are learned.
"""

import math

from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.products import Array

EXPECTED, COVERED = range(2)
"""Places of the gains."""
GUIDES = 2


@kernel
def guide(expected: Array, covered: Array, gains: Array, bias: Array) -> None:
    """Fill the bias of one step.

    Args:
        expected: ``(S,)``, above 0.
        covered: ``(S,)``.
        gains: g, ``(2,)``.
        bias: Filled, ``(S,)``.
    """
    for s in range(bias.size):
        bias[s] = gains[EXPECTED] * math.log(expected[s]) + gains[COVERED] * covered[s]


@kernel
def cover(covered: Array, shares: Array, later: Array) -> None:
    """Fill what is covered after a word: ``later (S,)`` from ``covered`` and the word's shares."""
    for s in range(later.size):
        later[s] = min(covered[s] + shares[s], later.dtype.type(1))


@kernel
def guide_backward(expected: Array, covered: Array, dbias: Array, dgains: Array) -> None:
    """Add the gradient by the gains, ``(2,)``, from that by the bias of a step, ``(S,)``."""
    for s in range(dbias.size):
        dgains[EXPECTED] += dbias[s] * math.log(expected[s])
        dgains[COVERED] += dbias[s] * covered[s]
