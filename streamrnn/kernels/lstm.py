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
are the blocks i, f, g, o. ``joined`` is ``(T + 1, I + H)``: row t holds x[t] and h[t-1], so that
one product serves both, and h[t] goes into row t + 1. ``cell`` is ``(T + 1, H)``: c before each
step and after the last. ``gates`` is ``(T, 4 H)``: i, f, g and o of each step.
"""

from streamrnn.kernels.activations import sigmoid, tanh
from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.products import Array, add_outer_products, add_vector_matrix, matrix_vector


@kernel
def lstm_forward(weight: Array, joined: Array, cell: Array, gates: Array) -> None:
    """Fill ``gates``, and ``joined`` and ``cell`` from their second row on.

    The inputs and the first row's hidden and cell state are given.
    """
    steps, hidden = gates.shape[0], cell.shape[1]
    inputs = joined.shape[1] - hidden
    for t in range(steps):
        z = gates[t]
        z[:] = weight[inputs + hidden]
        add_vector_matrix(joined[t], weight[: inputs + hidden], z)
        for j in range(2 * hidden):
            z[j] = sigmoid(z[j])
        for j in range(2 * hidden, 3 * hidden):
            z[j] = tanh(z[j])
        for j in range(3 * hidden, 4 * hidden):
            z[j] = sigmoid(z[j])

        i, f, g, o = z[:hidden], z[hidden : 2 * hidden], z[2 * hidden : 3 * hidden], z[3 * hidden :]
        c_before, c, h = cell[t], cell[t + 1], joined[t + 1, inputs:]
        for j in range(hidden):
            c[j] = f[j] * c_before[j] + i[j] * g[j]
        for j in range(hidden):
            h[j] = o[j] * tanh(c[j])


@kernel
def lstm_backward(
    weight: Array,
    joined: Array,
    cell: Array,
    gates: Array,
    dhidden: Array,
    dcell: Array,
    dgates: Array,
    djoined: Array,
    dweight: Array,
) -> None:
    """Add the gradient of the weight, and fill those of the inputs.

    Args:
        weight: As in `lstm_forward`, and so the three that it filled.
        joined: ``(T + 1, I + H)``.
        cell: ``(T + 1, H)``.
        gates: ``(T, 4 H)``.
        dhidden: The loss's gradient by each h[t] as such, ``(T, H)``.
        dcell: Room for the gradient by c[t], ``(H,)``.
        dgates: Filled with the gradient by z, before the activations, ``(T, 4 H)``.
        djoined: Filled with the gradient by ``joined``, ``(T + 1, I + H)``.
        dweight: The gradient of the weight is added to it.
    """
    steps, hidden = dhidden.shape
    inputs = joined.shape[1] - hidden
    dcell[:] = 0
    djoined[steps] = 0
    for t in range(steps - 1, -1, -1):
        z, dz = gates[t], dgates[t]
        i, f, g, o = z[:hidden], z[hidden : 2 * hidden], z[2 * hidden : 3 * hidden], z[3 * hidden :]
        di, df = dz[:hidden], dz[hidden : 2 * hidden]
        dg, do = dz[2 * hidden : 3 * hidden], dz[3 * hidden :]
        c_before, c, dh_later = cell[t], cell[t + 1], djoined[t + 1, inputs:]
        for j in range(hidden):
            dh = dhidden[t, j] + dh_later[j]
            tanh_c = tanh(c[j])
            dc = dcell[j] + dh * o[j] * (1 - tanh_c * tanh_c)
            do[j] = dh * tanh_c * o[j] * (1 - o[j])
            di[j] = dc * g[j] * i[j] * (1 - i[j])
            df[j] = dc * c_before[j] * f[j] * (1 - f[j])
            dg[j] = dc * i[j] * (1 - g[j] * g[j])
            dcell[j] = dc * f[j]
        matrix_vector(weight[: inputs + hidden], dz, djoined[t])
    add_outer_products(joined, dgates, dweight[: inputs + hidden])
    dbias = dweight[inputs + hidden]
    for t in range(steps):
        for j in range(4 * hidden):
            dbias[j] += dgates[t, j]
