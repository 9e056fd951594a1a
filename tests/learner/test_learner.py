"""Truncated backpropagation through time, held by a slow learner that keeps everything."""

import copy
import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from streamrnn.cells import CELLS
from streamrnn.errors import RecordError
from streamrnn.kernels.model import model_update
from streamrnn.layers.stack import Layer
from streamrnn.learner.learner import Learner
from streamrnn.learner.lessons import Truncation
from streamrnn.learner.network import Architecture, Network
from streamrnn.learner.optimization import Optimization

INPUTS, OUTPUTS = 3, 2
Events = list[tuple[str, NDArray[Any], NDArray[Any], NDArray[Any]]]


def architecture(cell: str) -> Architecture:
    return Architecture((Layer(cell, 4), Layer(cell, 4)), INPUTS, OUTPUTS, "squared", seed=5)


def make(truncation: Truncation, cell: str = "lstm", rate: float = 0.01, **more: Any) -> Learner:
    options = {"dtype": np.float64, "max_streams": 3, **more}
    learner = Learner(architecture(cell), Optimization("adam", rate), truncation, **options)
    # The head begins at zero, where no gradient would reach the cells.
    net = learner.network
    head = net.head(net.parameters)
    head[:] = np.random.default_rng(1).normal(size=head.shape) * 0.4
    return learner


class NaiveLearner:
    """Keeps all steps of each stream, and runs the window again with the weights in force."""

    def __init__(self, truncation: Truncation, cell: str, rate: float) -> None:
        self.truncation = truncation
        source = make(truncation, cell, rate).network
        self.network = Network(architecture(cell), 200, np.float64)
        self.network.model[:] = source.model
        Optimization("adam", rate).fill(self.network.shape, self.network.settings)
        self.streams: dict[str, dict[str, Any]] = {}
        self.step = 0
        self.lessons: list[tuple[float, float]] = []

    def event(self, key: str, x: Any, target: Any, known: Any) -> NDArray[Any]:
        """Predict a step, then learn; the target is that of the step ``lag`` steps before."""
        net, lag = self.network, self.truncation.lag
        size = net.state_size
        stream = self.streams.setdefault(
            key,
            {"state": np.zeros(size), "origin": np.zeros(size), "start": 0, "learned": 0}
            | {"x": [], "y": [], "known": []},
        )
        outputs: NDArray[Any] = net.forward(x[np.newaxis], stream["state"])[0].copy()
        net.state_after(1, stream["state"])
        stream["x"].append(x)
        stream["y"].append(np.zeros(OUTPUTS))
        stream["known"].append(np.zeros(OUTPUTS, bool))
        if len(stream["x"]) > lag:
            stream["y"][-1 - lag], stream["known"][-1 - lag] = target, known
        self._learn(stream)
        return outputs

    def _learn(self, stream: dict[str, Any]) -> None:
        net, t = self.network, self.truncation
        end = len(stream["x"]) - t.lag
        if end - stream["learned"] < t.stride:
            return
        inputs = np.array(stream["x"][stream["start"] : end])
        targets = np.array(stream["y"][stream["start"] : end])
        counted = np.array(stream["known"][stream["start"] : end])
        counted[: stream["learned"] - stream["start"]] = False
        first = max(0, len(inputs) - t.window)
        net.forward(inputs, stream["origin"])
        start = max(stream["start"], end + t.stride - t.window) if t.stride <= t.window else end
        origin = stream["origin"].copy()
        net.state_after(start - stream["start"], origin)
        if counted[first:].any():
            loss = net.backward(inputs, targets, counted, first)
            self.step += 1
            norm = model_update(net.shape, net.settings, net.model, net.gradient, self.step)
            self.lessons.append((loss, norm))
        # A window that is used up begins again at the present.
        stream["origin"] = stream["state"].copy() if start == len(stream["x"]) else origin
        stream["start"], stream["learned"] = start, end


def events_of(keys: list[str], count: int) -> Events:
    generator = np.random.default_rng(2)
    return [
        (
            keys[generator.integers(len(keys))],
            generator.normal(size=INPUTS),
            generator.normal(size=OUTPUTS),
            generator.random(OUTPUTS) < 0.7,
        )
        for _ in range(count)
    ]


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("lag", [0, 1, 3])
@pytest.mark.parametrize(("window", "stride"), [(4, 4), (4, 1), (4, 3), (2, 5), (1, 1)])
@pytest.mark.parametrize("keys", [["a"], ["a", "b"]])
def test_it_is_the_learner_that_keeps_everything(
    keys: list[str], window: int, stride: int, lag: int, cell: str
) -> None:
    truncation = Truncation(window, stride, lag)
    learner, naive = make(truncation, cell), NaiveLearner(truncation, cell, 0.01)
    lessons = []
    for key, x, target, known in events_of(keys, 60):
        row = learner.streams.row(key)
        outputs = learner.advance(row, x).copy()
        np.testing.assert_allclose(outputs, naive.event(key, x, target, known), rtol=1e-9)
        for output in np.flatnonzero(known):
            learner.teach(row, lag, int(output), target[output])
        if lesson := learner.learn(row):
            lessons.append((lesson.loss, lesson.gradient_norm))
    assert len(lessons) > 60 // stride // 4
    np.testing.assert_allclose(lessons, naive.lessons, rtol=1e-9)
    parameters = learner.network.parameters
    np.testing.assert_allclose(parameters, naive.network.parameters, rtol=1e-7, atol=1e-12)


