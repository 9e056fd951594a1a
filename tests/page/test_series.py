"""What is kept and reckoned of one stream."""

import math
import random

import pytest

from streamrnn.page.series import AHEAD, DRAWN, JUDGED, Series, covered, ratios
from tests.page.answers import answer


def series_of(count: int, horizon: int = 1) -> Series:
    series = Series(0, "a")
    for n in range(count):
        series.add(answer(n, horizon=horizon, time=f"2026-01-01T00:{n:02}"))
    return series


def test_a_forecast_stands_at_the_step_that_it_is_for() -> None:
    series = series_of(5, horizon=3)
    assert math.isnan(series.points[0].forecast)
    for point in list(series.points)[1:]:
        assert (point.forecast, point.lower, point.upper) == (
            point.value,
            point.value - 0.5,
            point.value + 0.5,
        )
    assert series.ahead.forecast == [5.0, 6.0, 7.0]
    assert series.step == 4


def test_what_is_kept_is_bounded() -> None:
    series = series_of(DRAWN + JUDGED + 7, horizon=10_000)
    assert len(series.points) == DRAWN + JUDGED
    assert series.count == DRAWN + JUDGED + 7
    assert len(series.ahead.forecast) == len(series.ahead.lower) == AHEAD


@pytest.mark.parametrize("time", [{"a": 1}, "x" * 5000, True, [1], 10**30, None])
def test_what_cannot_be_a_time_is_not_kept(time: object) -> None:
    series = Series(0, "a")
    series.add(answer(1, time=time))
    assert series.points[0].time is None


def test_a_long_key_is_cut_for_readers_and_told_apart_all_the_same() -> None:
    first, second = Series(0, "k" * 10_000 + "1"), Series(0, "k" * 10_000 + "2")
    assert first.name is not None
    assert len(first.name) <= 120
    assert first.identity != second.identity
    assert len({Series(*place).identity for place in [(0, None), (0, ""), (1, None)]}) == 3


def test_the_running_error_is_that_of_the_newest_judged_forecasts() -> None:
    draw = random.Random(1)
    series = Series(0, "a")
    errors: list[tuple[float, float]] = []
    expected = []
    for n in range(450):
        judged = draw.random() < 0.8
        pair = (draw.random(), draw.random()) if judged else (math.nan, math.nan)
        series.add(answer(n, error=pair[0], last_value_error=pair[1]))
        if judged:
            errors.append(pair)
        newest = errors[-JUDGED:]
        expected.append(
            sum(e for e, _ in newest) / sum(b for _, b in newest) if newest else math.nan
        )
    assert ratios(list(series.points), 450) == pytest.approx(expected, nan_ok=True)


def test_a_spike_leaves_nothing_behind() -> None:
    series = Series(0, "a")
    series.add(answer(0, error=1e100, last_value_error=1e100))
    for n in range(1, JUDGED + 1):
        series.add(answer(n, error=1.0, last_value_error=4.0))
    assert ratios(list(series.points), 1) == [0.25]


def test_without_a_judged_forecast_there_is_no_running_error() -> None:
    assert math.isnan(ratios(list(series_of(1).points), 1)[0])
    still = Series(0, "a")
    still.add(answer(0, error=0.0, last_value_error=0.0))
    assert math.isnan(ratios(list(still.points), 1)[0])


def test_the_share_within_intervals_counts_what_had_one() -> None:
    series = Series(0, "a")
    for n in range(4):
        series.add(answer(n))
    # Foretold were 4 and its interval; this is far outside, and the next one is not known.
    series.add(answer(9))
    series.add(answer(5, value=math.nan))
    assert covered(list(series.points)) == pytest.approx(3 / 4)
    assert math.isnan(covered([]))
