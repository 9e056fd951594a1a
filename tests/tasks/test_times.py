"""Times of records are read, and steps that are missing are taken."""

import json
import math
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamrnn.build import forecast_task_of, forecaster_of
from streamrnn.codecs import codec_for
from streamrnn.configuration import parse
from streamrnn.errors import ConfigurationError
from streamrnn.records import DeadLetter, Record
from streamrnn.tasks.forecast import Answer
from streamrnn.tasks.times import clock_features, seconds_of

DAY = 86_400


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("1970-01-02", DAY),
        ("1970-01-01T00:00:10Z", 10),
        ("1970-01-01 01:00:10+01:00", 10),
        ("1970-02", 31 * DAY),
        (1_700_000_000, 1_700_000_000),
        (1_700_000_000_000, 1_700_000_000),
        (1_700_000_000_000_000, 1_700_000_000),
        (1_700_000_000_000_000_000, 1_700_000_000),
        ("1700000000.5", 1_700_000_000.5),
        (-5.0, -5.0),
    ],
)
def test_times_are_read(value: object, seconds: float) -> None:
    assert seconds_of(value) == seconds


@pytest.mark.parametrize("value", ["soon", "", None, True, [1], "2026-13", "nan", math.inf, "t-1"])
def test_what_is_no_time_is_none(value: object) -> None:
    assert math.isnan(seconds_of(value))


def records(hours: list[int]) -> list[Record]:
    """Return records at these hours, whose value is that of the hour of the day."""
    return [
        Record(0, n, None, json.dumps({"time": 3600 * hour, "value": hour % 24}).encode())
        for n, hour in enumerate(hours)
    ]


def answers(hours: list[int], cuts: tuple[int, ...] = (), **more: object) -> list[Answer]:
    """Return the answers of a task to records, in runs that end at the cuts."""
    document = {
        "input": {"file": "in.jsonl", "time": "time"},
        "task": {"kind": "forecast", "target": "value", "season": [24], **more},
        "output": {"file": "out.jsonl"},
    }
    configuration = parse(document, "test")
    task = forecast_task_of(configuration, codec_for("jsonl"), forecaster_of(configuration))
    told, made = records(hours), []
    for start, stop in pairwise([0, *cuts, len(told)]):
        for answer in task.answer(told[start:stop]):
            assert not isinstance(answer, DeadLetter)
            made.append(answer)
    return made


def error(made: list[Answer], hours: list[int], start: int) -> float:
    """Return the mean error of what was forecast for the next hour, where that came."""
    errors = [
        abs(answer.prediction.prediction[0] - (hour + 1) % 24)
        for answer, hour, later in zip(
            made[start:], hours[start:], hours[start + 1 :], strict=False
        )
        if answer.prediction.prediction and later == hour + 1
    ]
    return sum(errors) / len(errors)


def test_a_value_a_day_that_is_missing_leaves_the_season_in_step() -> None:
    hours = [hour for hour in range(24 * 30) if hour % 24 != 5]
    made = answers(hours)
    assert sum(answer.missing for answer in made) >= 28
    assert error(made, hours, 400) < 0.5


def test_a_week_of_silence_leaves_the_season_in_step() -> None:
    hours = [*range(24 * 14), *range(24 * 21 + 7, 24 * 30)]
    made = answers(hours)
    assert made[24 * 14].missing == 24 * 7 + 7
    assert error(made, hours, 24 * 14) < 0.5
    assert [answer.prediction.offset for answer in made] == list(range(len(hours)))


def test_times_that_repeat_or_go_back_are_steps_like_others() -> None:
    hours = [*range(100), 99, 99, 50, *range(100, 200)]
    made = answers(hours)
    assert len(made) == len(hours)
    assert all(answer.prediction.prediction for answer in made[1:])
    assert not any(answer.missing for answer in made)


@given(cuts=st.lists(st.integers(0, 120), max_size=4).map(sorted))
@settings(deadline=None, max_examples=8)
def test_runs_do_not_matter(cuts: list[int]) -> None:
    hours = [*(hour for hour in range(80) if hour % 9), *range(95, 145)]
    # What is not known is not a number, which does not equal itself.
    assert repr(answers(hours, tuple(cuts), horizon=3)) == repr(answers(hours, horizon=3))


def test_a_clock_has_a_hand_for_each_period() -> None:
    noon = datetime(2026, 1, 1, 12, tzinfo=UTC).timestamp()
    told = clock_features(np.array([noon, noon + 6 * 3600, math.nan]), ["day"])
    np.testing.assert_allclose(told[:2], [[0, -1], [-1, 0]], atol=1e-9)
    assert np.isnan(told[2]).all()
    weeks = clock_features(np.array([noon, noon + 7 * 86400]), ["week", "year"])
    assert weeks.shape == (2, 4)
    np.testing.assert_allclose(weeks[0, [0, 2]], weeks[1, [0, 2]], atol=1e-9)
    # At the turn of the year in UTC, within the day that leap years move it by.
    assert abs(weeks[0, 1]) < 0.05
    assert weeks[0, 3] > 0.99


def test_what_only_the_clock_tells_is_learned() -> None:
    generator = np.random.default_rng(3)
    # In steps there is no season, and the noise hides where in the day one is.
    hours = generator.uniform(3, 7, size=3000).cumsum()
    values = 2 * np.sin(2 * np.pi * hours / 24) + generator.normal(size=3000)

    def errors(clock: list[str]) -> float:
        document = {
            "input": {"file": "in.jsonl", "time": "time", "clock": clock},
            "task": {"kind": "forecast", "target": "value", "longest_season": 0, "experts": []},
            "output": {"file": "out.jsonl"},
        }
        configuration = parse(document, "test")
        task = forecast_task_of(configuration, codec_for("jsonl"), forecaster_of(configuration))
        told = [
            Record(0, n, None, json.dumps({"time": 3600 * hour, "value": value}).encode())
            for n, (hour, value) in enumerate(zip(hours, values, strict=True))
        ]
        made = [answer for answer in task.answer(told) if isinstance(answer, Answer)]
        assert len(made) == len(hours)
        return float(np.nanmean([answer.error for answer in made[1000:]]))

    assert errors(["day"]) < 0.9 * errors([])


def test_a_clock_needs_a_time() -> None:
    document = {
        "input": {"file": "in.jsonl", "clock": ["day"]},
        "task": {"kind": "forecast", "target": "value"},
        "output": {"file": "out.jsonl"},
    }
    with pytest.raises(ConfigurationError, match=r"input\.clock: expected input\.time beside it"):
        parse(document, "test")
