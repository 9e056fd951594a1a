"""Truncated backpropagation through time, step by step against the whole unrolled run."""

import math

import numpy as np
import pytest

from streamrnn.cells import CELLS
from streamrnn.errors import RecordError
from streamrnn.kernels.products import Array
from streamrnn.learner.learner import Learner, Truncation, stream_fields
from streamrnn.learner.network import Network
from streamrnn.learner.streams import Streams
from streamrnn.losses import LOSSES
from streamrnn.optimizers import Adam

INPUTS, OUTPUTS = 3, 2


def make(
    truncation: Truncation, cell: str = "lstm", rate: float = 0.01
) -> tuple[Network, Learner, Streams]:
    network = Network(
        cell=cell,
        inputs=INPUTS,
        hidden=4,
        layers=2,
        outputs=OUTPUTS,
        steps=truncation.run,
        seed=5,
        dtype=np.float64,
    )
    optimizer = Adam(network.parameters.size, np.float64, rate)
    streams = Streams(stream_fields(network, truncation), most=3)
    return network, Learner(network, optimizer, LOSSES["squared"], truncation, streams), streams


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("lag", [0, 1, 3])
@pytest.mark.parametrize(("window", "stride"), [(4, 4), (4, 1), (4, 3), (2, 5), (1, 1)])
def test_the_gradient_is_that_of_the_unrolled_window(
    window: int, stride: int, lag: int, cell: str
) -> None:
    """With a rate of zero the weights stay, so the whole past can be run again to compare."""
    truncation = Truncation(window, stride, lag)
    network, learner, streams = make(truncation, cell, rate=0.0)
    network.parameters[:] = np.random.default_rng(1).normal(size=network.parameters.size) * 0.4
    whole = Network(
        cell=cell,
        inputs=INPUTS,
        hidden=4,
        layers=2,
        outputs=OUTPUTS,
        steps=40,
        seed=5,
        dtype=np.float64,
    )
    whole.parameters[:] = network.parameters
    generator = np.random.default_rng(2)
    inputs, targets = generator.normal(size=(30, INPUTS)), generator.normal(size=(30, OUTPUTS))
    known = generator.random((30, OUTPUTS)) < 0.7
    row, lessons = streams.row("a"), 0
    for t in range(30):
        learner.advance(row, inputs[t])
        if t >= lag:
            for output in np.flatnonzero(known[t - lag]):
                learner.teach(row, lag, int(output), targets[t - lag, output])
        lesson = learner.learn(row)
        if lesson is None:
            continue
        lessons += 1
        ready = t + 1 - lag
        first, counted = max(0, ready - window), np.zeros_like(known)
        counted[max(first, ready - stride) : ready] = known[max(first, ready - stride) : ready]
        state = np.zeros(whole.state_size)
        outputs = whole.forward(inputs[:ready], state)
        loss = whole.backward(outputs, LOSSES["squared"], targets[:ready], counted[:ready], first)
        assert lesson.loss == pytest.approx(loss, rel=1e-12)
        norm = np.linalg.norm(whole.gradient)
        assert lesson.gradient_norm == pytest.approx(norm, rel=1e-10)
    assert lessons > 30 // stride // 2


def steps_of(learner: Learner, row: int, inputs: Array) -> list[bytes]:
    outputs = []
    for x in inputs:
        outputs.append(learner.advance(row, x).tobytes())
        learner.teach(row, 0, 0, float(x[0]))
        learner.learn(row)
    return outputs


def test_it_learns_to_repeat_an_input() -> None:
    _, learner, streams = make(Truncation(4, 1, 0))
    row, generator = streams.row("a"), np.random.default_rng(0)
    losses = []
    for x in generator.normal(size=(1500, INPUTS)):
        learner.advance(row, x)
        learner.teach(row, 0, 0, float(x[0]))
        lesson = learner.learn(row)
        assert lesson is not None
        losses.append(lesson.loss)
    assert np.mean(losses[-100:]) < np.mean(losses[:100]) / 20


def test_a_restart_goes_on_with_the_same_bits() -> None:
    inputs = np.random.default_rng(3).normal(size=(60, INPUTS))
    _, learner, streams = make(Truncation(5, 2, 0))
    steps_of(learner, streams.row("a"), inputs[:33])
    step = learner.step
    tensors = {k: v.copy() for k, v in learner.tensors().items()}
    fields, keys = streams.tensors(), streams.keys()
    expected = steps_of(learner, streams.row("a"), inputs[33:])

    _, other, restored = make(Truncation(5, 2, 0))
    restored.restore(keys, 0, fields)
    other.restore(step, tensors)
    assert steps_of(other, restored.row("a"), inputs[33:]) == expected


def test_a_gradient_that_is_not_finite_changes_no_weight() -> None:
    network, learner, streams = make(Truncation(2, 1, 0))
    row = streams.row("a")
    steps_of(learner, row, np.ones((5, INPUTS)))
    weights, step = network.parameters.copy(), learner.step
    learner.advance(row, np.ones(INPUTS))
    learner.teach(row, 0, 0, math.inf)
    with pytest.raises(RecordError, match="not finite"):
        learner.learn(row)
    assert network.parameters.tobytes() == weights.tobytes()
    assert learner.step == step


def test_the_stream_idle_longest_makes_way() -> None:
    _, _, streams = make(Truncation(2, 1, 0))
    for key in ("a", "b", "c", "a"):
        streams["state"][streams.row(key)] = ord(key)
    assert streams["state"][streams.row("d")].tolist() == [0.0] * 16
    assert streams.keys() == ["c", "a", "d"]
    assert streams.evicted == 1
    assert streams["state"][streams.row("a"), 0] == ord("a")
