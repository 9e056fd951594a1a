"""Optimiser steps on flat arrays: all the parameters of a model in one pass."""

import math

from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.products import Array

# Moments of a gradient that fell silent shrink for ever. Below this they are set to zero, before
# they become denormal numbers, on which arithmetic is tens of times slower.
SMALLEST_MOMENT = 1e-30


@kernel
def clip_by_global_norm(gradient: Array, limit: float) -> float:
    """Scale the gradient so that its norm is at most ``limit``; return the norm as it was.

    Pascanu, Mikolov and Bengio 2013. A norm that is not finite leaves the gradient as it is.
    """
    total = 0.0
    for k in range(gradient.size):
        total += gradient[k] * gradient[k]
    norm = math.sqrt(total)
    if norm > limit and math.isfinite(norm):
        scale = gradient.dtype.type(limit / norm)
        for k in range(gradient.size):
            gradient[k] *= scale
    return norm


@kernel
def adam(
    parameters: Array,
    gradient: Array,
    first: Array,
    second: Array,
    step: int,
    learning_rate: float,
    beta1: float,
    beta2: float,
    epsilon: float,
) -> None:
    """One step of Adam, with bias correction (Kingma and Ba 2015, algorithm 1).

    Args:
        parameters: Changed in place, ``(N,)``.
        gradient: Of the loss by the parameters, ``(N,)``.
        first: The running mean of the gradient, changed in place, ``(N,)``.
        second: The running mean of its square, changed in place, ``(N,)``.
        step: The number of this step, from 1.
        learning_rate: The step size.
        beta1: The decay of ``first``.
        beta2: The decay of ``second``.
        epsilon: Added to the root of the corrected ``second``.
    """
    number = gradient.dtype.type
    correction1, correction2 = 1 - beta1**step, 1 - beta2**step
    rate = number(learning_rate / correction1)
    root_correction = number(1 / math.sqrt(correction2))
    keep1, keep2, floor = number(beta1), number(beta2), number(epsilon)
    add1, add2 = number(1 - beta1), number(1 - beta2)
    tiny, zero = number(SMALLEST_MOMENT), number(0)
    for k in range(parameters.size):
        m = keep1 * first[k] + add1 * gradient[k]
        v = keep2 * second[k] + add2 * gradient[k] * gradient[k]
        m = m if abs(m) > tiny else zero
        v = v if v > tiny else zero
        first[k], second[k] = m, v
        parameters[k] -= rate * m / (math.sqrt(v) * root_correction + floor)
