"""The network over whole sequences: its outputs, its gradients, its growth and learning steps."""

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from streamrnn.kernels import losses, whole
from streamrnn.kernels import network as plans
from streamrnn.kernels.views import view
from streamrnn.layers.stack import Layer
from streamrnn.learner.optimization import Optimization
from streamrnn.learner.sequence_network import FIRST_STEPS, SequenceArchitecture, SequenceNetwork
from tests.kernels import naive

Array = NDArray[Any]

WRITTEN = (Path(__file__).parent / "golden.json").read_text(encoding="utf-8")
GOLDEN = json.loads(WRITTEN)["sequences"]

EXACT = Optimization("sgd", 1.0, schedule="constant", beta1=0.0, clip=math.inf)
"""Subtracts the gradient."""

LSTM = SequenceArchitecture((Layer("lstm", 3),), 2, 2)
BOTH_WAYS = replace(LSTM, layers=(Layer("lstm", 3, bidirectional=True),))
CELLS = (Layer("gru", 3, bidirectional=True), Layer("rnn", 2, bidirectional=True))
LONG = 2 * FIRST_STEPS + 3

CASES: dict[str, tuple[SequenceArchitecture, int]] = {
    "each step": (replace(LSTM, pooling=()), 6),
    "last": (replace(BOTH_WAYS, pooling=("last",)), 6),
    "mean": (replace(LSTM, pooling=("mean",)), 6),
    "max": (replace(LSTM, pooling=("max",)), 6),
    "all, in any order": (replace(BOTH_WAYS, pooling=("max", "last", "mean")), 6),
    "parts": (replace(LSTM, pooling=("mean",), parts=3), 7),
    "more parts than steps": (replace(LSTM, parts=5), 3),
    "one output": (replace(LSTM, outputs=1), 5),
    "rnn": (replace(LSTM, layers=(Layer("rnn", 3),)), 5),
    "gru": (replace(LSTM, layers=(Layer("gru", 3),)), 5),
    "two layers both ways": (replace(LSTM, layers=CELLS), 5),
    "norm": (replace(BOTH_WAYS, norm=True), 5),
    "convolution": (replace(LSTM, seen=3, channels=3), 5),
    "stride": (replace(BOTH_WAYS, seen=4, stride=2, channels=3), 9),
    "stride beyond what is seen": (replace(LSTM, seen=2, stride=3, channels=3, pooling=()), 8),
    "one step": (replace(BOTH_WAYS, parts=2), 1),
    "one frame": (replace(LSTM, seen=3, stride=2, channels=3), 1),
    "long": (replace(LSTM, layers=CELLS), LONG),
    "long, each step": (replace(LSTM, seen=3, stride=2, channels=2, pooling=()), LONG),
}
DROPPED = ("each step", "all, in any order", "stride", "long, each step")
WITH_DROPPED = CASES | {
    f"{name}, dropped out": (replace(CASES[name][0], dropout=0.4), CASES[name][1])
    for name in DROPPED
}


def made(architecture: SequenceArchitecture, optimization: Optimization = EXACT) -> SequenceNetwork:
    """Return a network with large weights; its code is that of all cells, compiled once."""
    network = SequenceNetwork(architecture, optimization, np.float64)
    network.uses = [True] * 3
    network.parameters[:] = np.random.default_rng(3).normal(size=network.size) * 0.5
    return network


def drawn(steps: int, seed: int = 1) -> Array:
    return np.random.default_rng(seed).normal(size=(steps, 2))


def weights_of(network: SequenceNetwork, flat: Array) -> tuple[Array, list[Array], Array]:
    """Return the weights of the convolution, of each cell and of the head: views of an array."""
    a, shape = network.architecture, network.shape
    width = shape[whole.POOLED] or shape[whole.FEATURES]
    return (
        view(flat, shape[whole.CONVOLUTION], (a.seen * a.inputs + 1, a.channels)),
        [
            view(flat, row[plans.WEIGHT], (row[plans.ROWS], row[plans.COLUMNS]))
            for row in network.plan
        ],
        view(flat, shape[whole.HEAD], (width + 1, a.outputs)),
    )


