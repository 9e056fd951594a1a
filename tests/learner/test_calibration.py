"""Intervals hold what they promise, and scores say how rare a value is, by hand and by count."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from streamrnn.kernels import intervals
from streamrnn.learner.calibration import Calibrator, Judgement
from streamrnn.learner.streams import Streams

Array = NDArray[np.float64]


def surround(
    values: Array, forecasts: Array, coverage: float = 0.9, cuts: tuple[int, ...] = ()
) -> Judgement:
    """Judge the forecasts of one stream, in runs that end at the cuts."""
    calibrator = Calibrator(forecasts.shape[1], coverage)
    streams = Streams(calibrator.fields, 10)
    streams.row("another")
    row = streams.row("")
    parts = []
    for start, stop in pairwise([0, *cuts, len(values)]):
        rows = np.full(stop - start, row)
        parts.append(calibrator.surround(streams, rows, values[start:stop], forecasts[start:stop]))
    return Judgement(
        *[
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("lower", "upper", "anomaly", "covered", "drift")
        ]
    )


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
    np.testing.assert_allclose(made.upper[1:] - forecasts[1:], forecasts[1:] - made.lower[1:])


def test_a_score_of_99_percent_comes_once_in_a_hundred() -> None:
    series = walk(20_000)
    made = surround(series, ahead(series, 1))
    scores = made.anomaly[1000:]
    for share in (0.5, 0.9, 0.99):
        assert (scores >= share).mean() == pytest.approx(1 - share, rel=0.3)


def test_few_records_cannot_tell_what_is_rare() -> None:
    series = np.array([0.0, 1.0, 0.0, 1.0, 0.0, 1000.0])
    made = surround(series, ahead(series, 1))
    assert np.isnan(made.anomaly[0])
    assert made.anomaly[5] == pytest.approx(4 / 5)


def test_a_constant_stream_has_no_width_until_it_jumps() -> None:
    series = np.array([5.0] * 50 + [6e9] + [5.0] * 50)
    made = surround(series, ahead(series, 1))
    assert (made.upper[1:50] == made.lower[1:50]).all()
    assert made.anomaly[50] == pytest.approx(49 / 50)
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
    for name in ("lower", "upper", "anomaly", "covered", "drift"):
        np.testing.assert_array_equal(getattr(whole, name), getattr(parts, name))


def by_hand(series: Array, forecasts: Array, coverage: float, first: list[float]) -> list[float]:
    """Return how far the intervals of the last step reach, from lists that keep everything.

    ``first`` are those from before the first judgement of that step.
    """
    last = forecasts.shape[1]
    alpha, reaches = 1 - coverage, [*first, *[math.nan] * (len(series) - last)]
    size, multiple, errors = 0.0, Calibrator(last, coverage)._first_multiple, 0
    for t, value in enumerate(series):
        if t >= last:
            error = abs(value - forecasts[t - last, last - 1])
            missed = error > reaches[t - last]
            known = not math.isnan(reaches[t - last])
            error = min(error, intervals.LARGEST_ERROR * size) if size else error
            errors += 1
            size += max(1 / errors, intervals.FORGETTING) * (error - size)
            if known:
                multiple *= math.exp(intervals.STEP * (missed - alpha))
            reaches[t] = size * multiple
    return reaches


@pytest.mark.parametrize("horizon", [1, 2, 4])
def test_the_last_step_is_as_by_hand(horizon: int) -> None:
    series = walk(300)
    forecasts = ahead(walk(300, 2), horizon) + series[:, np.newaxis] * 0.5
    made = surround(series, forecasts)
    reach = (made.upper - made.lower)[:, -1] / 2
    expected = by_hand(series, forecasts, 0.9, reach[:horizon].tolist())
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
    counts = np.zeros(intervals.BINS)
    counts[3] = intervals.MOST_COUNTED
    share = intervals.rank(5.0, counts)
    assert share == pytest.approx(1, abs=1e-4)
    assert counts.sum() == pytest.approx(intervals.MOST_COUNTED / 2, abs=1)
