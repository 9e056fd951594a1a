"""What a stream's past is said to be, against lists that keep everything."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from streamrnn.kernels import baseline, history
from streamrnn.learner.history import VIEWS, History, Past
from streamrnn.learner.streams import Streams

Array = NDArray[np.float64]
HORIZON = 5


def past_of(values: Array, seasons: tuple[int, ...] = (), longest: int = 0) -> Past:
    """Look back on one stream, beside another."""
    told = History(HORIZON, seasons, longest)
    streams = Streams(told.fields, 10, told.first)
    streams.row("another")
    row = streams.row("")
    return told.look_back(
        streams, np.full(len(values), row), values, np.full(len(values), math.nan)
    )


def drawn(count: int) -> Array:
    """Draw values, the first and some others of which are not known."""
    generator = np.random.default_rng(6)
    values = 5 * np.sin(np.arange(count) * 2 * np.pi / 7) + generator.normal(size=count)
    values[generator.random(count) < 0.15] = math.nan
    values[0] = math.nan
    return values


def filled(values: Array) -> list[float]:
    """Return the values, the last known one in place of those that are not."""
    told: list[float] = []
    for value in values.tolist():
        told.append(told[-1] if math.isnan(value) and told else value)
    return told


def test_lags_and_levels_are_those_by_hand() -> None:
    values = drawn(60)
    past, series = past_of(values), filled(values)
    known = next(n for n, value in enumerate(series) if value == value)
    levels, unit, count = [series[known]] * 3, 0.0, 0
    for t in range(known, len(series)):
        if t > known and not math.isnan(values[t]):
            change = abs(series[t] - series[t - 1])
            change = min(change, history.LARGEST_CHANGE * unit) if unit else change
            count += 1
            unit += max(1 / count, history.UNIT_RATE) * (change - unit)
        size = unit or 1.0
        limit = history.LARGEST * size
        for k, rate in enumerate(history.LEVEL_RATES):
            levels[k] += rate * min(max(series[t] - levels[k], -limit), limit)
        assert past.unit[t, history.RAW] == pytest.approx(size)
        traits = past.traits[t, history.RAW]
        lags = [(series[t] - series[max(known, t - k)]) / size for k in range(1, 5)]
        assert traits[0] == 1
        np.testing.assert_allclose(traits[1:5], np.clip(lags, -30, 30), atol=1e-12)
        expected = [(level - series[t]) / size for level in levels]
        np.testing.assert_allclose(traits[5:8], np.clip(expected, -30, 30), atol=1e-12)
        assert past.last[t].tolist() == pytest.approx(
            [series[t], math.copysign(math.sqrt(abs(series[t])), series[t])]
        )


def test_profile_departure_and_last_season_are_those_by_hand() -> None:
    values, length = drawn(80), 7
    past, series = past_of(values, seasons=(3, 7)), filled(values)
    known = next(n for n, value in enumerate(series) if value == value)
    profile: dict[int, float] = {}
    for t in range(known, len(series)):
        place = (t - known + 1) % length
        departure = math.nan
        if not math.isnan(values[t]):
            departure = values[t] - profile.get(place, math.nan)
            rate = max(1 / ((t - known) // length + 1), history.PROFILE_RATE)
            before = profile.get(place, values[t])
            profile[place] = before + rate * (values[t] - before)
        assert past.departure[t, history.RAW] == pytest.approx(departure, nan_ok=True)
        ahead = [profile.get((place + h) % length, math.nan) for h in range(1, HORIZON + 1)]
        np.testing.assert_allclose(past.outlook[t, history.RAW], ahead)
        for s, season in enumerate((3, 7)):
            backs = [t + h - season * -(-h // season) for h in range(1, HORIZON + 1)]
            seasonal = [series[back] if back >= known else math.nan for back in backs]
            np.testing.assert_allclose(past.seasonal[t, s], seasonal)
        assert past.seasons[t].tolist() == [3, 7]


def test_traits_of_a_season_are_its_profile_and_its_waves() -> None:
    values = np.tile([0.0, 1.0, 5.0, 2.0], 50)
    past = past_of(values, seasons=(4,))
    traits, unit = past.traits[-1, history.RAW], past.unit[-1, history.RAW]
    at = history.FIRST_SEASON
    assert traits[at] == pytest.approx(0)
    # The newest place is that of 2.0; the steps told are those ahead by 1, 2, 3 and 5.
    np.testing.assert_allclose(traits[at + 1 : at + 5] * unit, [-2.0, -1.0, 3.0, -2.0], atol=1e-9)
    angles = 2 * math.pi * np.array([1, 2]) * past.places[-1, 0] / 4
    waves = np.stack([np.sin(angles), np.cos(angles)], axis=1).ravel()
    np.testing.assert_allclose(traits[at + 5 :], waves, atol=1e-12)


def test_the_baseline_is_the_last_value_where_there_is_no_season() -> None:
    values = drawn(50)
    past, series = past_of(values), filled(values)
    for t in range(5, 50):
        np.testing.assert_array_equal(past.baseline[t], series[t])
        if not math.isnan(values[t]):
            known = min(HORIZON, t - 1)
            changes = [values[t] - series[t - h] for h in range(1, known + 1)]
            np.testing.assert_allclose(past.surprise[t, :known], changes)


def test_the_baseline_follows_a_season_that_holds() -> None:
    season = np.array([0.0, 10.0, 30.0, 10.0, -20.0, 0.0])
    noise = np.random.default_rng(1).normal(size=600)
    values = np.tile(season, 100) + noise
    past = past_of(values, seasons=(6,))
    later = values[400:595]
    error = np.abs(past.baseline[399:594, 0] - later).mean()
    assert error < 0.2 * np.abs(np.diff(values)).mean()
    assert np.nanmean(np.abs(past.surprise[400:, 0])) == pytest.approx(error, rel=0.2)
    np.testing.assert_allclose(past.scale[-1, 0], error, rtol=0.3)


def test_a_season_that_does_not_hold_is_not_followed() -> None:
    walk = np.random.default_rng(2).normal(size=2000).cumsum()
    past = past_of(walk, seasons=(50,))
    error = np.abs(past.baseline[1000:-1, 0] - walk[1001:]).mean()
    assert error < 1.02 * np.abs(np.diff(walk))[1000:].mean()


def test_the_share_of_a_profile_is_that_of_least_squares() -> None:
    generator, state = np.random.default_rng(3), np.zeros(baseline.STATE)
    for _ in range(3000):
        step = generator.normal()
        baseline.turn_out(0.7 * step + 0.1 * generator.normal(), step, state)
    assert baseline.share(state) == pytest.approx(0.7, abs=0.02)


def test_seasons_that_are_found_are_told_and_begin_with_what_was_seen() -> None:
    season = np.random.default_rng(4).normal(size=12)
    values = np.tile(season, 30) + 0.1 * np.random.default_rng(5).normal(size=360)
    past = past_of(values, longest=40)
    first = int(np.flatnonzero(past.seasons[:, 0])[0])
    assert past.seasons[first:, 0].tolist() == [12] * (360 - first)
    assert first < 150
    # The profile is there at once, and lies where the values do.
    np.testing.assert_allclose(
        past.outlook[first, history.RAW], values[first + 1 : first + 6], atol=0.5
    )
    assert np.abs(past.departure[first:, history.RAW]).mean() < 0.2


@pytest.mark.parametrize("spike", [1e30, -1e9])
def test_one_spike_changes_little(spike: float) -> None:
    values = np.random.default_rng(7).normal(size=400)
    struck = values.copy()
    struck[200] = spike
    calm, past = past_of(values, seasons=(5,)), past_of(struck, seasons=(5,))
    assert past.unit[250, history.RAW] < 1.2 * calm.unit[250, history.RAW]
    for told in (past.traits, past.unit, past.baseline, past.scale):
        assert np.isfinite(told[1:]).all()
    assert np.abs(past.traits).max() <= history.LARGEST
    np.testing.assert_allclose(past.traits[390, 0, :5], calm.traits[390, 0, :5], rtol=0.2)


def test_streams_and_runs_do_not_matter() -> None:
    values = drawn(90)
    told = History(HORIZON, (), 20)
    streams = Streams(told.fields, 10, told.first)
    rows = np.array([streams.row(name) for name in "abc"] * 30)
    mixed = told.look_back(streams, rows, values, np.full(len(values), math.nan))
    for n in range(3):
        alone = past_of(np.ascontiguousarray(values[n::3]), longest=20)
        for name in Past.__dataclass_fields__.keys() - {"rows"}:
            known = ~np.isnan(alone.last[:, 0])
            np.testing.assert_array_equal(
                getattr(mixed, name)[n::3][known], getattr(alone, name)[known]
            )
    assert VIEWS == 2
