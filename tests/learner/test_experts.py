"""What holds for all that forecasts: each expert, the network, and the mixture of all."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from streamrnn.learner.experts import NAMES
from streamrnn.learner.forecaster import Forecaster, Forecasts, Hyperparameters

Array = NDArray[np.float64]
HORIZON, COUNT = 5, 240
SMALL = Hyperparameters(features=0, horizon=HORIZON, season=(6,), hidden=4)
EXPERTS = Forecaster(SMALL).experts
KINDS = [(), *[(name,) for name in NAMES], NAMES]
CHOSEN = pytest.mark.parametrize("experts", KINDS, ids=str)


def make(experts: tuple[str, ...] = NAMES, **more: object) -> Forecaster:
    h = Hyperparameters(
        **{**{n: getattr(SMALL, n) for n in SMALL.__slots__}, "experts": experts, **more}
    )
    forecaster = Forecaster(h)
    for key in "abc":
        forecaster.streams.row(key)
    return forecaster


def learn(
    forecaster: Forecaster, values: Array, rows: NDArray[np.int64] | None = None
) -> Forecasts:
    rows = np.zeros(len(values), np.int64) if rows is None else rows
    return forecaster.predict_and_learn(rows, np.zeros((len(values), 0)), values)


def seasonal(count: int = COUNT, noise: float = 0.3, seed: int = 3) -> Array:
    generator = np.random.default_rng(seed)
    waved: Array = (
        10 + 5 * np.sin(np.arange(count) * np.pi / 3) + noise * generator.normal(size=count)
    )
    return waved


def with_gaps(values: Array) -> Array:
    gaps = values.copy()
    gaps[np.random.default_rng(9).random(len(values)) < 0.1] = math.nan
    return gaps


@CHOSEN
@given(cuts=st.lists(st.integers(0, COUNT), max_size=4))
@settings(deadline=None, max_examples=5)
def test_runs_have_the_same_bits_however_they_are_cut(
    experts: tuple[str, ...], cuts: list[int]
) -> None:
    values = with_gaps(seasonal())
    rows = np.random.default_rng(1).integers(3, size=COUNT)
    whole, parts = make(experts), make(experts)
    expected = learn(whole, values, rows)
    places = [0, *sorted(cuts), COUNT]
    runs = [learn(parts, values[a:b], rows[a:b]) for a, b in pairwise(places)]
    for name, axis in (("values", 0), ("opinions", 1), ("shares", 0), ("error", 0)):
        joined = np.concatenate([getattr(run, name) for run in runs], axis=axis)
        assert joined.tobytes() == getattr(expected, name).tobytes()
    for name, table in whole.streams.state()[1].items():
        assert table.tobytes() == parts.streams.state()[1][name].tobytes()


@pytest.mark.parametrize("expert", EXPERTS[1:])
def test_streams_do_not_change_each_other(expert: str) -> None:
    # The network's weights are shared; what experts learn belongs to a stream.
    values, rows = seasonal(3 * COUNT), np.arange(3 * COUNT) % 3
    place = EXPERTS.index(expert)
    together = learn(make(), values, rows).opinions[place]
    for row in range(3):
        alone = learn(make(), np.ascontiguousarray(values[row::3])).opinions[place]
        assert together[row::3].tobytes() == alone.tobytes()


@CHOSEN
def test_what_was_restored_goes_on_with_the_same_bits(experts: tuple[str, ...]) -> None:
    values = with_gaps(seasonal())
    first, second = make(experts), make(experts)
    learn(first, values[:150])
    second.learner.restore(first.learner.state())
    expected, made = learn(first, values[150:]), learn(second, values[150:])
    assert made.opinions.tobytes() == expected.opinions.tobytes()
    assert made.values.tobytes() == expected.values.tobytes()


def test_all_weigh_the_same_where_nothing_is_learned() -> None:
    made = learn(make(enabled=False), seasonal())
    np.testing.assert_allclose(made.shares, 1 / len(EXPERTS))
    # The lags' weights stay at nought: all is expected to stay.
    lags = made.opinions[EXPERTS.index("lags")]
    np.testing.assert_allclose(lags[50:, 0], seasonal()[50:])


@pytest.mark.parametrize("expert", [e for e in EXPERTS if e not in ("last_value", "lags")])
def test_a_season_is_forecast_better_than_by_the_last_value(expert: str) -> None:
    values = seasonal(1500)
    made = learn(make(), values).opinions[EXPERTS.index(expert)]
    for h in (1, HORIZON):
        last = np.abs(values[h:] - values[:-h])[1000:].mean()
        assert np.abs(made[:-h, h - 1] - values[h:])[1000:].mean() < 0.5 * last


@pytest.mark.parametrize("season", [(3,), (40,)])
def test_a_season_may_be_shorter_or_longer_than_the_horizon(season: tuple[int, ...]) -> None:
    shape = np.random.default_rng(season[0]).normal(size=season[0])
    values = np.tile(shape, 1200 // season[0]) + 0.01 * np.arange(1200 // season[0] * season[0])
    made = learn(make(season=season), values).values
    for h in (1, HORIZON):
        assert np.abs(made[:-h, h - 1] - values[h:])[800:].mean() < 0.1 * values.std()


def test_windows_of_a_series() -> None:
    values = np.arange(10.0, 4000.0, 10.0)
    made = learn(make(season=()), values).values
    np.testing.assert_allclose(made[200:-1, 0], values[201:], rtol=0.01)


DIFFICULT = {
    "constant at first": np.concatenate([np.full(300, 5.0), seasonal(600)]),
    "a jump": np.concatenate([seasonal(450), 1e9 * seasonal(450)]),
    "a jump down": np.concatenate([1e9 * seasonal(450), seasonal(450)]),
    "far": np.concatenate([seasonal(450), [1e99], seasonal(449)]),
    "one spike": np.concatenate([seasonal(450), [1e30], seasonal(449)]),
    "silent": np.concatenate([seasonal(300), np.full(300, math.nan), seasonal(300)]),
    "no value at first": np.concatenate([np.full(50, math.nan), seasonal(850)]),
    "below nought": np.concatenate([seasonal(450), seasonal(450) - 20]),
    "all nought": np.zeros(900),
}


@pytest.mark.parametrize("what", DIFFICULT)
@CHOSEN
def test_difficult_streams_lead_to_finite_forecasts(experts: tuple[str, ...], what: str) -> None:
    forecaster, values = make(experts), DIFFICULT[what]
    made = learn(forecaster, values)
    judged = forecaster.judge(np.zeros(len(values), np.int64), values, made)
    known = np.maximum.accumulate(~np.isnan(values))
    assert not made.outcome.any()
    assert np.isfinite(made.values[known]).all()
    assert np.isnan(made.values[~known]).all()
    assert np.isfinite(made.opinions[0][known]).all()
    assert not np.isinf(made.opinions).any()
    assert not np.isinf(judged.lower).any()
    score = judged.anomaly[~np.isnan(judged.anomaly)]
    assert ((score >= 0) & (score <= 1)).all()


@pytest.mark.parametrize("spike", [1e6, 1e30, -1e9])
def test_the_mixture_recovers_from_a_spike(spike: float) -> None:
    values = seasonal(1200)
    calm = np.abs(learn(make(), values).values[:-1, 0] - values[1:])[700:].mean()
    struck = values.copy()
    struck[600] = spike
    made = learn(make(), struck).values
    assert np.abs(made[:-1, 0] - struck[1:])[700:].mean() < 1.5 * calm
