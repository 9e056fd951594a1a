"""A baseline that follows the season as far as that has proved right.

It expects the last value, and of the step that the longest season's profile takes to each of the
next H steps a share, which is found for each by least squares that forget. Where there is no
season, or it does not help, this is the last value. What a network has to learn is only the rest.
"""

import math

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.scaling import update_size

Numbers = NDArray[np.float64]

FORGETTING = 0.998
ROBUST = 1.5
"""Errors beyond so many times their running size weigh as if they were just so large (Huber)."""
LARGEST_ERROR = 8.0
"""In units of their running size: one spike must not change what a usual error is."""
SIZE_RATE = 0.01
PRIOR = 10.0
"""How many steps of the size of a usual error speak for a share of 0 at first."""

PRODUCTS, SQUARES, COUNT, SIZE = range(4)
STATE = 4


@kernel
def share(state: Numbers) -> float:
    """Return the share of a profile's step that is expected, from 0 to 1."""
    squares = state[SQUARES] + PRIOR * state[SIZE] * state[SIZE]
    return min(max(state[PRODUCTS] / squares, 0.0), 1.0) if squares > 0 else 0.0


@kernel
def turn_out(change: float, step: float, state: Numbers) -> float:
    """Return how far a value lay from what was expected of it, and learn the share from it.

    Args:
        change: Of the value, since it was expected.
        step: Of the profile, the same.
        state: Sums of products and squares, and number and running size of the errors, ``(4,)``.
    """
    error = change - share(state) * step
    size = abs(error)
    limit = ROBUST * state[SIZE]
    weight = limit / size if 0 < limit < size else 1.0
    state[PRODUCTS] = FORGETTING * state[PRODUCTS] + weight * change * step
    state[SQUARES] = FORGETTING * state[SQUARES] + weight * step * step
    largest = LARGEST_ERROR * state[SIZE] if state[SIZE] > 0 else size
    update_size(size, largest, SIZE_RATE, state[COUNT:])
    return error


@kernel
def known_step(profile: Numbers, start: int, stop: int) -> float:
    """Return how far a profile goes from one place to another; 0 where one is not known."""
    step = profile[stop] - profile[start]
    return 0.0 if math.isnan(step) else step