def values(network: SequenceNetwork, given: Array, *, learning: bool) -> Array:
    outputs: Array = network.forward(given, 7, learning=learning).copy()
    return outputs


def lesson(network: SequenceNetwork, given: Array) -> Array:
    """Go back from some loss; return its gradient."""
    network.backward(network.forward(given).copy())
    gradient: Array = network.gradient.copy()
    return gradient


@pytest.mark.parametrize("case", CASES)
def test_the_outputs_are_those_of_the_equations(case: str) -> None:
    architecture, steps = CASES[case]
    network, given = made(architecture), drawn(steps)
    expected = naive.sequence(architecture, *weights_of(network, network.parameters), given)
    np.testing.assert_allclose(values(network, given, learning=False), expected, rtol=1e-11)


@pytest.mark.parametrize("case", WITH_DROPPED)
def test_gradients(case: str) -> None:
    architecture, steps = WITH_DROPPED[case]
    network, given = made(architecture), drawn(steps)
    outputs = values(network, given, learning=True)
    wanted = np.random.default_rng(2).normal(size=outputs.shape)
    dgiven = network.backward(outputs - wanted).copy()
    gradient = network.gradient.copy()

    def loss() -> float:
        return float(((values(network, given, learning=True) - wanted) ** 2).sum() / 2)

    expected = naive.differences(network.parameters, loss)
    largest = np.abs(gradient).max()
    assert largest > 0.1
    np.testing.assert_allclose(gradient, expected, rtol=0, atol=1e-7 * largest)
    for each in weights_of(network, gradient)[1]:
        assert np.abs(each).max() > 1e-4
    if not architecture.seen:
        expected = naive.differences(given, loss)
        np.testing.assert_allclose(dgiven, expected, rtol=0, atol=1e-7 * np.abs(dgiven).max())


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-12), (np.float32, 1e-6)])
@pytest.mark.parametrize("golden", GOLDEN, ids=["cells", "convolution"])
def test_parity_with_pytorch(golden: dict[str, Any], dtype: type, tolerance: float) -> None:
    convolution = {name: golden[name] for name in ("seen", "stride", "channels")}
    architecture = SequenceArchitecture(BOTH_WAYS.layers, 3, 2, **convolution)
    network = SequenceNetwork(architecture, EXACT, dtype)
    if dtype is np.float64:
        network.uses = [True] * 3
    first, weights, head = weights_of(network, network.parameters)
    first[:], head[:] = golden["convolution"], golden["head"]
    for weight, expected in zip(weights, golden["weights"], strict=True):
        weight[:] = expected

    outputs = network.forward(np.array(golden["given"], dtype))
    doutputs: Array = np.empty((1, 2), dtype)
    label: Array = np.full((1, 1), golden["label"], dtype)
    value = losses.softmax(outputs, label, np.ones((1, 1), bool), doutputs)
    dinputs = network.backward(doutputs)

    assert outputs[0] == pytest.approx(golden["outputs"], rel=tolerance, abs=tolerance)
    assert value == pytest.approx(golden["value"], rel=tolerance)
    dfirst, dweights, dhead = weights_of(network, network.gradient)
    found = [dfirst if architecture.seen else dinputs, *dweights, dhead]
    largest = max(np.abs(expected).max() for expected in golden["gradients"])
    for gradient, expected in zip(found, golden["gradients"], strict=True):
        np.testing.assert_allclose(gradient, expected, rtol=0, atol=tolerance * largest)


def test_kinds_of_cells_that_are_not_there_are_left_out_of_the_code() -> None:
    for cell, expected in (("rnn", [True, None, None]), ("gru", [None, None, True])):
        network = SequenceNetwork(replace(LSTM, layers=(Layer(cell, 3),)), EXACT)
        assert network.uses == expected


