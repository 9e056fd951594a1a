"""The plain recurrent cell over a run of steps, forward and backward (Elman 1990).

    h[t] = tanh(x[t] W_ih + h[t-1] W_hh + b)

In the notation a<t> of lectures: a<t> = tanh(Waa a<t-1> + Wax x<t> + ba).

``weight`` is ``(I + H + 1, H)``: the rows of weight_ih, of weight_hh, and the bias; with RMSNorm
one more row, the gain. The other arrays are those of `streamrnn.kernels.lstm`, but the cell has no
memory beside h.
"""

from streamrnn.kernels.activations import tanh
from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.preactivation import (
    normalise,
    normalise_backward,
    preactivate_inputs,
)
from streamrnn.kernels.products import (
    Array,
    add_vector_matrix,
    matrix_vector,
    outer_products,
    scalar_products,
)


@kernel
def rnn_forward(
    weight: Array,
    joined: Array,
    gates: Array,
    normalised: Array,
    inverse: Array,
    first: int,
    stop: int,
) -> None:
    """Fill h[t] in ``joined`` and ``gates`` for the steps from ``first`` to before ``stop``."""
    hidden = gates.shape[1]
    rows = joined.shape[1]
    inputs, bias, gain = rows - hidden, weight[rows], weight[rows + 1 :]
    x, z_of_x = joined[first:stop, :inputs], gates[first:stop]
    preactivate_inputs(weight[:inputs], bias, gain, x, z_of_x)
    for t in range(first, stop):
        z = gates[t]
        add_vector_matrix(joined[t, inputs:], weight[inputs:rows], z)
        normalise(bias, gain, z, normalised[0, t], inverse[0, t])
        h = joined[t + 1, inputs:]
        for j in range(hidden):
            z[j] = tanh(z[j])
        for j in range(hidden):
            h[j] = z[j]


@kernel
def rnn_backward(
    weight: Array,
    joined: Array,
    gates: Array,
    normalised: Array,
    inverse: Array,
    dhidden: Array,
    dgates: Array,
    djoined: Array,
    dweight: Array,
    first: int,
    stop: int,
) -> None:
    """Fill the gradients of the weight and of the inputs, back to the step ``first``."""
    hidden = gates.shape[1]
    rows = joined.shape[1]
    inputs, one = rows - hidden, joined.dtype.type(1)
    for j in range(hidden):
        djoined[stop, inputs + j] = 0
    gain, dgain = weight[rows + 1 :], dweight[rows + 1 :]
    for t in range(stop - 1, first - 1, -1):
        h, dz, dh = gates[t], dgates[0, t], dhidden[t]
        dh_later = djoined[t + 1, inputs:]
        for j in range(hidden):
            dz[j] = (dh[j] + dh_later[j]) * (one - h[j] * h[j])
        normalise_backward(gain, normalised[0, t], inverse[0, t], dz, dweight[rows], dgain)
        matrix_vector(weight[inputs:rows], dz, djoined[t, inputs:])
    dz_of_x, dx = dgates[0, first:stop], djoined[first:stop, :inputs]
    scalar_products(dz_of_x, weight[:inputs], dx)
    outer_products(joined[first:stop], dgates[0, first:stop], dweight[:rows])
