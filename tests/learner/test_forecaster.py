"""What a forecaster does with simple series, with difficult ones, and by hand."""

import math
from dataclasses import fields, replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from streamrnn.errors import RecordError
from streamrnn.kernels import forecasts as kernels
from streamrnn.kernels import online
from streamrnn.kernels.history import RAW
from streamrnn.learner.forecaster import (
    GRADIENT_UNDONE,
    OUTPUT_UNDONE,
    Forecaster,
    Forecasts,
    Hyperparameters,
)
from streamrnn.learner.learner import LIMIT
from tests.learner.test_events import Seen

Array = NDArray[np.float64]
STREAMS, COUNT = 3, 150


def forecast(series: list[float], **more: Any) -> Forecasts:
    """Work through the values of one stream without features."""
    forecaster = Forecaster(Hyperparameters(features=0, **more))
    rows = np.full(len(series), forecaster.streams.row(""))
    return forecaster.predict_and_learn(rows, np.zeros((len(series), 0)), np.array(series))


def test_counting_in_tens_is_learned() -> None:
    series = [10.0 * n for n in range(1, 201)]
    made = forecast(series).values[:, 0]
    assert made[0] == 10.0
    assert np.abs(made[150:-1] - series[151:]).max() < 1.0


def test_every_step_of_the_horizon_is_learned() -> None:
    series = [10.0 * n for n in range(1, 401)]
    made = forecast(series, horizon=3).values
    for ahead in range(3):
        error = made[300:390, ahead] - series[301 + ahead : 391 + ahead]
        assert np.abs(error).max() < 2.0 * (ahead + 1)


def test_a_constant_stream_is_forecast_exactly() -> None:
    np.testing.assert_allclose(forecast([5.0] * 50).values, 5.0, rtol=1e-12)


def test_a_season_that_is_named_is_used() -> None:
    wave = [math.sin(2 * math.pi * t / 12) + (t % 12 == 5) * 3 for t in range(1200)]
    made = forecast(wave, season=(12,))
    assert made.error[600:].sum() < 0.25 * made.last_value_error[600:].sum()


@pytest.mark.parametrize("jump", [1e9, -1e15, 1e99])
def test_a_jump_leaves_everything_finite_and_is_recovered_from(jump: float) -> None:
    generator = np.random.default_rng(6)
    series = generator.normal(size=300).cumsum()
    series[150] = jump
    assert np.isfinite(forecast(series.tolist()).values).all()


def test_values_that_are_absent_are_predicted_and_not_learned() -> None:
    made = forecast([math.nan, 1.0, 2.0, 3.0, math.nan, 4.0])
    nothing = [True, False, False, False, False, False]
    assert np.isnan(made.values[:, 0]).tolist() == nothing
    assert np.isnan(made.error).tolist() == [True, True, False, False, True, False]
    assert made.last_value_error[[2, 5]].tolist() == [1.0, 1.0]
    # What a step's target is, the next value tells.
    assert np.isnan(made.loss).tolist() == [True, True, False, False, True, False]
    assert made.step.tolist() == [0, 0, 0, 1, 2, 2]
    assert not made.outcome.any()


class ByHand:
    """The network's forecasts, step by step with the learner, from what the past is said to be."""

    def __init__(self, hyperparameters: Hyperparameters) -> None:
        self.h, forecaster = hyperparameters, Forecaster(hyperparameters)
        self.learner, self._history = forecaster.learner, forecaster._history
        for n in range(STREAMS):
            self.learner.streams.row(str(n))
        width = self._history.traits - 1 + hyperparameters.features
        self.seen = [Seen(1 + width) for _ in range(STREAMS)]
        self.expected = [math.nan] * STREAMS

    def event(self, row: int, features: Array, value: float) -> list[float]:
        """Return the forecast, its errors, the loss, and the learning steps before."""
        h, step = self.h, self.learner.step
        past = self._history.look_back(
            self.learner.streams, np.array([row]), np.array([value]), np.array([math.nan])
        )
        if math.isnan(past.last[0, RAW]):
            return [math.nan] * (h.horizon + 3) + [step]
        columns = np.array([value, *past.traits[0, RAW, 1:], *features])
        self.seen[row].add(columns)
        given = np.clip(self.seen[row].scaled(columns), -LIMIT, LIMIT).astype(np.float32)
        made = past.baseline[0] + past.scale[0] * self.learner.advance(row, given)
        low, high = past.bounds[0]
        mixed = np.clip(made, low, high)
        error, self.expected[row] = abs(value - self.expected[row]), float(mixed[0])
        loss = math.nan
        if h.enabled:
            for k, surprise in enumerate(past.surprise[0].tolist()):
                if not math.isnan(surprise):
                    self.learner.teach(row, k + 1, k, surprise / past.scale[0, k])
            lesson = self.learner.learn(row)
            loss = lesson.loss if lesson else math.nan
        return [*mixed, error, float(past.changed[0]), loss, step]


