"""What a forecaster does with simple series, and with difficult ones."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from streamrnn.learner.forecaster import Forecaster, Hyperparameters, _back

NONE = np.zeros(0)


def forecasts(series: list[float], horizon: int = 1) -> NDArray[np.float64]:
    """Return the forecasts made at each value, ``(len(series), horizon)``."""
    forecaster = Forecaster(Hyperparameters(features=0, horizon=horizon))
    row, made = forecaster.streams.row(""), []
    for value in series:
        values = forecaster.predict(row, NONE, value).values
        made.append(np.full(horizon, np.nan) if values is None else values)
        forecaster.learn(row, value)
    return np.array(made)


def test_counting_in_tens_is_learned() -> None:
    series = [10.0 * n for n in range(1, 201)]
    made = forecasts(series)[:, 0]
    assert made[0] == 10.0
    assert np.abs(made[150:-1] - series[151:]).max() < 1.0


def test_every_step_of_the_horizon_is_learned() -> None:
    series = [10.0 * n for n in range(1, 401)]
    made = forecasts(series, horizon=3)
    for ahead in range(3):
        error = made[300:390, ahead] - series[301 + ahead : 391 + ahead]
        assert np.abs(error).max() < 2.0 * (ahead + 1)


def test_a_constant_stream_is_forecast_exactly() -> None:
    assert (forecasts([5.0] * 50) == 5.0).all()


def test_a_season_that_is_named_is_used() -> None:
    wave = [math.sin(2 * math.pi * t / 12) + (t % 12 == 5) * 3 for t in range(1200)]
    forecaster = Forecaster(Hyperparameters(features=0, season=(12,)))
    row, errors, base = forecaster.streams.row(""), 0.0, 0.0
    for t, value in enumerate(wave):
        forecast = forecaster.predict(row, NONE, value)
        forecaster.learn(row, value)
        if t > 600:
            assert forecast.error is not None
            assert forecast.last_value_error is not None
            errors, base = errors + forecast.error, base + forecast.last_value_error
    assert errors < 0.25 * base


@pytest.mark.parametrize("jump", [1e9, -1e15, 1e99])
def test_a_jump_leaves_everything_finite_and_is_recovered_from(jump: float) -> None:
    generator = np.random.default_rng(6)
    series = generator.normal(size=300).cumsum()
    series[150] = jump
    made = forecasts(series.tolist())
    assert np.isfinite(made).all()


def test_values_that_are_absent_are_predicted_and_not_learned() -> None:
    forecaster = Forecaster(Hyperparameters(features=0))
    row = forecaster.streams.row("")
    assert forecaster.predict(row, NONE, math.nan).values is None
    assert forecaster.learn(row, math.nan) is None
    for value in [1.0, 2.0, 3.0]:
        forecaster.predict(row, NONE, value)
        forecaster.learn(row, value)
    step = forecaster.learner.step
    forecast = forecaster.predict(row, NONE, math.nan)
    assert forecast.values is not None
    assert forecast.error is None
    assert forecaster.learn(row, math.nan) is None
    assert forecaster.learner.step == step


@pytest.mark.parametrize(("ahead", "season", "back"), [(1, 24, 23), (24, 24, 0), (24, 7, 4)])
def test_a_step_to_come_has_its_like_a_whole_number_of_seasons_before(
    ahead: int, season: int, back: int
) -> None:
    assert _back(ahead, season) == back
    assert (ahead + back) % season == 0
