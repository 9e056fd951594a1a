"""The plain recurrent cell over a run of steps, forward and backward (Elman 1990).

    h[t] = tanh(x[t] W_ih + h[t-1] W_hh + b)

In the notation a<t> of lectures: a<t> = tanh(Waa a<t-1> + Wax x<t> + ba).

``weight`` is ``(I + H + 1, H)``: the rows of weight_ih, of weight_hh, and the bias. ``joined`` is
``(T + 1, I + H)``: row t holds x[t] and the hidden state before it, so that one product serves
both, and the new hidden state goes into row t + 1.
"""

from streamrnn.kernels.activations import tanh
from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.products import Array, add_outer_products, add_vector_matrix, matrix_vector


@kernel
def rnn_forward(weight: Array, joined: Array) -> None:
    """Fill the hidden states of ``joined``, whose inputs and first hidden state are given."""
    hidden = weight.shape[1]
    inputs = joined.shape[1] - hidden
    for t in range(joined.shape[0] - 1):
        h = joined[t + 1, inputs:]
        h[:] = weight[inputs + hidden]
        add_vector_matrix(joined[t], weight[: inputs + hidden], h)
        for j in range(hidden):
            h[j] = tanh(h[j])


@kernel
def rnn_backward(
    weight: Array, joined: Array, dhidden: Array, dbefore: Array, djoined: Array, dweight: Array
) -> None:
    """Add the gradient of the weight, and fill those of the inputs.

    Args:
        weight: As in `rnn_forward`.
        joined: As `rnn_forward` left it, ``(T + 1, I + H)``.
        dhidden: The loss's gradient by each h[t] as such, ``(T, H)``.
        dbefore: Filled with the gradient before the activation, ``(T, H)``.
        djoined: Filled with the gradient by ``joined``, ``(T + 1, I + H)``.
        dweight: The gradient of the weight is added to it.
    """
    steps, hidden = dhidden.shape
    inputs = joined.shape[1] - hidden
    djoined[steps] = 0
    for t in range(steps - 1, -1, -1):
        for j in range(hidden):
            h = joined[t + 1, inputs + j]
            dh = dhidden[t, j] + djoined[t + 1, inputs + j]
            dbefore[t, j] = dh * (1 - h * h)
        matrix_vector(weight[: inputs + hidden], dbefore[t], djoined[t])
    add_outer_products(joined, dbefore, dweight[: inputs + hidden])
    for t in range(steps):
        for j in range(hidden):
            dweight[inputs + hidden, j] += dbefore[t, j]
