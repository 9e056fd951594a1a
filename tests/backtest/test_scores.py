"""Errors, coverage and the worst moments, against a plain loop."""

import numpy as np
import pytest

from streamrnn.backtest.moments import AFTER, BEFORE, WORST
from streamrnn.backtest.scores import Scores
from streamrnn.backtest.windows import Windows
from tests.backtest.scored import expected, hear, setting, told

CASES = [(1, ()), (3, ()), (3, (4,)), (4, (4, 6)), (7, (3, 40)), (35, (50,))]


@pytest.mark.parametrize(("horizon", "seasons"), CASES)
@pytest.mark.parametrize("seed", [1, 2])
def test_sums_are_those_of_a_plain_loop(horizon: int, seasons: tuple[int, ...], seed: int) -> None:
    made, heard = setting(horizon, seasons), told(seed, 900, horizon)
    scores = Scores(made)
    hear(scores, heard, seed)
    for step, sums in zip(made.steps, scores.sums, strict=True):
        right = expected(heard, made, step)
        assert sums.points == len(right.errors) > 100
        np.testing.assert_allclose(sums.errors, np.sum(right.errors, axis=0))
        assert (sums.judged, sums.covered) == (len(right.covered), sum(right.covered))
        assert 0 < sums.covered < sums.judged
        assert sums.width == pytest.approx(sum(right.widths))
        assert sums.compared == len(right.plain) > 50
        assert sums.score == pytest.approx(sum(right.scores))
        assert sums.plain_score == pytest.approx(sum(right.plain))
    anomaly = heard.judgement.anomaly
    assert scores.unusual == sum(bool(one >= 0.999) for one in anomaly) > 0
    assert scores.drifts == heard.judgement.drift.sum() > 0
    assert scores.stream_count == 3


def test_windows_hold_the_means_of_their_records() -> None:
    made, heard = setting(2), told(1, 900, 2)
    scores = Scores(made)
    hear(scores, heard, 1)
    right = expected(heard, made, 2)
    firsts, means = scores.windows.means("errors 2")
    size = scores.windows.size
    assert size == 16
    places, errors = np.array(right.places), np.array(right.errors)
    assert sorted({*(places // size).tolist()}) == firsts.tolist()
    for first, mean in zip(firsts, means, strict=True):
        np.testing.assert_allclose(mean, errors[places // size == first].mean(axis=0))
    offsets = [event.record.offset for event in heard.events]
    starts = [
        event.time
        for n, event in enumerate(heard.events)
        if n == 0 or offsets[n] // size > offsets[n - 1] // size
    ]
    assert scores.windows.times == starts


def test_windows_without_enough_rows_are_joined() -> None:
    windows = Windows({"a": 1}, most=10)
    windows.follow(np.arange(10), [*range(10)])
    windows.add("a", np.array([0, 3, 4, 5, 9]), np.array([[1.0], [2.0], [3.0], [4.0], [9.0]]))
    firsts, means = windows.means("a", least=2)
    assert firsts.tolist() == [0, 4]
    np.testing.assert_allclose(means[:, 0], [1.5, 16 / 3])


def test_however_events_come_together_the_worst_are_the_same_and_far_apart() -> None:
    made, heard = setting(3), told(5, 2000, 3)
    found = []
    for seed in (1, 2):
        scores = Scores(made)
        hear(scores, heard, seed)
        found.append([(m.key, m.offset, m.surprise) for m in scores.worst.moments])
    assert found[0] == found[1]
    assert len(found[0]) == WORST
    surprises = [surprise for _, _, surprise in found[0]]
    assert surprises == sorted(surprises, reverse=True)
    for moment in scores.worst.moments:
        around, n = moment.around, moment.index
        assert len(around.offsets) <= BEFORE + AFTER + 1
        assert around.offsets[n] == moment.offset
        near = set(around.offsets[:n].tolist())
        assert not near & {m.offset for m in scores.worst.moments if m.key == moment.key}
        value, forecast = around.numbers[n, :2]
        (event,) = [e for e in heard.events if e.record.offset == moment.offset]
        change = heard.forecasts.change[heard.events.index(event)]
        assert (event.key, event.value) == (moment.key, value)
        assert moment.surprise == pytest.approx(abs(value - forecast) / change)


def test_streams_beyond_the_limit_are_forgotten() -> None:
    made = setting(1)
    limited = type(made)(made.experts, 1, (), 0.8, False, max_streams=2)
    scores, heard = Scores(limited), told(1, 300, 1, streams=5)
    hear(scores, heard, 1)
    assert len(scores.streams) == 2
    assert scores.stream_count > 5
