"""Attention of a whole target to a whole source, forward and backward.

Luong, Pham and Manning 2015, with the general score, equations 5, 7 and 8:

    score[t, s] = h[t] W_a e[s] + bias[t, s]
    a[t] = softmax(score[t])               how much step t attends to each step of the source
    c[t] = sum_s a[t, s] e[s]              the context
    y[t] = tanh(W_c [c[t]; h[t]])          the attentional state

The products with W_a and W_c are taken where the states are made, once for each step: a head over
the source's states gives ``encoded (S, K + W)``, the keys ``W_a e[s]`` and the values, the first
part of ``W_c`` times ``e[s]``; a head over the target's gives ``decoded (T, K + W)``, the queries
and the second part of ``W_c`` times ``h[t]``. In full, y[t] = tanh(sum_s a[t, s] value[s] +
own[t]). The bias is what is known of where to look from elsewhere.
"""

from streamrnn.kernels.activations import exponential, tanh
from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.fused import largest, scalar_product, total
from streamrnn.kernels.products import Array, copy


@kernel
def softmax_in_place(scores: Array) -> None:
    """Turn logits ``(N,)``, at least one, into shares that add up to 1."""
    top = largest(scores)
    for k in range(scores.size):
        scores[k] = exponential(scores[k] - top)
    scale = scores.dtype.type(1) / total(scores)
    for k in range(scores.size):
        scores[k] *= scale


@kernel
def add_scaled(vector: Array, scale: float, result: Array) -> None:
    """Add a vector times a number to another."""
    number = result.dtype.type(scale)
    for k in range(result.size):
        result[k] += number * vector[k]


@kernel
def attend(
    encoded: Array, decoded: Array, bias: Array, attention: Array, attentional: Array
) -> None:
    """Fill ``attention (T, S)`` and the attentional states ``(T, W)``.

    Args:
        encoded: Keys and values of the source, ``(S, K + W)``, S at least 1.
        decoded: Queries and own parts of the target, ``(T, K + W)``.
        bias: Added to the scores, ``(T, S)``.
        attention: Filled.
        attentional: Filled.
    """
    width = encoded.shape[1] - attentional.shape[1]
    for t in range(decoded.shape[0]):
        a, y, query = attention[t], attentional[t], decoded[t, :width]
        for s in range(encoded.shape[0]):
            a[s] = scalar_product(query, encoded[s, :width]) + bias[t, s]
        softmax_in_place(a)
        copy(decoded[t, width:], y)
        for s in range(encoded.shape[0]):
            add_scaled(encoded[s, width:], a[s], y)
        for k in range(y.size):
            y[k] = tanh(y[k])


@kernel
def attend_backward(
    encoded: Array,
    decoded: Array,
    attention: Array,
    attentional: Array,
    dattentional: Array,
    dattention: Array,
    dencoded: Array,
    ddecoded: Array,
) -> None:
    """Fill the gradients of what `attend` was given.

    Args:
        encoded: As in `attend`, and so the three that follow.
        decoded: The same.
        attention: The same.
        attentional: The same.
        dattentional: The loss's gradient by the attentional states, ``(T, W)``.
        dattention: That by the attention as others read it, ``(T, S)``; turned into that by the
            scores, and so by the bias.
        dencoded: Filled, ``(S, K + W)``.
        ddecoded: Filled, ``(T, K + W)``.
    """
    width, one = encoded.shape[1] - attentional.shape[1], encoded.dtype.type(1)
    dencoded[:] = 0
    ddecoded[:] = 0
    for t in range(decoded.shape[0]):
        a, da, y, dy = attention[t], dattention[t], attentional[t], dattentional[t]
        query, dquery, dsum = decoded[t, :width], ddecoded[t, :width], ddecoded[t, width:]
        for k in range(y.size):
            dsum[k] = dy[k] * (one - y[k] * y[k])
        for s in range(encoded.shape[0]):
            da[s] += scalar_product(dsum, encoded[s, width:])
            add_scaled(dsum, a[s], dencoded[s, width:])
        mean = scalar_product(a, da)
        for s in range(encoded.shape[0]):
            da[s] = a[s] * (da[s] - mean)
            add_scaled(encoded[s, :width], da[s], dquery)
            add_scaled(query, da[s], dencoded[s, :width])
