"""River's methods as peers."""

import math
from importlib import import_module
from typing import Any

import numpy as np
import pytest

from streamrnn.backtest.peers import Peers, peer_names


def wave(count: int) -> "np.ndarray[Any, np.dtype[np.float64]]":
    steps = np.arange(count)
    return 10 + 3 * np.sin(2 * np.pi * steps / 12) + np.random.default_rng(1).normal(0, 0.1, count)


def test_smoothers_forecast_what_river_does() -> None:
    values = wave(80)
    made = Peers([1, 5], [12]).following(values)
    settings: list[dict[str, object]] = [
        {"alpha": 0.9},
        {"alpha": 0.9, "beta": 0.001, "gamma": 0.1, "seasonality": 12},
    ]
    for peer, setting in enumerate(settings):
        method: Any = import_module("river.time_series").HoltWinters(**setting)
        for n, value in enumerate(values.tolist()):
            method.learn_one(value)
            if n > 12:
                right = method.forecast(5)
                assert made[n, peer].tolist() == [right[0], right[4]]
    assert peer_names([12])[1] == "River HoltWinters (12)"
    assert np.isnan(made[10, 1]).all()


def test_the_regression_learns_a_wave_at_each_step() -> None:
    values = wave(600)
    made = Peers([1, 5], [12]).following(values)[:, -1]
    for place, step in enumerate((1, 5)):
        errors = np.abs(made[300:-step, place] - values[300 + step :])
        # The noise alone comes to 0.08.
        assert errors.mean() < 0.12


def test_forecasts_do_not_know_what_follows_nor_how_values_come_together() -> None:
    values = wave(200)
    whole = Peers([1, 3], [12, 30]).following(values)
    cut = Peers([1, 3], [12, 30])
    parts = [
        cut.following(values[:50]),
        cut.following(values[50:51]),
        cut.following(values[51:120]),
    ]
    np.testing.assert_array_equal(np.concatenate(parts), whole[:120])
    assert np.isfinite(whole[31:]).all()


@pytest.mark.parametrize("values", [[0.0] * 60, [0.0, 1e90] * 30, [-1.0, 1.0] * 30])
def test_one_that_breaks_down_stands_at_the_last_value(values: list[float]) -> None:
    made = Peers([1, 2], [2]).following(np.array(values))
    assert np.isfinite(made[10:]).all()
    assert np.abs(made[10:]).max() <= 1e100


def test_nothing_is_learned_before_the_first_known_value() -> None:
    values = wave(60)
    late = Peers([1], []).following(np.concatenate([np.full(5, math.nan), values]))
    assert np.isnan(late[:5]).all()
    np.testing.assert_array_equal(late[5:], Peers([1], []).following(values))
