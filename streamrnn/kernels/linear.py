"""A linear layer over a run of steps, forward and backward.

    y[t] = x[t] W + b

``weight`` is ``(I + 1, O)``: the rows of W, and the bias. With a single output a row of W is one
number, so it is worked through as a vector.
"""

from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.products import Array, add_product, copy, outer_products, scalar_products
from streamrnn.kernels.views import view


@kernel
def linear_forward(weight: Array, inputs: Array, outputs: Array) -> None:
    """Fill ``outputs (T, O)`` from ``inputs (T, I)``."""
    steps, width = inputs.shape
    columns = weight.shape[1]
    if columns == 1:
        row = view(weight, 0, (width + 1,))
        for t in range(steps):
            x, total = inputs[t], weight.dtype.type(0)
            for k in range(width):
                total += x[k] * row[k]
            outputs[t, 0] = total + row[width]
        return
    for t in range(steps):
        copy(weight[width], outputs[t])
    add_product(inputs, weight[:width], outputs)


@kernel
def linear_backward(
    weight: Array, inputs: Array, doutputs: Array, dinputs: Array, dweight: Array
) -> None:
    """Fill ``dweight (I + 1, O)`` and ``dinputs (T, I)`` from ``doutputs (T, O)``."""
    steps, width = inputs.shape
    linear_weight_backward(inputs, doutputs, dweight)
    if weight.shape[1] == 1:
        row = view(weight, 0, (width,))
        for t in range(steps):
            dx, dy = dinputs[t], doutputs[t, 0]
            for k in range(width):
                dx[k] = dy * row[k]
        return
    scalar_products(doutputs, weight[:width], dinputs)


@kernel
def linear_weight_backward(inputs: Array, doutputs: Array, dweight: Array) -> None:
    """Fill ``dweight (I + 1, O)`` alone, where inputs are data."""
    steps, width = inputs.shape
    columns = dweight.shape[1]
    for j in range(columns):
        dweight[width, j] = 0
    for t in range(steps):
        for j in range(columns):
            dweight[width, j] += doutputs[t, j]
    if columns == 1:
        drow = view(dweight, 0, (width,))
        for k in range(width):
            drow[k] = 0
        for t in range(steps):
            x, dy = inputs[t], doutputs[t, 0]
            for k in range(width):
                drow[k] += dy * x[k]
        return
    outer_products(inputs, doutputs, dweight[:width])
