"""Gradients against finite differences in float64, and against PyTorch's in a golden file."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from streamrnn.layers.stack import Layer
from streamrnn.learner.network import LOSSES, Architecture, Network
from tests.kernels import naive

GOLDEN = json.loads((Path(__file__).parent / "golden.json").read_text(encoding="utf-8"))["steps"]
LEVELS = (0.05, 0.5, 0.9, 0.95)

STACKS = {
    "rnn": (Layer("rnn", 5),),
    "lstm": (Layer("lstm", 5),),
    "gru": (Layer("gru", 5),),
    "two lstm": (Layer("lstm", 5), Layer("lstm", 4)),
    "all": (Layer("lstm", 4), Layer("gru", 5), Layer("rnn", 3)),
    "both ways": (Layer("lstm", 3, bidirectional=True), Layer("gru", 4, bidirectional=True)),
}


def targets_for(
    loss: str, steps: int, outputs: int, generator: np.random.Generator
) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Draw targets, most of them known."""
    width = 1 if loss == "softmax" else outputs
    known = generator.random((steps, width)) < 0.8
    if loss == "softmax":
        return generator.integers(0, outputs, (steps, 1)).astype(np.float64), known
    if loss == "logistic":
        return generator.integers(0, 2, (steps, outputs)).astype(np.float64), known
    return generator.normal(size=(steps, outputs)) * 2, known


def check_differences(network: Network, given: NDArray[Any], loss: str) -> None:
    """Hold the gradient of every parameter against a difference of the naive loss."""
    generator = np.random.default_rng(11)
    network.parameters[:] = generator.normal(size=network.size) * 0.5
    architecture = network.architecture
    state = generator.normal(size=network.state_size) * 0.5
    targets, known = targets_for(loss, len(given), architecture.outputs, generator)
    detail = np.array(architecture.detail)

    def value() -> float:
        return naive.loss(loss, network.forward(given, state), targets, known, detail)

    expected = value()
    assert network.backward(given, targets, known, 0) == pytest.approx(expected, rel=1e-12)
    gradient = network.gradient.copy()
    difference, epsilon = np.zeros_like(gradient), 1e-5
    for k in range(gradient.size):
        kept = network.parameters[k]
        network.parameters[k] = kept + epsilon
        above = value()
        network.parameters[k] = kept - epsilon
        below = value()
        network.parameters[k] = kept
        difference[k] = (above - below) / (2 * epsilon)
    assert np.abs(gradient).max() > 0.01
    np.testing.assert_allclose(gradient, difference, rtol=0, atol=1e-7 * np.abs(gradient).max())


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("outputs", [1, 4])
def test_every_loss(loss: str, outputs: int) -> None:
    # The softmax of a single output is 1 whatever it is.
    outputs += loss == "softmax"
    detail = LEVELS[:outputs] if loss == "pinball" else (0.7,)
    network = Network(Architecture(STACKS["lstm"], 3, outputs, loss, detail), 6, np.float64)
    check_differences(network, np.random.default_rng(1).normal(size=(6, 3)), loss)


@pytest.mark.parametrize("norm", [False, True])
@pytest.mark.parametrize("stack", STACKS)
def test_every_stack(stack: str, norm: bool) -> None:
    network = Network(Architecture(STACKS[stack], 3, 2, "squared", norm=norm), 6, np.float64)
    check_differences(network, np.random.default_rng(1).normal(size=(6, 3)), "squared")


def test_symbols() -> None:
    network = Network(Architecture(STACKS["all"], 3, 5, "softmax", symbols=5), 6, np.float64)
    check_differences(network, np.array([[0.0], [4], [2], [2], [1], [4]]), "softmax")


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-12), (np.float32, 1e-6)])
@pytest.mark.parametrize("golden", GOLDEN, ids=lambda g: f"{g['layers']}-{g['loss']}")
def test_parity_with_pytorch(golden: dict[str, Any], dtype: type, tolerance: float) -> None:
    layers = tuple(Layer(*layer) for layer in golden["layers"])

    def array(name: str) -> NDArray[Any]:
        return np.array(golden[name], dtype)

    inputs, head, targets = array("inputs"), array("head"), array("targets")
    detail = tuple(golden["detail"])
    architecture = Architecture(layers, inputs.shape[1], head.shape[1], golden["loss"], detail)
    network = Network(architecture, len(inputs), dtype)
    for weight, values in zip(network.weights(network.parameters), golden["weights"], strict=True):
        weight[:] = np.array(values)
    network.head(network.parameters)[:] = head

    outputs = network.forward(inputs, array("state")).copy()
    value = network.backward(inputs, targets, np.ones(targets.shape, bool), 0)

    np.testing.assert_allclose(outputs, golden["outputs"], atol=tolerance * 10)
    assert value == pytest.approx(golden["value"], rel=tolerance * 10)
    expected = [np.array(g) for g in [*golden["dweights"], golden["dhead"]]]
    largest = max(np.abs(gradient).max() for gradient in expected)
    gradients = [*network.weights(network.gradient), network.head(network.gradient)]
    for gradient, wanted in zip(gradients, expected, strict=True):
        np.testing.assert_allclose(gradient, wanted, atol=tolerance * largest)
