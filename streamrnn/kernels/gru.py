"""The gated recurrent unit over a run of steps, forward and backward.

Cho et al. 2014, in the form whose reset gate acts after the product, as in cuDNN and PyTorch:

    p = x[t] W_ih + b_ih                   three blocks of H columns: r, z, n
    q = h[t-1] W_hh + b_hh                 the same
    r = sigmoid(p_r + q_r)                 reset gate      (Γr)
    z = sigmoid(p_z + q_z)                 how much is kept (1 - Γu)
    n = tanh(p_n + r q_n)                  candidate       (c̃<t>)
    h[t] = (1 - z) n + z h[t-1]            hidden state    (c<t> = a<t>)

``weight`` is ``(I + H + 2, 3 H)``: the rows of weight_ih, of weight_hh, then b_ih and b_hh; with
RMSNorm, of p and of q by itself, two more rows follow, their gains. ``gates`` is ``(T, 4 H)``: r,
z, n and q_n. ``joined`` is that of `streamrnn.kernels.lstm`; ``normalised (2, T, 3 H)`` and
``inverse (2, T, 3)`` belong to p and q.
"""

from streamrnn.kernels.activations import sigmoid, tanh
from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.preactivation import (
    begin_preactivation,
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
def gru_forward(
    weight: Array,
    joined: Array,
    gates: Array,
    products: Array,
    normalised: Array,
    inverse: Array,
    first: int,
    stop: int,
) -> None:
    """Fill gates and h[t] for the steps from ``first`` to before ``stop``.

    ``products (2, T, 3 H)`` is room for p and q.
    """
    hidden = gates.shape[1] // 4
    rows = joined.shape[1]
    inputs = rows - hidden
    one = joined.dtype.type(1)
    gain_p, gain_q = weight[rows + 2 : rows + 3], weight[rows + 3 : rows + 4]
    bias_p, bias_q = weight[rows], weight[rows + 1]
    x, all_p = joined[first:stop, :inputs], products[0, first:stop]
    preactivate_inputs(weight[:inputs], bias_p, gain_p, x, all_p)
    for t in range(first, stop):
        p, q = products[0, t], products[1, t]
        h_before, h = joined[t, inputs:], joined[t + 1, inputs:]
        normalise(bias_p, gain_p, p, normalised[0, t], inverse[0, t])
        begin_preactivation(bias_q, gain_q, q)
        add_vector_matrix(h_before, weight[inputs:rows], q)
        normalise(bias_q, gain_q, q, normalised[1, t], inverse[1, t])
        r, z = gates[t, :hidden], gates[t, hidden : 2 * hidden]
        n, q_n = gates[t, 2 * hidden : 3 * hidden], gates[t, 3 * hidden :]
        p_r, p_z, p_n = p[:hidden], p[hidden : 2 * hidden], p[2 * hidden :]
        q_r, q_z = q[:hidden], q[hidden : 2 * hidden]
        for j in range(hidden):
            r[j] = sigmoid(p_r[j] + q_r[j])
        for j in range(hidden):
            z[j] = sigmoid(p_z[j] + q_z[j])
        for j in range(hidden):
            q_n[j] = q[2 * hidden + j]
        for j in range(hidden):
            n[j] = tanh(p_n[j] + r[j] * q_n[j])
        for j in range(hidden):
            h[j] = (one - z[j]) * n[j] + z[j] * h_before[j]


@kernel
def gru_backward(
    weight: Array,
    joined: Array,
    gates: Array,
    normalised: Array,
    inverse: Array,
    dhidden: Array,
    dlater: Array,
    dproducts: Array,
    djoined: Array,
    dweight: Array,
    first: int,
    stop: int,
) -> None:
    """Fill the gradients of the weight and of the inputs, back to the step ``first``.

    Args:
        weight: As in `gru_forward`, and so the four that follow.
        joined: ``(T + 1, I + H)``.
        gates: ``(T, 4 H)``.
        normalised: ``(2, T, 3 H)``.
        inverse: ``(2, T, 3)``.
        dhidden: The loss's gradient by each h[t] as such, ``(T, H)``; that through later steps is
            added to it.
        dlater: Room for the gradient by h[t] through later steps, ``(H,)``.
        dproducts: Filled with the gradient by the products in p and q, ``(2, T, 3 H)``.
        djoined: Filled with the gradient by ``joined``, ``(T + 1, I + H)``.
        dweight: Filled with the gradient of the weight; its rows of biases and gains, which are
            added to, begin at zero.
        first: The first step that the gradient reaches.
        stop: The step after the last.
    """
    hidden = gates.shape[1] // 4
    rows = joined.shape[1]
    inputs = rows - hidden
    one = joined.dtype.type(1)
    gain_p, gain_q = weight[rows + 2 : rows + 3], weight[rows + 3 : rows + 4]
    dgain_p, dgain_q = dweight[rows + 2 : rows + 3], dweight[rows + 3 : rows + 4]
    for j in range(hidden):
        dlater[j] = 0
    for t in range(stop - 1, first - 1, -1):
        dp, dq = dproducts[0, t], dproducts[1, t]
        r, z = gates[t, :hidden], gates[t, hidden : 2 * hidden]
        n, q_n = gates[t, 2 * hidden : 3 * hidden], gates[t, 3 * hidden :]
        h_before = joined[t, inputs:]
        dp_r, dp_z, dp_n = dp[:hidden], dp[hidden : 2 * hidden], dp[2 * hidden :]
        dq_r, dq_z, dq_n = dq[:hidden], dq[hidden : 2 * hidden], dq[2 * hidden :]
        dh = dhidden[t]
        for j in range(hidden):
            dh[j] += dlater[j]
        for j in range(hidden):
            dp_n[j] = dh[j] * (one - z[j]) * (one - n[j] * n[j])
        for j in range(hidden):
            dq_n[j] = dp_n[j] * r[j]
        for j in range(hidden):
            dp_r[j] = dp_n[j] * q_n[j] * r[j] * (one - r[j])
        for j in range(hidden):
            dq_r[j] = dp_r[j]
        for j in range(hidden):
            dp_z[j] = dh[j] * (h_before[j] - n[j]) * z[j] * (one - z[j])
        for j in range(hidden):
            dq_z[j] = dp_z[j]
        for j in range(hidden):
            dlater[j] = dh[j] * z[j]
        normalise_backward(gain_p, normalised[0, t], inverse[0, t], dp, dweight[rows], dgain_p)
        normalise_backward(gain_q, normalised[1, t], inverse[1, t], dq, dweight[rows + 1], dgain_q)
        dh_before = djoined[t, inputs:]
        matrix_vector(weight[inputs:rows], dq, dh_before)
        for j in range(hidden):
            dlater[j] += dh_before[j]
    scalar_products(dproducts[0, first:stop], weight[:inputs], djoined[first:stop, :inputs])
    outer_products(joined[first:stop], dproducts[0, first:stop], dweight[:inputs])
    outer_products(joined[first:stop, inputs:], dproducts[1, first:stop], dweight[inputs:rows])
