"""Which steps are missing, by the times of a stream's events."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from streamrnn.kernels import clock

HOUR = 3600.0


def ticks(
    times: list[float], season: int = 0, most: int = 1000, cuts: tuple[int, ...] = ()
) -> tuple[list[int], list[float]]:
    """Return what one stream is missing and its intervals, told in runs that end at the cuts."""
    clocks, natural = np.zeros((1, clock.CLOCK)), np.zeros(len(clock.PERIODS), np.int64)
    found: list[int] = []
    told: list[float] = []
    for start, stop in zip([0, *cuts], [*cuts, len(times)], strict=True):
        part: NDArray[np.int64] = np.zeros(stop - start, np.int64)
        given_times = np.array(times[start:stop], dtype=float)
        rows = np.zeros(stop - start, np.int64)
        intervals = np.zeros(stop - start)
        clock.tick(clocks, season, most, natural, rows, given_times, part, intervals)
        found += part.tolist()
        told += intervals.tolist()
    return found, told


def missing(
    times: list[float], season: int = 0, most: int = 1000, cuts: tuple[int, ...] = ()
) -> list[int]:
    """Return what one stream is missing, told in runs that end at the cuts."""
    return ticks(times, season, most, cuts)[0]


def hourly(count: int, start: float = 1e9) -> list[float]:
    return [start + HOUR * n for n in range(count)]


def test_nothing_is_missing_from_regular_times() -> None:
    assert not any(missing(hourly(100)))
    months = [28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 31] * 4
    assert not any(missing(np.cumsum(months).astype(float).tolist()))
    assert not any(missing([0.0, 1.0, 2.0]))


def test_a_value_a_day_that_is_missing_is_one_step_each() -> None:
    times = [time for n, time in enumerate(hourly(240)) if n % 24 != 23]
    found = missing(times)
    # The first days only tell what an interval is.
    expected = [int(n % 23 == 0 and n > 0) for n in range(len(times))]
    assert found == expected


def test_a_silence_is_as_long_as_it_was_but_not_beyond_the_limit() -> None:
    before = hourly(50)
    week = before[-1] + 169 * HOUR
    assert missing([*before, week])[-1] == 168
    year = before[-1] + (8760 + 1) * HOUR
    # The place in the week stays right.
    alone = missing([*before, year])[-1]
    assert 1000 - 168 < alone <= 1000
    assert alone % 168 == 8760 % 168
    # The place in a season stays right.
    cut = missing([*before, year], season=24)[-1]
    assert cut <= 1000
    assert cut % 24 == 8760 % 24
    assert 1000 - 168 < missing([*before, 1e300])[-1] <= 1000


def test_times_that_repeat_or_go_back_are_the_next_step() -> None:
    times = hourly(60)
    times[40] = times[39]
    times[50] = times[10]
    # What follows lies where it would have.
    assert not any(missing(times))


def test_irregular_times_and_unknown_ones_tell_nothing() -> None:
    irregular = np.random.default_rng(2).exponential(HOUR, size=500).cumsum().tolist()
    assert sum(missing(irregular)) < 50
    times = hourly(60)
    times[30] = math.nan
    assert not any(missing(times))
    assert not any(missing([math.nan] * 20))


def test_an_interval_that_changes_is_learned() -> None:
    times = [*hourly(30), *[1e9 + 29 * HOUR + 60.0 * n for n in range(1, 200)]]
    found = missing(times)
    assert not any(found)
    assert missing([*times, times[-1] + 180])[-1] == 2


@given(st.lists(st.integers(0, 80), max_size=4).map(sorted))
def test_runs_do_not_matter(cuts: list[int]) -> None:
    times = [time for n, time in enumerate(hourly(90)) if n % 7]
    whole = missing(times[:80] + [math.nan] * 3)
    assert missing(times[:80] + [math.nan] * 3, cuts=tuple(min(c, 70) for c in cuts)) == whole


@pytest.mark.parametrize("most", [0, 5])
def test_the_limit_is_kept(most: int) -> None:
    assert missing([*hourly(50), 1e9 + 100 * HOUR], most=most)[-1] == most


@pytest.mark.parametrize(
    ("interval", "expected"),
    [
        (60.0, [60, 0, 0, 0]),
        (1800.0, [2, 48, 336, 0]),
        (HOUR, [0, 24, 168, 0]),
        (24 * HOUR, [0, 0, 7, 365]),
        (30.44 * 24 * HOUR, [0, 0, 0, 12]),
        # A day of 2.4 steps is no season.
        (10 * HOUR, [0, 0, 0, 0]),
        (math.nan, [0, 0, 0, 0]),
    ],
)
def test_natural_seasons_have_whole_steps(interval: float, expected: list[int]) -> None:
    natural = np.zeros(4, np.int64)
    assert clock.natural_seasons(interval, 400, natural) == max(expected)
    assert natural.tolist() == expected


def test_an_interval_is_told_once_times_agree_on_it() -> None:
    _, intervals = ticks(hourly(20))
    first = int(clock.FEWEST_VOTES) + 1
    assert np.isnan(intervals[:first]).all()
    np.testing.assert_allclose(intervals[first:], HOUR)
