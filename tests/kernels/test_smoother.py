"""The seasonal smoother against the difference equation of its model."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from streamrnn.kernels import smoother

Array = NDArray[np.float64]
SHORT, LONG = 0.5, 0.6


def smooth(values: Array, length: int, horizon: int) -> Array:
    """Smooth one stream."""
    events = len(values)
    state, sums = np.zeros((1, smoother.STATE)), np.full((1, length), math.nan)
    opinions = np.empty((events, horizon))
    rows, lengths = np.zeros(events, np.int64), np.full((events, 1), length)
    places = (np.arange(events) % length)[:, np.newaxis].copy()
    smoother.smooth(0, SHORT, LONG, state, sums, rows, values, lengths, places, opinions)
    return opinions


def by_hand(z: Array, length: int, horizon: int) -> Array:
    """Forecast by the model's equation, with errors to come of nought."""
    errors, made = np.zeros(len(z)), np.full((len(z), horizon), math.nan)
    for t in range(length, len(z)):
        if t > length:
            errors[t] = z[t] - made[t - 1, 0]
        known, e = z[: t + 1].tolist(), errors[: t + 1].tolist()
        for h in range(horizon):
            n = t + 1 + h
            season = known[n - length] - known[n - 1 - length]
            noise = SHORT * e[n - 1] + LONG * e[n - length] - SHORT * LONG * e[n - 1 - length]
            known.append(known[n - 1] + season - noise)
            e.append(0.0)
            made[t, h] = known[n]
    return made


@pytest.mark.parametrize("horizon", [1, 3, 5, 12])
def test_forecasts_follow_the_equation_of_the_model(horizon: int) -> None:
    # Values that are not all positive are taken as they are, from the second such one on.
    generator = np.random.default_rng(3)
    values = np.sin(np.arange(60) * 2 * np.pi / 5) + 0.1 * generator.normal(size=60).cumsum()
    values[:2] = -1.0
    made, expected = smooth(values, 5, horizon)[1:], by_hand(values[1:], 5, horizon)
    np.testing.assert_allclose(made, expected, rtol=1e-9, atol=1e-9)


def test_positive_values_are_seen_as_logarithms() -> None:
    values = np.exp(np.sin(np.arange(60) * 2 * np.pi / 5) + np.arange(60) / 30)
    made = smooth(values, 5, 5)
    np.testing.assert_allclose(made, np.exp(by_hand(np.log(values), 5, 5)), rtol=1e-9)
    # A season that grows by a rate is forecast without error once it has been seen twice.
    np.testing.assert_allclose(made[20:-1, 0], values[21:], rtol=1e-6)


def test_values_that_are_not_positive_begin_anew_and_a_single_one_is_passed_over() -> None:
    values = np.arange(1.0, 41.0)
    values[20] = -5.0
    assert np.isfinite(smooth(values, 4, 2)[4:]).all()
    values[21] = -5.0
    made = smooth(values, 4, 2)
    assert np.isnan(made[21:25]).all()
    assert np.isfinite(made[25:]).all()


def test_a_value_that_is_not_known_is_taken_as_expected() -> None:
    values = np.tile([1.0, 2.0, 3.0, 4.0], 10)
    gap = values.copy()
    gap[22] = math.nan
    np.testing.assert_allclose(smooth(gap, 4, 4), smooth(values, 4, 4), rtol=1e-9)
    assert np.isnan(smooth(np.full(10, math.nan), 4, 1)).all()


def test_one_spike_is_soon_forgotten() -> None:
    values = np.tile([-1.0, 2.0, 3.0, 4.0], 50) + np.random.default_rng(1).normal(size=200) * 0.1
    values[100] = 1e9
    made = smooth(values, 4, 1)[:, 0]
    assert np.abs(made[150:-1] - values[151:]).max() < 5
