"""Dropout (Srivastava et al. 2014): some numbers are left out, the others grow in their place.

What is left out depends on a key alone, so that it needs no state and is the same anywhere.
"""

import numpy as np

from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.hashing import hashed
from streamrnn.kernels.products import Array

UNIT = 1 / 2**32


@kernel
def fill_mask(mask: Array, chance: float, key: np.uint64) -> None:
    """Fill ``mask (N,)`` with 0 by this chance, else with ``1 / (1 - chance)``."""
    kept = mask.dtype.type(1 / (1 - chance))
    for k in range(mask.size):
        draw = float(hashed(key, np.uint64(k)) >> np.uint64(32)) * UNIT
        mask[k] = kept if draw >= chance else mask.dtype.type(0)


@kernel
def multiply(mask: Array, vector: Array) -> None:
    """Multiply a vector by another of its size; so the gradient goes back, too."""
    for k in range(vector.size):
        vector[k] *= mask[k]
