"""Intervals hold what they promise, and scores say how rare a value is, by hand and by count."""

import math
from dataclasses import fields
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from streamrnn.kernels import intervals, rarity
from streamrnn.learner.calibration import Calibrator, Judgement
from streamrnn.learner.streams import Streams

Array = NDArray[np.float64]
NAMES = [field.name for field in fields(Judgement)]


def surround(
    values: Array,
    forecasts: Array,
    coverage: float = 0.9,
    cuts: tuple[int, ...] = (),
    alarm_rate: float = 0.01,
) -> Judgement:
    """Judge the forecasts of one stream, in runs that end at the cuts."""
    calibrator = Calibrator(forecasts.shape[1], coverage, alarm_rate)
    streams = Streams(calibrator.fields, 10)
    streams.row("another")
    row = streams.row("")
    parts = []
    for start, stop in pairwise([0, *cuts, len(values)]):
        rows = np.full(stop - start, row)
        parts.append(calibrator.surround(streams, rows, values[start:stop], forecasts[start:stop]))
    return Judgement(*[np.concatenate([getattr(part, name) for part in parts]) for name in NAMES])


def ahead(series: Array, horizon: int) -> Array:
    """Forecast that all stays as it is."""
    return np.repeat(series[:, np.newaxis], horizon, axis=1)


def walk(steps: int, seed: int = 1) -> Array:
    """Return a random walk whose steps grow and shrink."""
    generator = np.random.default_rng(seed)
    size = 1 + 0.8 * np.sin(np.arange(steps) / 150)
    walked: Array = np.cumsum(size * generator.normal(size=steps))
    return walked


@pytest.mark.parametrize("coverage", [0.5, 0.9, 0.99])
@pytest.mark.parametrize("steps_ahead", [1, 2, 8, 12])
def test_intervals_hold_the_share_that_was_asked_for(coverage: float, steps_ahead: int) -> None:
    series = walk(8000)
    made = surround(series, ahead(series, 12), coverage)
    lower, upper = made.lower[:-steps_ahead], made.upper[:-steps_ahead]
    to_come, last = series[steps_ahead:], steps_ahead - 1
    held = (lower[:, last] <= to_come) & (to_come <= upper[:, last])
    assert held[100:].mean() == pytest.approx(coverage, abs=0.02)


def test_what_is_between_the_judged_steps_holds_about_as_much() -> None:
    series = walk(8000)
    made = surround(series, ahead(series, 12))
    held = (made.lower[:-6, 5] <= series[6:]) & (series[6:] <= made.upper[:-6, 5])
    assert held[100:].mean() == pytest.approx(0.9, abs=0.03)


def test_intervals_grow_with_the_steps_and_lie_around_the_forecast() -> None:
    series = walk(500)
    forecasts = ahead(series, 8)
    made = surround(series, forecasts)
    # Nothing was judged at the first event; the first intervals grow with the root of the steps.
    assert np.isnan(made.lower[0]).all()
    reach = made.upper[1] - forecasts[1]
    np.testing.assert_allclose(reach, reach[0] * np.sqrt(np.arange(1, 9)))
    assert (made.lower[1:] < forecasts[1:]).all()
    assert (forecasts[1:] < made.upper[1:]).all()


def test_each_side_reaches_as_far_as_its_own_errors() -> None:
    errors = np.random.default_rng(2).exponential(size=8000)
    made = surround(errors, np.zeros((8000, 1)))
    low, high = made.lower[:-1, 0], made.upper[:-1, 0]
    assert (errors[1:] > high)[1000:].mean() == pytest.approx(0.05, abs=0.01)
    assert (low[1000:] < 0).all()
    assert (high[-1000:] > 10 * -low[-1000:]).all()


@pytest.mark.parametrize("horizon", [1, 12])
@pytest.mark.parametrize("draw", ["normal", "student", "walk"])
def test_scores_are_as_rare_as_they_say(draw: str, horizon: int) -> None:
    generator, steps = np.random.default_rng(7), 60_000
    noise = generator.standard_t(3, steps) if draw == "student" else generator.normal(size=steps)
    series = noise.cumsum() if draw == "walk" else noise
    forecasts = ahead(series, horizon) if draw == "walk" else np.zeros((steps, horizon))
    made = surround(series, forecasts, alarm_rate=0.002)
    scores = made.anomaly[2000:]
    for share in (0.5, 0.9, 0.99, 0.999):
        assert (scores >= share).mean() == pytest.approx(1 - share, rel=0.5)
    assert (scores < 1).all()
    # What is rare comes in runs where errors of many steps overlap, and a run is one alarm.
    assert 0.3 < made.alarm.mean() / 0.002 < 1.3


def test_few_records_cannot_tell_what_is_rare() -> None:
    series = np.array([0.0, 1.0] * 15 + [1000.0])
    made = surround(series, ahead(series, 1))
    assert np.isnan(made.anomaly[: rarity.FIRST_ERRORS + 1]).all()
    counted = len(series) - rarity.FIRST_ERRORS - 2
    assert made.anomaly[-1] == pytest.approx(counted / (counted + 1))


def test_a_run_of_unusual_values_is_one_alarm() -> None:
    series = np.random.default_rng(8).normal(size=3000)
    series[2000:2003] += 30
    series[2300] -= 30
    alarms = np.flatnonzero(surround(series, np.zeros((3000, 1)), alarm_rate=0.002).alarm)
    assert {2000, 2300} <= {*alarms.tolist()}
    assert not {2001, 2002} & {*alarms.tolist()}
    assert len(alarms) < 3 * 0.002 * 3000


