"""Activations that the compiler can vectorise.

In float32 tanh is a rational function with an error below 4e-7, and the exponential function a
polynomial with a relative one below 3e-7: several times as fast as the mathematics library's, which
cannot be called on vectors from here. Other types take the library's.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numba import types
from numba.extending import overload, register_jitable

from streamrnn.kernels.fused import multiply_add, power_of_two

# tools/fit_tanh.py finds these: tanh(x) = x P(x^2) / Q(x^2) on [-9, 9]; beyond, tanh rounds to 1.
LIMIT = 9.0
P0, P1, P2, P3, P4 = (
    9.999999796e-01,
    1.338095610e-01,
    3.495503563e-03,
    2.060762062e-05,
    (1.335253062e-08),
)
Q1, Q2, Q3, Q4 = 4.671427177e-01, 2.587666552e-02, 3.285493352e-04, 7.775706899e-07


def tanh(x: float | np.floating) -> float:
    """Return the hyperbolic tangent of ``x``."""
    return math.tanh(x)


@overload(tanh, strict=False)
def _tanh_by_type(x: types.Type) -> Callable[[Any], Any]:
    if x == types.float32:
        return _tanh_rational
    return _tanh_library


def _tanh_library(x: Any) -> Any:
    return math.tanh(x)


def _tanh_rational(x: Any) -> Any:
    one = types.float32(1.0)
    limit = types.float32(LIMIT)
    clipped = min(max(x, -limit), limit)
    square = clipped * clipped
    top = types.float32(P3) + square * types.float32(P4)
    top = types.float32(P2) + square * top
    top = types.float32(P1) + square * top
    top = types.float32(P0) + square * top
    bottom = types.float32(Q3) + square * types.float32(Q4)
    bottom = types.float32(Q2) + square * bottom
    bottom = types.float32(Q1) + square * bottom
    bottom = one + square * bottom
    return min(max(clipped * top / bottom, -one), one)


@register_jitable
def sigmoid(x: Any) -> Any:
    """Return ``1 / (1 + exp(-x))``, as a tanh of half the argument."""
    half = type(x)(0.5)
    return half + half * tanh(half * x)


# exp(r) = 1 + r + r^2 E(r) for r within half of the logarithm of 2; the rest is a power of two.
SMALLEST, GREATEST = -87.0, 88.0
LOG2_E, LN2_HIGH, LN2_LOW = 1.442695041, 0.693359375, -2.121944401e-4
E0, E1, E2, E3, E4 = (
    4.999999345e-01,
    1.666652069e-01,
    4.166838737e-02,
    8.368709961e-03,
    1.381461309e-03,
)


def exponential(x: float | np.floating) -> float:
    """Return ``exp(x)``; in float32 cut to what it is from -87 to 88."""
    return math.exp(x)


@overload(exponential, strict=False)
def _exponential_by_type(x: types.Type) -> Callable[[Any], Any]:
    if x == types.float32:
        return _exponential_polynomial
    return _exponential_library


def _exponential_library(x: Any) -> Any:
    return math.exp(x)


def _exponential_polynomial(x: Any) -> Any:
    number = types.float32
    clipped = min(max(x, number(SMALLEST)), number(GREATEST))
    doublings = np.floor(clipped * number(LOG2_E) + number(0.5))
    r = multiply_add(-doublings, number(LN2_HIGH), clipped)
    r = multiply_add(-doublings, number(LN2_LOW), r)
    e = multiply_add(r, number(E4), number(E3))
    e = multiply_add(r, e, number(E2))
    e = multiply_add(r, e, number(E1))
    e = multiply_add(r, e, number(E0))
    return multiply_add(r * r, e, number(1) + r) * power_of_two(types.int32(doublings))
