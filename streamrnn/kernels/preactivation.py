"""What enters a cell's gates: a product, a bias, and, if wanted, RMSNorm in between.

    z = v W + b                            plainly
    z = gain * n + b,  n = v W / rms(v W)  with RMSNorm, over each gate's block of columns by itself

RMSNorm is that of Zhang and Sennrich 2019. ``gain`` is ``(1, C)``, or
``(0, C)`` where it is not wanted.

The part of v W that is known of all steps, that of their inputs, is one product for all of them;
what comes of the step before is added step by step. Backward it is the other way round.
"""

import math

from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.fused import scalar_product
from streamrnn.kernels.products import Array, add_product, copy

# Added to the mean square, so that a product of zeros is not divided by zero.
SMALLEST_SQUARE = 1e-6


@kernel
def begin_preactivation(bias: Array, gain: Array, z: Array) -> None:
    """Fill ``z (C,)`` with what the products are added to."""
    if gain.shape[0] == 0:
        copy(bias, z)
    else:
        for j in range(z.size):
            z[j] = 0


@kernel
def preactivate_inputs(matrix: Array, bias: Array, gain: Array, inputs: Array, z: Array) -> None:
    """Fill ``z (T, C)`` with what is known of it from ``inputs (T, I)``."""
    for t in range(z.shape[0]):
        begin_preactivation(bias, gain, z[t])
    add_product(inputs, matrix, z)


@kernel
def normalise(bias: Array, gain: Array, z: Array, normalised: Array, inverse: Array) -> None:
    """Finish ``z (C,)``; with RMSNorm fill n ``(C,)`` and 1 / rms of each block ``(blocks,)``.

    ``blocks`` says how many gates share the columns. Plainly nothing is left to do.
    """
    if gain.shape[0] == 0:
        return
    width = z.size // inverse.size
    for block in range(inverse.size):
        place = slice(block * width, (block + 1) * width)
        z_block, n, g, b = z[place], normalised[place], gain[0, place], bias[place]
        square = scalar_product(z_block, z_block) / width
        scale = z.dtype.type(1 / math.sqrt(square + SMALLEST_SQUARE))
        inverse[block] = scale
        for j in range(width):
            n[j] = z_block[j] * scale
        for j in range(width):
            z_block[j] = g[j] * n[j] + b[j]


@kernel
def normalise_backward(
    gain: Array, normalised: Array, inverse: Array, dz: Array, dbias: Array, dgain: Array
) -> None:
    """Turn ``dz`` into the gradient by v W, and add those of bias and gain."""
    for j in range(dz.size):
        dbias[j] += dz[j]
    if gain.shape[0] == 0:
        return
    width = dz.size // inverse.size
    for block in range(inverse.size):
        place, scale = slice(block * width, (block + 1) * width), inverse[block]
        dz_block, n, g, dg = dz[place], normalised[place], gain[0, place], dgain[0, place]
        for j in range(width):
            dg[j] += dz_block[j] * n[j]
        for j in range(width):
            dz_block[j] *= g[j]
        mean = scalar_product(dz_block, n) / dz.dtype.type(width)
        for j in range(width):
            dz_block[j] = scale * (dz_block[j] - mean * n[j])
