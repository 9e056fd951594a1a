"""Recursive least squares against ridge regression in closed form, and step by step."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from streamrnn.kernels import regression
from streamrnn.kernels.history import RAW, ROOT, VIEWS

Array = NDArray[np.float64]


def regress(
    last: Array,
    traits: Array,
    horizon: int,
    *,
    forgetting: float = 1.0,
    learning: bool = True,
    which: int = RAW,
    adjusted: bool = False,
    departure: Array | None = None,
) -> tuple[Array, Array]:
    """Work through one stream; return the opinions and the weights ``(H, C)``."""
    events, width = traits.shape
    numbers = np.zeros((1, regression.room(width, horizon)))
    opinions = np.empty((events, horizon))
    regression.regress(
        which,
        forgetting,
        adjusted,
        np.arange(width),
        numbers,
        np.zeros(1, np.int64),
        np.zeros(events, np.int64),
        ~np.isnan(last),
        np.repeat(last[:, np.newaxis], VIEWS, axis=1),
        np.ones((events, VIEWS)),
        np.repeat(traits[:, np.newaxis], VIEWS, axis=1),
        np.repeat((last if departure is None else departure)[:, np.newaxis], VIEWS, axis=1),
        np.full((events, VIEWS, horizon), 7.0),
        opinions,
        learning,
    )
    return opinions, numbers[0, width * width : width * width + horizon * width].reshape(-1, width)


def drawn(events: int, width: int = 3) -> tuple[Array, Array]:
    """Return a series that depends on its traits, and these."""
    generator = np.random.default_rng(4)
    traits = generator.normal(size=(events, width))
    noise = 0.1 * generator.normal(size=events)
    changes = np.concatenate([[0], (traits @ np.arange(1, width + 1) + noise)[:-1]])
    return np.cumsum(changes), traits


def test_weights_are_those_of_ridge_regression(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each step's own, for gains depend on the traits alone.

    A target weighs with the covariance of its origin, not of its arrival, so for steps beyond the
    first this holds as long as nothing is forgotten: the sums are the same.
    """
    series, traits = drawn(300)
    _, weights = regress(series, traits, 1)
    first, last = regression.FIRST_EVENTS, len(series) - 1
    x, y = traits[first:last], np.diff(series)[first:]
    prior = np.eye(traits.shape[1]) / regression.PRIOR
    expected = np.linalg.solve(x.T @ x + prior, x.T @ y)
    # What Huber's weights cut are the first errors after the tenth.
    np.testing.assert_allclose(weights[0], expected, atol=0.02)
    np.testing.assert_allclose(weights[0], [1, 2, 3], atol=0.05)


def by_hand(last: Array, traits: Array, horizon: int, forgetting: float) -> Array:
    """Forecast step by step, with lists that keep everything."""
    events, width = traits.shape
    covariance = regression.PRIOR * np.eye(width)
    weights, made = np.zeros((horizon, width)), np.full((events, horizon), math.nan)
    gains: list[Array] = []
    sizes, counts = np.zeros(horizon), np.zeros(horizon)
    for t in range(events):
        for h in range(1, min(horizon, t) + 1):
            if t - h < regression.FIRST_EVENTS:
                continue
            x = traits[t - h]
            error = last[t] - last[t - h] - weights[h - 1] @ x
            size = abs(error)
            if counts[h - 1] >= regression.FIRST_ERRORS:
                limit = regression.ROBUST * sizes[h - 1]
                error = float(np.clip(error, -limit, limit))
                size = min(size, regression.LARGEST_ERROR * sizes[h - 1])
            counts[h - 1] += 1
            rate = max(1 / counts[h - 1], regression.ERROR_RATE)
            sizes[h - 1] += rate * (size - sizes[h - 1])
            weights[h - 1] += error * gains[t - h]
        gains.append(np.zeros(width))
        if t < regression.FIRST_EVENTS:
            continue
        gain = covariance @ traits[t] / (forgetting + traits[t] @ covariance @ traits[t])
        covariance = (covariance - np.outer(gain, covariance @ traits[t])) / forgetting
        for i in range(width):
            if covariance[i, i] > regression.PRIOR:
                shrink = math.sqrt(regression.PRIOR / covariance[i, i])
                covariance[i] *= shrink
                covariance[:, i] *= shrink
        gains[t] = gain
        made[t] = last[t] + weights @ traits[t]
    return made


@pytest.mark.parametrize("forgetting", [1.0, 0.95])
@pytest.mark.parametrize("horizon", [1, 4])
def test_forecasts_are_those_by_hand(horizon: int, forgetting: float) -> None:
    series, traits = drawn(150)
    # A trait that falls silent would let its variance grow without end.
    traits[80:, 1] = 0
    opinions, _ = regress(series, traits, horizon, forgetting=forgetting)
    expected = by_hand(series, traits, horizon, forgetting)
    np.testing.assert_allclose(opinions, expected, rtol=1e-8, atol=1e-8)


def test_what_is_adjusted_forecasts_the_departure_and_adds_the_profile() -> None:
    series, traits = drawn(100)
    plain, _ = regress(series, traits, 2)
    opinions, _ = regress(np.zeros(100), traits, 2, adjusted=True, departure=series)
    np.testing.assert_allclose(opinions, plain + 7.0)
    unknown, _ = regress(series, traits, 2, adjusted=True, departure=np.full(100, math.nan))
    assert np.isnan(unknown).all()


def test_the_root_view_is_left_again() -> None:
    series, traits = drawn(100)
    plain, _ = regress(series, traits, 1)
    opinions, _ = regress(series, traits, 1, which=ROOT)
    np.testing.assert_allclose(opinions, plain * np.abs(plain))


def test_without_learning_nothing_is_expected_to_change() -> None:
    series, traits = drawn(100)
    opinions, weights = regress(series, traits, 1, learning=False)
    assert not weights.any()
    np.testing.assert_array_equal(opinions[30:, 0], series[30:])


def test_what_changes_is_learned_anew() -> None:
    series, traits = drawn(4000)
    later = np.cumsum(np.concatenate([[0], -np.diff(series)[2000:]]))
    turned = np.concatenate([series[:2000], series[1999] + later])[:4000]
    opinions, _ = regress(turned, traits, 1, forgetting=0.9998)
    error = np.abs(opinions[:-1, 0] - turned[1:])
    assert error[1500:1990].mean() < 0.15
    # Weights for the former signs would be wrong by twice the changes, 3 in the mean.
    assert error[2000:2020].mean() > 3
    assert error[3000:].mean() < 0.5


def test_numbers_that_are_not_finite_begin_it_anew() -> None:
    series, traits = drawn(300)
    traits[100] = 1e200
    opinions, _ = regress(series, traits, 1)
    error = np.abs(opinions[:-1, 0] - series[1:])
    assert np.isfinite(opinions[150:]).all()
    assert error[250:].mean() < 1
