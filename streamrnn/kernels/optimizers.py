"""Optimiser steps on flat arrays: all the parameters of a model in one pass.

Each changes ``parameters (N,)`` against ``gradient (N,)``, and those of the running means ``first``
and ``second``, each ``(N,)``, that it has.
"""

import math

from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.fused import scalar_product
from streamrnn.kernels.products import Array

SGD, RMSPROP, ADAM = range(3)
CONSTANT, INVERSE_ROOT, EXPONENTIAL = range(3)

# Moments of a gradient that fell silent shrink for ever. Below this they are set to zero, before
# they become denormal numbers, on which arithmetic is tens of times slower.
SMALLEST_MOMENT = 1e-30
BLOCK = 256


@kernel
def scheduled_rate(kind: int, rate: float, decay: float, step: int) -> float:
    """Return the learning rate of the step with this number, from 1."""
    if kind == INVERSE_ROOT:
        return rate / math.sqrt(1 + decay * step)
    if kind == EXPONENTIAL:
        return rate * math.exp(-decay * step)
    return rate


@kernel
def clip_by_global_norm(gradient: Array, limit: float) -> float:
    """Scale the gradient so that its norm is at most ``limit``; return the norm as it was.

    Pascanu, Mikolov and Bengio 2013. A norm that is not finite leaves the gradient as it is.
    """
    # Blocks are summed in the gradient's own type; their total in double precision cannot overflow.
    total = 0.0
    whole = gradient.size - gradient.size % BLOCK
    for start in range(0, whole, BLOCK):
        part = gradient[start : start + BLOCK]
        total += float(scalar_product(part, part))
    for k in range(whole, gradient.size):
        total += gradient[k] * gradient[k]
    norm = math.sqrt(total)
    if norm > limit and math.isfinite(norm):
        scale = gradient.dtype.type(limit / norm)
        for k in range(gradient.size):
            gradient[k] *= scale
    return norm


@kernel
def sgd(
    parameters: Array, gradient: Array, first: Array, rate: float, momentum: float, shrink: float
) -> None:
    """Stochastic gradient descent with momentum (Polyak 1964): ``first`` is the velocity.

    ``shrink`` is the rate times the weight decay.
    """
    number = gradient.dtype.type
    step, keep_velocity, keep = number(rate), number(momentum), number(1 - shrink)
    tiny, zero = number(SMALLEST_MOMENT), number(0)
    for k in range(parameters.size):
        v = keep_velocity * first[k] + gradient[k]
        v = v if abs(v) > tiny else zero
        first[k] = v
        parameters[k] = keep * parameters[k] - step * v


@kernel
def rmsprop(
    parameters: Array,
    gradient: Array,
    second: Array,
    rate: float,
    beta2: float,
    epsilon: float,
    shrink: float,
) -> None:
    """RMSprop (Tieleman and Hinton 2012): ``second`` is the running mean of the square."""
    number = gradient.dtype.type
    step, keep, floor = number(rate), number(1 - shrink), number(epsilon)
    keep2, add2 = number(beta2), number(1 - beta2)
    tiny, zero = number(SMALLEST_MOMENT), number(0)
    for k in range(parameters.size):
        v = keep2 * second[k] + add2 * gradient[k] * gradient[k]
        v = v if v > tiny else zero
        second[k] = v
        parameters[k] = keep * parameters[k] - step * gradient[k] / (number(math.sqrt(v)) + floor)


@kernel
def adam(
    parameters: Array,
    gradient: Array,
    first: Array,
    second: Array,
    step: int,
    rate: float,
    beta1: float,
    beta2: float,
    epsilon: float,
    shrink: float,
) -> None:
    """One step of Adam, with bias correction (Kingma and Ba 2015, algorithm 1).

    With weight decay it is AdamW: the decay acts on the parameters and not through the moments
    (Loshchilov and Hutter 2019).

    Args:
        parameters: Changed in place, ``(N,)``.
        gradient: Of the loss by the parameters, ``(N,)``.
        first: The running mean of the gradient, changed in place, ``(N,)``.
        second: The running mean of its square, changed in place, ``(N,)``.
        step: The number of this step, from 1.
        rate: The learning rate.
        beta1: The decay of ``first``.
        beta2: The decay of ``second``.
        epsilon: Added to the root of the corrected ``second``.
        shrink: The rate times the weight decay.
    """
    number = gradient.dtype.type
    corrected_rate = number(rate / (1 - beta1**step))
    root_correction = number(1 / math.sqrt(1 - beta2**step))
    keep1, keep2, floor, keep = number(beta1), number(beta2), number(epsilon), number(1 - shrink)
    add1, add2 = number(1 - beta1), number(1 - beta2)
    tiny, zero = number(SMALLEST_MOMENT), number(0)
    for k in range(parameters.size):
        m = keep1 * first[k] + add1 * gradient[k]
        v = keep2 * second[k] + add2 * gradient[k] * gradient[k]
        m = m if abs(m) > tiny else zero
        v = v if v > tiny else zero
        first[k], second[k] = m, v
        root = number(math.sqrt(v)) * root_correction + floor
        parameters[k] = keep * parameters[k] - corrected_rate * m / root
