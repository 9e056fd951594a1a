"""Events in their own units: by hand, in any parts, asked about first, and after a restart."""

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from streamrnn.kernels import events
from streamrnn.layers.stack import Layer
from streamrnn.learner.learner import LIMIT, Learner
from streamrnn.learner.lessons import Truncation
from streamrnn.learner.network import Architecture
from streamrnn.learner.optimization import Optimization
from tests.learner.test_learner import INPUTS, OUTPUTS, make

Array = NDArray[np.float64]
COUNT = 60


def drawn() -> tuple[list[str], Array, Array]:
    """Draw the events of three streams in turn, with numbers of any unit, some not known."""
    generator = np.random.default_rng(4)
    keys = ["abc"[n] for n in generator.integers(3, size=COUNT)]
    inputs = generator.normal([5.0, -3e3, 0.0], [2.0, 1e3, 0.01], size=(COUNT, INPUTS))
    targets = generator.normal([7.0, 0.1], [1e4, 0.02], size=(COUNT, OUTPUTS))
    for values in (inputs, targets):
        values[generator.random(values.shape) < 0.2] = math.nan
    return keys, inputs, targets


KEYS, X, Y = drawn()


def run(learner: Learner, start: int, stop: int) -> Array:
    """Work through a part of the events in one call."""
    rows = np.array([learner.streams.row(key) for key in KEYS[start:stop]], np.int64)
    predictions = np.zeros((stop - start, OUTPUTS))
    learner.predict_and_learn(rows, X[start:stop], Y[start:stop], predictions)
    return predictions


def bits(learner: Learner) -> dict[str, bytes]:
    state = learner.state()
    return {
        name: tensor.tobytes() for name, tensor in [*state.tensors.items(), *state.rows.items()]
    }


class Seen:
    """Statistics of a table's columns that keep every value."""

    def __init__(self, columns: int) -> None:
        self.values: list[list[float]] = [[] for _ in range(columns)]

    def add(self, row: Array) -> None:
        for column, value in zip(self.values, row, strict=True):
            column.extend([] if math.isnan(value) else [value])

    def moments(self) -> tuple[Array, Array]:
        known = [column or [0.0] for column in self.values]
        return np.array([np.mean(c) for c in known]), np.array([np.std(c) for c in known])

    def scaled(self, row: Array) -> Array:
        mean, spread = self.moments()
        result = (row - mean) / np.where(spread > 0, spread, math.inf)
        return np.clip(np.nan_to_num(result), -LIMIT, LIMIT)


@pytest.mark.parametrize("own_weights", [False, True])
@pytest.mark.parametrize(("window", "stride", "lag"), [(4, 4, 0), (4, 1, 0), (4, 3, 2), (2, 5, 0)])
def test_events_are_steps_of_scaled_numbers(
    window: int, stride: int, lag: int, own_weights: bool
) -> None:
    truncation = Truncation(window, stride, lag)
    by_hand = make(truncation, own_weights=own_weights)
    seen: dict[str, tuple[Seen, Seen]] = {}
    expected = []
    for key, x, y in zip(KEYS, X, Y, strict=True):
        inputs, targets = seen.setdefault(
            key if own_weights else "all", (Seen(INPUTS), Seen(OUTPUTS))
        )
        row = by_hand.streams.row(key)
        outputs = by_hand.advance(row, inputs.scaled(x))
        mean, spread = targets.moments()
        expected.append(mean + spread * outputs)
        inputs.add(x)
        targets.add(y)
        for output in np.flatnonzero(~np.isnan(y)):
            by_hand.teach(row, 0, int(output), targets.scaled(y)[output])
        by_hand.learn(row)
    learner = make(truncation, own_weights=own_weights)
    np.testing.assert_allclose(run(learner, 0, COUNT), expected, rtol=1e-8, atol=1e-8)
    assert learner.step == by_hand.step > 0