@pytest.mark.parametrize("name", DROPPED)
def test_what_is_left_out_depends_on_the_key_and_only_while_learning(name: str) -> None:
    architecture, steps = WITH_DROPPED[f"{name}, dropped out"]
    network, given = made(architecture), drawn(steps)
    one, other = (network.forward(given, key, learning=True).copy() for key in (1, 2))
    assert (one != other).any()
    again = network.forward(given, 1, learning=True)
    assert again.tobytes() == one.tobytes()
    nothing = made(replace(architecture, dropout=0.0)).forward(given)
    assert network.forward(given, 1).tobytes() == nothing.tobytes() != one.tobytes()


def test_inputs_and_what_the_head_sees_are_left_out_each_by_itself() -> None:
    architecture = SequenceArchitecture((Layer("rnn", 1),), 1, 1, pooling=(), dropout=0.25)
    network = made(architecture)
    network.parameters[:] = 0
    weights_of(network, network.parameters)[2][:] = [[1], [0], [0]]
    forward, ones = network.forward, np.ones((3, 1))
    outputs = np.array([forward(ones, key, learning=True)[:, 0].copy() for key in range(2000)])
    assert np.unique(outputs) == pytest.approx([0, 1 / 0.75**2])
    assert (outputs > 0).mean(0) == pytest.approx([0.75**2] * 3, abs=0.04)


@pytest.mark.parametrize("name", ["each step", "stride", "two layers both ways"])
def test_room_for_longer_sequences_changes_nothing_else(name: str) -> None:
    network, given = made(CASES[name][0], Optimization()), drawn(6)
    before = network.forward(given).copy()
    lesson(network, given)
    network.update()
    model, once = network.model.copy(), network.forward(given).copy()
    assert (once != before).any()
    for steps in (FIRST_STEPS + 1, 5 * FIRST_STEPS):
        longer = network.forward(drawn(steps)).copy()
        assert network.model.tobytes() == model.tobytes()
        assert network.forward(given).tobytes() == once.tobytes()
        assert network.forward(drawn(steps)).tobytes() == longer.tobytes()


def test_the_mean_gradient_of_sequences_of_any_length_is_subtracted() -> None:
    network = made(BOTH_WAYS)
    for lengths in ((3,), (1, 2 * FIRST_STEPS, 7), (4, 4)):
        before, gradients = network.parameters.copy(), []
        for seed, steps in enumerate(lengths):
            gradients.append(lesson(network, drawn(steps, seed)))
            fresh = made(BOTH_WAYS)
            fresh.parameters[:] = before
            assert gradients[-1].tobytes() == lesson(fresh, drawn(steps, seed)).tobytes()
        norm, mean = network.update(), np.mean(gradients, axis=0)
        assert norm == pytest.approx(np.linalg.norm(mean))
        np.testing.assert_allclose(network.parameters, before - mean, rtol=1e-11, atol=1e-14)
    assert network.updates == 3


def test_without_a_gradient_nothing_is_changed() -> None:
    network = made(BOTH_WAYS, Optimization())
    lesson(network, drawn(5))
    network.update()
    model = network.model.copy()
    lesson(network, drawn(5))
    network.forget()
    assert math.isnan(network.update())
    assert network.model.tobytes() == model.tobytes()
    assert network.updates == 1


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_a_gradient_that_is_not_finite_changes_nothing(number: float) -> None:
    network, twin = (made(BOTH_WAYS, Optimization()) for _ in range(2))
    for each in (network, twin):
        lesson(each, drawn(5))
        each.update()
    model = network.model.copy()
    lesson(network, drawn(5))
    network.forward(drawn(8, 3))
    network.backward(np.array([[number, 1.0]]))
    assert not math.isfinite(network.update())
    assert network.model.tobytes() == model.tobytes()
    assert network.updates == 1
    for each in (network, twin):
        lesson(each, drawn(5, 4))
        each.update()
    assert network.model.tobytes() == twin.model.tobytes() != model.tobytes()
