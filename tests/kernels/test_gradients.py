"""Gradients against finite differences in float64, and against PyTorch's in a golden file."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from streamrnn.cells import CELLS
from streamrnn.heads.linear import LinearHead
from streamrnn.learner.network import Network
from streamrnn.losses import LOSSES

GOLDEN = json.loads((Path(__file__).parent / "golden.json").read_text(encoding="utf-8"))


def targets_for(
    loss: str, steps: int, outputs: int, generator: np.random.Generator
) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Draw targets, most of them known."""
    if loss == "softmax_cross_entropy":
        return generator.integers(0, outputs, steps), generator.random(steps) < 0.8
    return generator.normal(size=(steps, outputs)) * 2, generator.random((steps, outputs)) < 0.8


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("cell", CELLS)
def test_finite_differences(cell: str, layers: int, loss: str) -> None:
    generator = np.random.default_rng(11)
    steps, inputs, outputs = 6, 3, 4
    network = Network(
        cell=cell,
        inputs=inputs,
        hidden=5,
        layers=layers,
        outputs=outputs,
        steps=steps,
        seed=2,
        dtype=np.float64,
    )
    network.parameters[:] = generator.normal(size=network.parameters.size) * 0.5
    x = generator.normal(size=(steps, inputs))
    state = generator.normal(size=network.state_size) * 0.5
    targets, known = targets_for(loss, steps, outputs, generator)

    def value() -> float:
        return network.backward(network.forward(x, state), LOSSES[loss], targets, known, 0)

    value()
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
    np.testing.assert_allclose(gradient, difference, atol=1e-7 * np.abs(gradient).max())


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-12), (np.float32, 1e-6)])
@pytest.mark.parametrize("golden", GOLDEN, ids=lambda g: "-".join(g["case"].values()))
def test_parity_with_pytorch(golden: dict[str, Any], dtype: type, tolerance: float) -> None:
    def array(name: str) -> NDArray[Any]:
        return np.array(golden[name], dtype=dtype)

    weight, head_weight, inputs = array("weight"), array("head"), array("inputs")
    steps, hidden, outputs = len(inputs), head_weight.shape[0] - 1, head_weight.shape[1]
    cell = CELLS[golden["case"]["cell"]](inputs.shape[1], hidden, steps, dtype)
    head = LinearHead(hidden, outputs, steps, dtype)
    state = np.concatenate([array("hidden"), array("cell")])[: cell.state_size]
    loss = golden["case"]["loss"]
    labelled = loss == "softmax_cross_entropy"
    targets = np.array(golden["labels"]) if labelled else array("targets")

    states = np.ascontiguousarray(cell.forward(weight, inputs, state))
    result = head.forward(head_weight, states)
    doutputs: NDArray[Any] = np.zeros((steps, outputs), dtype)
    value = LOSSES[loss](result, targets, np.ones(targets.shape, bool), doutputs)
    dweight, dhead = np.zeros_like(weight), np.zeros_like(head_weight)
    dstates = head.backward(head_weight, states, doutputs, dhead)
    dinputs = cell.backward(weight, dstates, dweight, 0)

    np.testing.assert_allclose(result, golden["outputs"], atol=tolerance * 10)
    assert value == pytest.approx(golden["value"], rel=tolerance * 10)
    largest = max(np.abs(g).max() for g in map(np.array, golden["gradients"].values()))
    for name, gradient in [("weight", dweight), ("head", dhead), ("inputs", dinputs)]:
        expected = np.array(golden["gradients"][name])
        np.testing.assert_allclose(gradient, expected, atol=tolerance * largest, err_msg=name)