def drawn(features: int) -> tuple[NDArray[np.int64], Array, Array]:
    """Draw events of three streams in turn, some of whose numbers are not known."""
    generator = np.random.default_rng(8)
    rows = generator.integers(STREAMS, size=COUNT)
    x = generator.normal(50.0, 20.0, size=(COUNT, features))
    walk = generator.normal(size=COUNT).cumsum() + 10 * np.sin(np.arange(COUNT) / 3)
    values = 1000.0 * rows + walk
    x[generator.random(x.shape) < 0.2] = math.nan
    values[generator.random(COUNT) < 0.15] = math.nan
    return rows, x, values


def make(hyperparameters: Hyperparameters) -> Forecaster:
    forecaster = Forecaster(hyperparameters)
    for n in range(STREAMS):
        assert forecaster.streams.row(str(n)) == n
    return forecaster


def part(forecaster: Forecaster, start: int, stop: int) -> Forecasts:
    """Work through a part of the events that were drawn in one call."""
    rows, x, values = drawn(forecaster._h.features)
    return forecaster.predict_and_learn(rows[start:stop], x[start:stop], values[start:stop])


def table(made: Forecasts) -> Array:
    return np.column_stack([made.values, made.error, made.last_value_error, made.loss, made.step])


def bits(*made: Forecasts) -> list[bytes]:
    """Return the bits of some runs, one after the other."""
    names = [field.name for field in fields(Forecasts)]
    # Of all the experts' opinions come first, so they are cut along their second axis.
    axes = {name: 1 if name == "opinions" else 0 for name in names}
    return [
        np.concatenate([getattr(run, name) for run in made], axis=axis).tobytes()
        for name, axis in axes.items()
    ]


def state(forecaster: Forecaster) -> dict[str, bytes]:
    """Return the bits of all that a forecaster goes on from."""
    learner = forecaster.learner
    tables = [*learner.tables()._asdict().items()]
    tables += [(name, learner.streams[name]) for name in learner.streams.state()[1]]
    return {name: array.tobytes() for name, array in [*tables, ("report", learner.report)]}


def row_of(forecaster: Forecaster, row: int) -> dict[str, bytes]:
    """Return the bits of what the network keeps of a stream, but weights."""
    names = {"numbers", "known", "counters", "count", "mean", "variance"}
    saved = forecaster.learner.saved(row)
    return {name: kept.tobytes() for name, kept in saved.items() if name in names}


SMALL = Hyperparameters(features=2, hidden=4, window=4, stride=3, longest_season=8)
KINDS = [
    replace(SMALL, features=0),
    SMALL,
    replace(SMALL, horizon=3, window=5, stride=5),
    replace(SMALL, horizon=3, season=(4, 7), own_weights=True),
    replace(SMALL, season=(5,), stride=1),
    replace(SMALL, stride=6, own_weights=True),
    replace(SMALL, horizon=3, season=(5,), enabled=False),
]


@pytest.mark.parametrize("hyperparameters", KINDS)
def test_a_run_is_what_comes_out_by_hand(hyperparameters: Hyperparameters) -> None:
    hyperparameters = replace(hyperparameters, experts=())
    by_hand, forecaster = ByHand(hyperparameters), make(hyperparameters)
    expected = [
        by_hand.event(int(row), x, float(value))
        for row, x, value in zip(*drawn(hyperparameters.features), strict=True)
    ]
    made = part(forecaster, 0, COUNT)
    np.testing.assert_allclose(table(made), expected, rtol=1e-4, atol=1e-4)
    assert not made.outcome.any()
    assert (forecaster.learner.step > 10) == hyperparameters.enabled
    assert np.isnan(made.loss).all() != hyperparameters.enabled


