"""The long short-term memory over a run of steps, forward and backward.

Hochreiter and Schmidhuber 1997, with the forget gate of Gers, Schmidhuber and Cummins 2000:

    z = x[t] W_ih + h[t-1] W_hh + b        four blocks of H columns, one for each gate
    i = sigmoid(z_i)                       input gate      (update gate, Γu)
    f = sigmoid(z_f)                       forget gate     (Γf)
    g = tanh(z_g)                          candidate       (c̃<t>)
    o = sigmoid(z_o)                       output gate     (Γo)
    c[t] = f c[t-1] + i g                  cell state      (c<t>)
    h[t] = o tanh(c[t])                    hidden state    (a<t>)

``weight`` is ``(I + H + 1, 4 H)``: the rows of weight_ih, of weight_hh, and the bias; its columns
are the blocks i, f, g, o. With RMSNorm one more row follows, the gain.

``joined`` is ``(T + 1, I + H)``: row t holds x[t] and h[t-1], so that one product gives the
gradient of both weights, and
h[t] goes into row t + 1. ``cell`` is ``(T + 1, H)``: c before each step and after the last.
``gates`` is ``(T, 5 H)``: i, f, g, o and tanh(c) of each step. ``normalised (1, T, 4 H)`` and
``inverse (1, T, 4)`` keep what RMSNorm needs on the way back.

One loop an equation, each over few arrays and from 0: only such loops are vectorised, since the
compiler tests at run time which arrays overlap, and gives up where there are many.
"""

from streamrnn.kernels.activations import sigmoid, tanh
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
def lstm_forward(
    weight: Array,
    joined: Array,
    cell: Array,
    gates: Array,
    normalised: Array,
    inverse: Array,
    first: int,
    stop: int,
) -> None:
    """Fill gates, c[t] and h[t] for the steps from ``first`` to before ``stop``.

    The inputs, and the hidden and cell state before the first of them, are given.
    """
    hidden = cell.shape[1]
    rows = joined.shape[1]
    inputs, bias, gain = rows - hidden, weight[rows], weight[rows + 1 :]
    x, z_of_x = joined[first:stop, :inputs], gates[first:stop, : 4 * hidden]
    preactivate_inputs(weight[:inputs], bias, gain, x, z_of_x)
    for t in range(first, stop):
        z = gates[t, : 4 * hidden]
        add_vector_matrix(joined[t, inputs:], weight[inputs:rows], z)
        normalise(bias, gain, z, normalised[0, t], inverse[0, t])
        i, f, g, o = z[:hidden], z[hidden : 2 * hidden], z[2 * hidden : 3 * hidden], z[3 * hidden :]
        tanh_c = gates[t, 4 * hidden :]
        c_before, c, h = cell[t], cell[t + 1], joined[t + 1, inputs:]
        for j in range(hidden):
            i[j] = sigmoid(i[j])
        for j in range(hidden):
            f[j] = sigmoid(f[j])
        for j in range(hidden):
            g[j] = tanh(g[j])
        for j in range(hidden):
            o[j] = sigmoid(o[j])
        for j in range(hidden):
            c[j] = f[j] * c_before[j] + i[j] * g[j]
        for j in range(hidden):
            tanh_c[j] = tanh(c[j])
        for j in range(hidden):
            h[j] = o[j] * tanh_c[j]


@kernel
def lstm_backward(
    weight: Array,
    joined: Array,
    cell: Array,
    gates: Array,
    normalised: Array,
    inverse: Array,
    dhidden: Array,
    dcell: Array,
    dgates: Array,
    djoined: Array,
    dweight: Array,
    first: int,
    stop: int,
) -> None:
    """Fill the gradients of the weight and of the inputs, back to the step ``first``.

    Args:
        weight: As in `lstm_forward`, and so the five that follow.
        joined: ``(T + 1, I + H)``.
        cell: ``(T + 1, H)``.
        gates: ``(T, 5 H)``.
        normalised: ``(1, T, 4 H)``.
        inverse: ``(1, T, 4)``.
        dhidden: The loss's gradient by each h[t] as such, ``(T, H)``; that through later steps is
            added to it.
        dcell: Room for the gradient by c[t], ``(H,)``.
        dgates: Filled with the gradient by the product, ``(1, T, 4 H)``.
        djoined: Filled with the gradient by ``joined``, ``(T + 1, I + H)``.
        dweight: Filled with the gradient of the weight; its rows of biases and gains, which are
            added to, begin at zero.
        first: The first step that the gradient reaches.
        stop: The step after the last.
    """
    hidden = cell.shape[1]
    rows = joined.shape[1]
    inputs, one = rows - hidden, joined.dtype.type(1)
    for j in range(hidden):
        dcell[j] = 0
        djoined[stop, inputs + j] = 0
    gain, dgain = weight[rows + 1 :], dweight[rows + 1 :]
    for t in range(stop - 1, first - 1, -1):
        z, dz = gates[t], dgates[0, t]
        i, f, g = z[:hidden], z[hidden : 2 * hidden], z[2 * hidden : 3 * hidden]
        o, tanh_c = z[3 * hidden : 4 * hidden], z[4 * hidden :]
        di, df = dz[:hidden], dz[hidden : 2 * hidden]
        dg, do = dz[2 * hidden : 3 * hidden], dz[3 * hidden :]
        c_before, dh, dh_later, dc = cell[t], dhidden[t], djoined[t + 1, inputs:], dcell
        for j in range(hidden):
            dh[j] += dh_later[j]
        for j in range(hidden):
            dc[j] += dh[j] * o[j] * (one - tanh_c[j] * tanh_c[j])
        for j in range(hidden):
            do[j] = dh[j] * tanh_c[j] * o[j] * (one - o[j])
        for j in range(hidden):
            di[j] = dc[j] * g[j] * i[j] * (one - i[j])
        for j in range(hidden):
            df[j] = dc[j] * c_before[j] * f[j] * (one - f[j])
        for j in range(hidden):
            dg[j] = dc[j] * i[j] * (one - g[j] * g[j])
        for j in range(hidden):
            dc[j] *= f[j]
        normalise_backward(gain, normalised[0, t], inverse[0, t], dz, dweight[rows], dgain)
        matrix_vector(weight[inputs:rows], dz, djoined[t, inputs:])
    dz_of_x, dx = dgates[0, first:stop], djoined[first:stop, :inputs]
    scalar_products(dz_of_x, weight[:inputs], dx)
    outer_products(joined[first:stop], dgates[0, first:stop], dweight[:rows])
