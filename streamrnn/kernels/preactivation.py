"""What enters a cell's gates: a product, a bias, and, if wanted, RMSNorm in between.

    z = v W + b                            plainly
    z = gain * n + b,  n = v W / rms(v W)  with RMSNorm, over each gate's block of columns by itself

RMSNorm is that of Zhang and Sennrich 2019. ``gain`` is ``(1, C)``, or
``(0, C)`` where it is not wanted.
``blocks`` says how many gates share the columns.
"""

import math

from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.fused import scalar_product
from streamrnn.kernels.products import Array, add_vector_matrix, matrix_vector

# Added to the mean square, so that a product of zeros is not divided by zero.
SMALLEST_SQUARE = 1e-6


@kernel
def preactivate(
    matrix: Array,
    bias: Array,
    gain: Array,
    vector: Array,
    z: Array,
    normalised: Array,
    inverse: Array,
) -> None:
    """Fill ``z (C,)``; with RMSNorm also n ``(C,)`` and 1 / rms of each block ``(blocks,)``."""
    plain = gain.shape[0] == 0
    for j in range(z.size):
        z[j] = bias[j] if plain else 0
    add_vector_matrix(vector, matrix, z)
    if plain:
        return
    width = z.size // inverse.size
    for block in range(inverse.size):
        part = z[block * width : (block + 1) * width]
        scale = z.dtype.type(1 / math.sqrt(scalar_product(part, part) / width + SMALLEST_SQUARE))
        inverse[block] = scale
        for j in range(block * width, (block + 1) * width):
            normalised[j] = z[j] * scale
            z[j] = gain[0, j] * normalised[j] + bias[j]


@kernel
def preactivate_backward(
    matrix: Array,
    gain: Array,
    normalised: Array,
    inverse: Array,
    dz: Array,
    dbias: Array,
    dgain: Array,
    dvector: Array,
) -> None:
    """Fill ``dvector``, turn ``dz`` into the gradient by v W, and add those of bias and gain."""
    for j in range(dz.size):
        dbias[j] += dz[j]
    if gain.shape[0] > 0:
        width = dz.size // inverse.size
        for block in range(inverse.size):
            for j in range(block * width, (block + 1) * width):
                dgain[0, j] += dz[j] * normalised[j]
                dz[j] *= gain[0, j]
            part = slice(block * width, (block + 1) * width)
            mean = scalar_product(dz[part], normalised[part]) / dz.dtype.type(width)
            for j in range(block * width, (block + 1) * width):
                dz[j] = inverse[block] * (dz[j] - mean * normalised[j])
    matrix_vector(matrix, dz, dvector)