@pytest.mark.parametrize("own_weights", [False, True])
@given(st.lists(st.integers(0, COUNT), max_size=5), st.sampled_from([(4, 4), (4, 1), (5, 2)]))
@settings(deadline=None, max_examples=20)
def test_events_have_the_same_bits_in_any_parts(
    own_weights: bool, cuts: list[int], window: tuple[int, int]
) -> None:
    whole, parts = (make(Truncation(*window), own_weights=own_weights) for _ in range(2))
    places = [0, *sorted(cuts), COUNT]
    one_at_a_time = make(Truncation(*window), own_weights=own_weights)
    expected = run(whole, 0, COUNT)
    in_parts = [run(parts, a, b) for a, b in pairwise(places)]
    one_by_one = [run(one_at_a_time, n, n + 1) for n in range(COUNT)]
    assert np.concatenate(in_parts).tobytes() == expected.tobytes()
    assert np.concatenate(one_by_one).tobytes() == expected.tobytes()
    assert bits(parts) == bits(one_at_a_time) == bits(whole)


@pytest.mark.parametrize("own_weights", [False, True])
def test_to_predict_gives_the_bits_that_learning_gives_and_changes_nothing(
    own_weights: bool,
) -> None:
    learner, unasked = (make(Truncation(4, 3), own_weights=own_weights) for _ in range(2))
    for n, key in enumerate(KEYS):
        before, prediction, other = bits(learner), np.zeros(OUTPUTS), np.zeros(OUTPUTS)
        # The question about another stream spoils the activations that are kept.
        learner.predict("abc"[n % 3], X[n], other)
        learner.predict(key, X[n], prediction)
        assert bits(learner) == before
        assert run(learner, n, n + 1).tobytes() == prediction.tobytes()
    run(unasked, 0, COUNT)
    assert bits(learner) == bits(unasked)


@pytest.mark.parametrize("own_weights", [False, True])
def test_a_restart_within_a_window_goes_on_with_the_same_bits(own_weights: bool) -> None:
    for cut in range(30, 36):
        learner, restarted = (make(Truncation(5, 5), own_weights=own_weights) for _ in range(2))
        run(learner, 0, cut)
        restarted.restore(learner.state())
        expected = run(learner, cut, COUNT)
        assert run(restarted, cut, COUNT).tobytes() == expected.tobytes()
        assert bits(restarted) == bits(learner)


def test_own_weights_are_forgotten_with_their_stream() -> None:
    def events_of(learner: Learner, key: str) -> bytes:
        rows, predictions = np.full(20, learner.streams.row(key)), np.zeros((20, OUTPUTS))
        learner.predict_and_learn(rows, X[:20], Y[:20], predictions)
        return predictions.tobytes()

    learner = make(Truncation(4, 1), own_weights=True, max_streams=2)
    first = events_of(learner, "a")
    assert events_of(learner, "a") != first
    assert [events_of(learner, key) for key in "bca"] == [first] * 3
    assert learner.streams.evicted == 2
    assert [*learner.streams.keys()] == ["c", "a"]


def test_other_sizes_compile_nothing() -> None:
    def work(hidden: int, layers: int, outputs: int, **more: Any) -> None:
        architecture = Architecture((Layer("lstm", hidden),) * layers, INPUTS, outputs, "squared")
        truncation = Truncation(hidden, layers)
        learner = Learner(architecture, Optimization(), truncation, dtype=np.float64, **more)
        count, prediction = 2 * hidden, np.zeros(outputs)
        rows, targets = np.full(count, learner.streams.row("a")), np.ones((count, outputs))
        learner.predict_and_learn(rows, X[:count], targets, np.zeros((count, outputs)))
        learner.predict("a", X[0], prediction)
        learner.predict("b", X[0], prediction)
        assert learner.step > 0

    kernels = events.predict_and_learn, events.predict
    work(4, 1, 2)
    before = [len(kernel.signatures) for kernel in kernels]
    work(7, 2, 1)
    work(3, 3, 5, own_weights=True, max_streams=1)
    assert [len(kernel.signatures) for kernel in kernels] == before