@pytest.mark.parametrize("hyperparameters", KINDS)
def test_the_plain_functions_compute_the_same(
    hyperparameters: Hyperparameters, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled, plain = make(hyperparameters), make(hyperparameters)
    expected = part(compiled, 0, COUNT)
    for name, value in vars(kernels).copy().items():
        if getattr(value, "__module__", "") == kernels.__name__ and hasattr(value, "py_func"):
            monkeypatch.setattr(kernels, name, value.py_func)
    made = part(plain, 0, COUNT)
    np.testing.assert_allclose(table(made), table(expected), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("hyperparameters", KINDS)
@given(cuts=st.lists(st.integers(0, COUNT), max_size=5))
@settings(deadline=None, max_examples=10)
def test_runs_have_the_same_bits_however_they_are_cut(
    hyperparameters: Hyperparameters, cuts: list[int]
) -> None:
    whole, parts, one_by_one = (make(hyperparameters) for _ in range(3))
    expected = bits(part(whole, 0, COUNT))
    places = [0, *sorted(cuts), COUNT]
    assert bits(*(part(parts, a, b) for a, b in pairwise(places))) == expected
    assert bits(*(part(one_by_one, n, n + 1) for n in range(COUNT))) == expected
    assert state(parts) == state(one_by_one) == state(whole)


@pytest.mark.parametrize("start", [6, 100])
@pytest.mark.parametrize("hyperparameters", KINDS)
def test_an_output_that_is_not_finite_leaves_the_network_as_it_was(
    hyperparameters: Hyperparameters, start: int
) -> None:
    forecaster = make(hyperparameters)
    part(forecaster, 0, start)
    models = forecaster.learner.of_model("models")
    good, before = models.copy(), [row_of(forecaster, row) for row in range(STREAMS)]
    rows, _, values = drawn(hyperparameters.features)
    rows, values = rows[start:], values[start:]
    known = forecaster.streams["values_known"].copy()
    # A stream of which no value is known yet has no output.
    heard, bad = known > 0, np.zeros(len(rows), bool)
    for n, (row, value) in enumerate(zip(rows, values, strict=True)):
        heard[row] |= not math.isnan(value)
        bad[n] = heard[row]
    if hyperparameters.own_weights:
        bad &= rows == 0
    models[0] = math.nan
    made = part(forecaster, start, COUNT)
    assert made.outcome.tolist() == np.where(bad, OUTPUT_UNDONE, 0).tolist()
    assert np.isnan(made.opinions[0][bad]).all()
    # What else forecasts goes on, from the value that the network could not learn.
    assert np.isfinite(made.values[bad]).all()
    assert forecaster.learner.undone == bad.sum() > 0
    for row in {*rows[bad].tolist()}:
        assert row_of(forecaster, row) == before[row]
    assert forecaster.streams["values_known"].sum() == known.sum() + (~np.isnan(values)).sum()
    models[0] = good[0]
    again = part(forecaster, 0, 50)
    assert not again.outcome.any()
    assert np.isfinite(again.opinions[0][20:]).all()


@pytest.mark.parametrize("begin", [6, 100])
@pytest.mark.parametrize("hyperparameters", [kind for kind in KINDS if kind.enabled])
def test_a_gradient_that_is_not_finite_leaves_the_network_as_it_was(
    hyperparameters: Hyperparameters, begin: int
) -> None:
    """The state at a window's start is broken: outputs do not come from it, the gradient does."""
    forecaster, spared = make(hyperparameters), make(hyperparameters)
    for other in (forecaster, spared):
        part(other, 0, begin)
    rows = drawn(hyperparameters.features)[0]
    row = int(rows[begin])
    learner, size = forecaster.learner, forecaster.learner.network.state_size
    start = learner.tables().numbers[row, size : 2 * size]
    for n in range(begin, COUNT):
        if rows[n] != row:
            assert bits(part(forecaster, n, n + 1)) == bits(part(spared, n, n + 1))
            continue
        right = start.copy()
        weights = learner.of_model("models").tobytes()
        # Nothing may be left in the workspace that was computed from the right state.
        start[:], learner.cache[online.OWNER] = math.nan, -1
        broken = row_of(forecaster, row)
        made = part(forecaster, n, n + 1)
        if made.outcome[0]:
            break
        # This event led to no learning step, so nothing came from the start.
        start[:] = right
        assert bits(made) == bits(part(spared, n, n + 1))
    assert made.outcome.tolist() == [GRADIENT_UNDONE]
    assert np.isnan(made.opinions[0]).all()
    assert np.isnan(made.loss).all()
    assert row_of(forecaster, row) == broken
    assert learner.of_model("models").tobytes() == weights
    assert (learner.undone, learner.cache[online.OWNER]) == (1, -1)
    start[:] = right
    assert not part(forecaster, n + 1, COUNT).outcome.any()


@pytest.mark.parametrize("hyperparameters", KINDS)
def test_a_question_changes_nothing(hyperparameters: Hyperparameters) -> None:
    forecaster = make(hyperparameters)
    part(forecaster, 0, 100)
    before = state(forecaster)
    far = forecaster.ahead(1, 10)
    assert far.shape == (10,)
    assert forecaster.ahead(1, 2).tolist() == far[:2].tolist()
    assert state(forecaster) == before
    # Beyond the horizon forecasts stand for values, and nothing is learned from them.
    idle, horizon = make(replace(hyperparameters, enabled=False)), hyperparameters.horizon
    idle.learner.restore(forecaster.learner.state())
    row, unknown = idle.streams.row("1"), np.full((10, hyperparameters.features), math.nan)
    made = idle.predict_and_learn(np.full(10, row), unknown, far)
    further = made.values[horizon - 1 :: horizon].ravel()
    assert further[: 10 - horizon].tolist() == far[horizon:].tolist()
    forecaster.learner.of_model("models")[:] = math.nan
    before = state(forecaster)
    with pytest.raises(RecordError, match="not finite"):
        forecaster.ahead(1, 10)
    assert state(forecaster) == before


def test_arrays_of_any_kind_compile_nothing() -> None:
    forecaster = make(SMALL)
    part(forecaster, 0, 10)
    before = len(kernels.predict_and_learn.signatures)
    part(make(KINDS[3]), 0, 10)
    events = np.arange(40).reshape(10, 4)
    arrays: Any = events[:, 0] % STREAMS, events[:, 1:3], events[:, 3]
    made = forecaster.predict_and_learn(*arrays)
    assert np.isfinite(made.values).all()
    assert len(kernels.predict_and_learn.signatures) == before
