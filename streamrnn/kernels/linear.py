"""A linear layer over a run of steps, forward and backward.

    y[t] = x[t] W + b

``weight`` is ``(I + 1, O)``: the rows of W, and the bias.
"""

from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.products import Array, add_outer_products, add_vector_matrix, matrix_vector


@kernel
def linear_forward(weight: Array, inputs: Array, outputs: Array) -> None:
    """Fill ``outputs (T, O)`` from ``inputs (T, I)``."""
    width = inputs.shape[1]
    for t in range(inputs.shape[0]):
        outputs[t] = weight[width]
        add_vector_matrix(inputs[t], weight[:width], outputs[t])


@kernel
def linear_backward(
    weight: Array, inputs: Array, doutputs: Array, dinputs: Array, dweight: Array
) -> None:
    """Add the gradient to ``dweight``, and fill ``dinputs (T, I)``, from ``doutputs (T, O)``."""
    width = inputs.shape[1]
    for t in range(inputs.shape[0]):
        matrix_vector(weight[:width], doutputs[t], dinputs[t])
    add_outer_products(inputs, doutputs, dweight[:width])
    for t in range(inputs.shape[0]):
        for j in range(doutputs.shape[1]):
            dweight[width, j] += doutputs[t, j]