def test_a_constant_stream_has_no_width_until_it_jumps() -> None:
    series = np.array([5.0] * 50 + [6e9] + [5.0] * 50)
    made = surround(series, ahead(series, 1))
    assert (made.upper[1:50] == made.lower[1:50]).all()
    counted = 49 - rarity.FIRST_ERRORS
    assert made.anomaly[50] == pytest.approx(counted / (counted + 1))
    assert made.covered[50] == 0
    assert np.isfinite(made.upper[1:]).all()


def test_values_that_are_absent_are_not_judged_and_time_goes_on() -> None:
    series = walk(60)
    forecasts = ahead(series, 3)
    values = series.copy()
    values[40] = math.nan
    made = surround(values, forecasts)
    assert np.isnan(made.anomaly[40])
    assert np.isnan(made.covered[40])
    np.testing.assert_array_equal(made.upper[40] - forecasts[40], made.upper[39] - forecasts[39])
    # An event without forecasts is none.
    broken = forecasts.copy()
    broken[20] = math.nan
    without = surround(np.delete(series, 20), np.delete(forecasts, 20, axis=0))
    passed = surround(series, broken)
    np.testing.assert_array_equal(np.delete(passed.upper, 20, axis=0), without.upper)


@given(st.lists(st.integers(0, 80), max_size=4).map(sorted), st.integers(0, 5))
def test_however_events_are_cut_into_runs_the_numbers_are_the_same(
    cuts: list[int], seed: int
) -> None:
    series = walk(80, seed)
    series[::7] = math.nan
    forecasts = ahead(walk(80, seed + 1), 5)
    whole, parts = surround(series, forecasts), surround(series, forecasts, cuts=tuple(cuts))
    for name in NAMES:
        np.testing.assert_array_equal(getattr(whole, name), getattr(parts, name))


def by_hand(series: Array, forecasts: Array, coverage: float, first: Array) -> Array:
    """Return how far the intervals of the last step reach below and above, ``(E, 2)``.

    They come from lists that keep everything; ``first`` are those from before the first judgement.
    """
    last, miss = forecasts.shape[1], (1 - coverage) / 2
    reaches = [*first.tolist(), *[[math.nan, math.nan]] * (len(series) - last)]
    multiples = [Calibrator(last, coverage, 0.01)._first_multiple] * 2
    sizes, errors = [0.0, 0.0], 0
    for t, value in enumerate(series):
        if t >= last:
            error = value - forecasts[t - last, last - 1]
            below, above = reaches[t - last]
            errors += 1
            capped = min(abs(error), intervals.LARGEST_ERROR * sizes[1] if sizes[1] else math.inf)
            for k, rate in enumerate((intervals.FAST, intervals.SLOW)):
                sizes[k] += max(1 / errors, rate) * (capped - sizes[k])
            if not math.isnan(below):
                for k, missed in enumerate((error < -below, error > above)):
                    step = intervals.FIRST_STEP / (1 + errors / intervals.FIRST_STEPS)
                    multiples[k] *= math.exp(max(intervals.STEP, step) * (missed - miss))
            share = intervals.FAST_SHARE
            size = sizes[0] ** share * sizes[1] ** (1 - share)
            reaches[t] = [size * multiple for multiple in multiples]
    return np.array(reaches)


@pytest.mark.parametrize("horizon", [1, 2, 4])
def test_the_last_step_is_as_by_hand(horizon: int) -> None:
    series = walk(300)
    forecasts = ahead(walk(300, 2), horizon) + series[:, np.newaxis] * 0.5
    made, last = surround(series, forecasts), forecasts[:, -1]
    reach = np.column_stack([last - made.lower[:, -1], made.upper[:, -1] - last])
    expected = by_hand(series, forecasts, 0.9, reach[:horizon])
    np.testing.assert_allclose(reach, expected, rtol=1e-9)


@pytest.mark.parametrize("draw", ["normal", "student", "constant"])
def test_errors_that_stay_as_they_are_show_no_drift(draw: str) -> None:
    generator = np.random.default_rng(3)
    series = {
        "normal": generator.normal(size=20_000),
        "student": generator.standard_t(3, size=20_000),
        "constant": np.full(20_000, 7.0),
    }[draw]
    assert not surround(series, np.zeros((20_000, 1))).drift.any()


@pytest.mark.parametrize(("factor", "within"), [(2, 250), (10, 50)])
def test_errors_that_grow_show_one_drift_and_are_then_usual(factor: int, within: int) -> None:
    series = np.random.default_rng(4).normal(size=6000)
    series[3000:] *= factor
    (found,) = np.flatnonzero(surround(series, np.zeros((6000, 1))).drift)
    assert 3000 < found < 3000 + within


def test_a_spike_is_no_drift() -> None:
    series = np.random.default_rng(5).normal(size=2000)
    series[1000] = 1e9
    assert not surround(series, np.zeros((2000, 1))).drift.any()


def test_what_was_counted_long_ago_counts_less() -> None:
    counts = np.zeros(rarity.BINS)
    counts[3] = rarity.MOST_COUNTED
    assert rarity.rarity(5.0, counts) == pytest.approx(0, abs=1e-4)
    rarity.count(5.0, counts)
    assert counts.sum() == pytest.approx(rarity.MOST_COUNTED / 2, abs=1)
    assert counts[5] == pytest.approx(0.5)