def run(learner: Learner, events: Events) -> bytes:
    """Work through events one by one; return the bits of all outputs."""
    bits = []
    for key, x, target, known in events:
        row = learner.streams.row(key)
        bits.append(learner.advance(row, x).tobytes())
        for output in np.flatnonzero(known):
            learner.teach(row, 0, int(output), target[output])
        learner.learn(row)
    return b"".join(bits)


def test_it_learns_to_repeat_an_input() -> None:
    learner = make(Truncation(4, 1))
    row, generator = learner.streams.row("a"), np.random.default_rng(0)
    losses = []
    for x in generator.normal(size=(1500, INPUTS)):
        learner.advance(row, x)
        learner.teach(row, 0, 0, float(x[0]))
        lesson = learner.learn(row)
        assert lesson is not None
        losses.append(lesson.loss)
    assert np.mean(losses[-100:]) < np.mean(losses[:100]) / 20


@pytest.mark.parametrize("own_weights", [False, True])
def test_a_restart_goes_on_with_the_same_bits(own_weights: bool) -> None:
    events = events_of(["a", "b"], 90)
    learner = make(Truncation(5, 2), own_weights=own_weights)
    run(learner, events[:47])
    saved, step = copy.deepcopy(learner), learner.step
    expected = run(learner, events[47:])
    other = make(Truncation(5, 2), own_weights=own_weights)
    other.restore(saved.state())
    assert other.step == step > 0
    assert run(other, events[47:]) == expected


def test_own_weights_are_those_of_a_learner_for_each_stream() -> None:
    events = events_of(["a", "b"], 80)
    together = make(Truncation(5, 2), own_weights=True)
    alone = {key: make(Truncation(5, 2)) for key in ("a", "b")}
    assert run(together, events) == b"".join(run(alone[event[0]], [event]) for event in events)
    assert together.step == alone["a"].step + alone["b"].step


def test_a_gradient_that_is_not_finite_changes_no_weight() -> None:
    learner = make(Truncation(2, 1))
    run(learner, events_of(["a"], 5))
    row, weights = learner.streams.row("a"), learner.network.parameters.copy()
    step = learner.step
    learner.advance(row, np.ones(INPUTS))
    learner.teach(row, 0, 0, math.inf)
    with pytest.raises(RecordError, match="not finite"):
        learner.learn(row)
    assert learner.network.parameters.tobytes() == weights.tobytes()
    assert (learner.step, learner.undone) == (step, 1)


def test_outputs_that_are_not_finite_leave_the_stream() -> None:
    learner = make(Truncation(2, 1))
    row = learner.streams.row("a")
    learner.network.parameters[:] = math.nan
    state = learner.streams["numbers"][row].copy()
    with pytest.raises(RecordError, match="not finite"):
        learner.advance(row, np.ones(INPUTS))
    np.testing.assert_array_equal(learner.streams["numbers"][row], state)


def test_a_target_of_a_step_long_gone_is_passed_over() -> None:
    learner = make(Truncation(2, 1))
    row = learner.streams.row("a")
    learner.teach(row, 0, 0, 1.0)
    learner.advance(row, np.ones(INPUTS))
    learner.teach(row, 1, 0, 1.0)
    assert learner.learn(row) is None


def test_the_stream_idle_longest_makes_way() -> None:
    streams = make(Truncation(2, 1)).streams
    for key in ("a", "b", "c", "a"):
        streams["numbers"][streams.row(key)] = ord(key)
    assert not streams["numbers"][streams.row("d")].any()
    assert [*streams.keys()] == ["c", "a", "d"]
    assert streams.evicted == 1
    assert streams["numbers"][streams.row("a"), 0] == ord("a")


def test_symbols_are_learned_one_by_one() -> None:
    """Which symbol comes next depends on the one before the last."""
    symbols = [0, 1, 2, 1, 3, 4] * 300
    net = Architecture((Layer("lstm", 16),), 8, 5, "softmax", symbols=5, norm=True)
    learner = Learner(net, Optimization("adam", 0.01), Truncation(12, 4, lag=1))
    row, hits = learner.streams.row("a"), []
    for before, after in pairwise(symbols):
        learner.teach(row, 0, 0, before)
        learner.learn(row)
        outputs = learner.advance(row, np.array([before], np.float32))
        hits.append(outputs.argmax() == after)
    assert np.mean(hits[-300:]) == 1.0


def test_learning_goes_on_from_the_present_after_a_time_without() -> None:
    """Steps that were not kept must not leave a window whose start lies before them."""
    events = events_of(["a"], 60)
    idle = make(Truncation(4, 2), enabled=False)
    for _, x, _, _ in events[:30]:
        idle.advance(idle.streams.row("a"), x)
    learner = make(Truncation(4, 2))
    learner.restore(idle.state())
    size = learner.network.state_size
    numbers = learner.streams["numbers"][0]
    assert numbers[:size].any()
    np.testing.assert_array_equal(numbers[:size], numbers[size : 2 * size])


def test_what_a_live_stream_cannot_do_is_refused() -> None:
    both_ways = Architecture((Layer("rnn", 2, bidirectional=True),), 1, 1, "squared")
    with pytest.raises(ValueError, match="bidirectional"):
        Learner(both_ways, Optimization(), Truncation(2, 1))
    network = Network(both_ways, 3, np.float64)
    network.forward(np.ones((3, 1)), np.zeros(2))
    with pytest.raises(ValueError, match="bidirectional"):
        network.backward(np.ones((3, 1)), np.ones((3, 1)), np.ones((3, 1), bool), 1)
    learner = make(Truncation(2, 1))
    for _ in range(2):
        learner.advance(0, np.ones(INPUTS))
    with pytest.raises(RuntimeError, match="window was full"):
        learner.advance(0, np.ones(INPUTS))
