"""Seasons are found where there are some, and seldom where there are none."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from streamrnn.kernels import seasons

Array = NDArray[np.float64]
COUNTERS = NDArray[np.int64]
NONE = np.zeros(0, np.int64)


def found_at(series: Array, longest: int = 200, natural: COUNTERS = NONE) -> list[list[int]]:
    """Return what is adopted, look after look."""
    adopted, proposed, told = np.zeros(2, np.int64), np.zeros(2, np.int64), []
    count = seasons.FIRST_LOOK
    while count <= len(series):
        values = np.ascontiguousarray(series[max(0, count - 3 * longest) : count])
        first, second = int(proposed[0]), int(proposed[1])
        room, correlations = np.zeros(3 * longest), np.zeros(longest + 2)
        if seasons.find_seasons(values, room, correlations, longest, natural, proposed):
            first, second = int(proposed[0]), int(proposed[1])
        if seasons.decide(proposed, first, second, adopted):
            told.append(adopted.tolist())
        count = int(seasons.GROWTH * count) + 1
    return told


def wave(length: int, count: int, noise: float = 0.3, seed: int = 1) -> Array:
    """Return a season that is no sine, with noise."""
    shape = np.random.default_rng(length).normal(size=length)
    noisy = noise * np.random.default_rng(seed).normal(size=count)
    waved: Array = np.tile(shape, count // length + 1)[:count] + noisy
    return waved


def test_correlations_are_those_of_numpy() -> None:
    values = np.random.default_rng(2).normal(size=50)
    correlations = np.zeros(10)
    assert seasons.correlate(values, correlations)
    for lag in range(10):
        products = values[lag:] * values[: len(values) - lag]
        assert correlations[lag] == pytest.approx(products.mean() / (values**2).mean())
    assert not seasons.correlate(np.zeros(50), correlations)


def test_the_trend_is_the_line_that_fits_best() -> None:
    values = np.random.default_rng(2).normal(size=50).cumsum()
    expected = values - np.polyval(np.polyfit(np.arange(50), values, 1), np.arange(50))
    seasons.remove_trend(values)
    np.testing.assert_allclose(values, expected, atol=1e-9)


@pytest.mark.parametrize("length", [7, 12, 24, 48, 100])
def test_a_season_is_found_to_the_step(length: int) -> None:
    assert found_at(wave(length, 1500))[-1] == [length, 0]


@pytest.mark.parametrize("trend", [0.0, 0.5])
def test_a_second_season_is_found_beside_the_first(trend: float) -> None:
    days = [strength * wave(12, 12, noise=0) for strength in (1, 0.6, 1.4, 1, 0.4, 1.6, 1.2)]
    noise = 0.3 * np.random.default_rng(5).normal(size=3024)
    series = np.tile(np.concatenate(days), 36) + trend * np.arange(3024) + noise
    first, second = found_at(series)[-1]
    assert first == 12
    # Two weeks are one that correlates as well.
    assert second in (84, 168)


def test_a_smooth_long_season_is_found_in_noise() -> None:
    noise = np.random.default_rng(3).normal(size=1500)
    series = 3 * np.sin(2 * np.pi * np.arange(1500) / 180) + noise
    (length, _) = found_at(series)[-1]
    assert length == pytest.approx(180, rel=0.05)
    # One that is likely, such as a year in steps, is taken where it does nearly as well.
    assert found_at(series, natural=np.array([182]))[-1][0] == 182


def test_a_natural_season_is_found_sooner_and_a_second_one_beside_it() -> None:
    series = wave(48, 100)
    assert found_at(series) == []
    assert found_at(series, natural=np.array([2, 48, 0])) == [[48, 0]]
    strengths = np.repeat([1.0, 1.1, 0.9, 1.0, 1.2, 0.1, 0.3], 48)
    weeks = np.tile(np.tile(wave(48, 48, noise=0), 7) * strengths, 2)[: 48 * 12]
    found = found_at(weeks, longest=400, natural=np.array([2, 48, 336]))
    assert found == [[48, 0], [48, 336]]


@pytest.mark.parametrize("natural", [NONE, np.array([7, 24, 168])], ids=["any", "natural"])
@pytest.mark.parametrize("kind", ["white", "walk", "constant", "line"])
def test_none_is_found_where_there_is_none(kind: str, natural: COUNTERS) -> None:
    wrong = 0
    for seed in range(30):
        noise = np.random.default_rng(seed).normal(size=2000)
        series = {
            "white": noise,
            "walk": noise.cumsum(),
            "constant": np.full(2000, 5.0),
            "line": np.arange(2000.0),
        }[kind]
        wrong += bool(found_at(series, natural=natural))
    assert wrong <= (4 if kind == "walk" else 0)


def test_one_look_adopts_nothing() -> None:
    adopted, found = np.zeros(2, np.int64), np.array([24, 0])
    assert not seasons.decide(found, 0, 0, adopted)
    assert seasons.decide(found, 23, 0, adopted)
    assert adopted.tolist() == [24, 0]
    # The same one again changes nothing, one near it only if it is found twice to the step.
    assert not seasons.decide(found, 24, 0, adopted)
    assert not seasons.decide(np.array([25, 0]), 24, 0, adopted)
    assert seasons.decide(np.array([25, 0]), 25, 0, adopted)
    assert adopted.tolist() == [25, 0]


def test_few_values_tell_nothing() -> None:
    found = np.array([5, 5])
    seasons.find_seasons(np.arange(10.0), np.zeros(10), np.zeros(20), 18, NONE, found)
    assert found.tolist() == [0, 0]
    assert math.isfinite(seasons.repeats(np.zeros(3), 5))
