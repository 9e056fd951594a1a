"""Every cell and stack against the equations, and against itself."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import DTypeLike, NDArray

from streamrnn.cells import CELLS
from streamrnn.layers.stack import Layer
from streamrnn.learner.network import Architecture, Network
from tests.kernels import naive

SIZES = [(1, 1, 1), (3, 5, 7), (8, 16, 16), (9, 17, 33)]


def make(
    layers: tuple[Layer, ...],
    inputs: int,
    steps: int,
    *,
    norm: bool,
    dtype: DTypeLike,
    outputs: int = 3,
    symbols: int = 0,
) -> Network:
    """Return a network whose parameters are all random, the same for every type of number."""
    architecture = Architecture(layers, inputs, outputs, "squared", norm=norm, symbols=symbols)
    network = Network(architecture, steps, dtype)
    generator = np.random.default_rng(3)
    flat = network.parameters
    for part in (*network.weights(flat), network.head(flat), network.embedding(flat)):
        part[:] = generator.normal(size=part.shape) * 0.3
    return network


def naive_outputs(network: Network, inputs: NDArray[Any], state: NDArray[Any]) -> NDArray[Any]:
    """Run a stack with skips by the equations."""
    features, below, place = [inputs], np.zeros((len(inputs), 0)), 0
    weights = iter(network.weights(network.parameters))
    for layer in network.architecture.layers:
        entered, parts = np.hstack([inputs, below]), []
        for reverse in range(1 + layer.bidirectional):
            size = layer.hidden * (2 if layer.cell == "lstm" else 1)
            first = np.zeros(size) if reverse else state[place : place + size]
            seen = entered[::-1] if reverse else entered
            states = naive.CELLS[layer.cell](next(weights), seen, first)
            parts.append(states[::-1] if reverse else states)
            place += 0 if reverse else size
        below = np.hstack(parts)
        features.append(below)
    head = network.head(network.parameters)
    outputs: NDArray[Any] = np.hstack(features) @ head[:-1] + head[-1]
    return outputs


@pytest.mark.parametrize(("inputs", "hidden", "steps"), SIZES)
@pytest.mark.parametrize("norm", [False, True])
@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-12), (np.float32, 3e-6)])
def test_a_run_follows_the_equations(
    name: str, norm: bool, inputs: int, hidden: int, steps: int, dtype: type, tolerance: float
) -> None:
    generator = np.random.default_rng(4)
    network = make((Layer(name, hidden),), inputs, steps, norm=norm, dtype=dtype)
    exact = make((Layer(name, hidden),), inputs, steps, norm=norm, dtype=np.float64)
    x = generator.normal(size=(steps, inputs))
    state = generator.normal(size=network.state_size) * 0.5
    outputs = network.forward(x.astype(dtype), state.astype(dtype))
    np.testing.assert_allclose(outputs, naive_outputs(exact, x, state), atol=tolerance)


def test_a_stack_of_all_cells_both_ways_follows_the_equations() -> None:
    layers = Layer("lstm", 4, bidirectional=True), Layer("gru", 3), Layer("rnn", 5, True)
    network = make(layers, 2, 6, norm=False, dtype=np.float64)
    generator = np.random.default_rng(5)
    x, state = generator.normal(size=(6, 2)), generator.normal(size=network.state_size)
    outputs = network.forward(x, state)
    np.testing.assert_allclose(outputs, naive_outputs(network, x, state), atol=1e-12)


def test_a_symbol_is_its_row_of_the_table() -> None:
    layers = (Layer("gru", 4),)
    network = make(layers, 3, 5, norm=False, dtype=np.float64, symbols=7)
    numbers = make(layers, 3, 5, norm=False, dtype=np.float64)
    numbers.weights(numbers.parameters)[0][:] = network.weights(network.parameters)[0]
    numbers.head(numbers.parameters)[:] = network.head(network.parameters)
    symbols, state = np.array([[6.0], [0], [3], [3], [1]]), np.zeros(4)
    table = network.embedding(network.parameters)
    expected = numbers.forward(table[symbols[:, 0].astype(int)], state)
    np.testing.assert_array_equal(network.forward(symbols, state), expected)


@pytest.mark.parametrize("norm", [False, True])
@pytest.mark.parametrize("name", CELLS)
def test_a_run_has_the_same_bits_in_any_parts(name: str, norm: bool) -> None:
    network = make((Layer(name, 19), Layer(name, 5)), 5, 23, norm=norm, dtype=np.float32)
    inputs = np.random.default_rng(4).normal(size=(23, 5)).astype(np.float32)
    state = np.zeros(network.state_size, np.float32)
    whole, parts = network.forward(inputs, state).copy(), []
    for part in np.split(inputs, [1, 2, 9]):
        parts.append(network.forward(part, state).copy())
        network.state_after(len(part), state)
    assert np.concatenate(parts).tobytes() == whole.tobytes()


def test_a_run_that_is_too_long_or_too_wide_is_refused() -> None:
    network = make((Layer("rnn", 2),), 3, 4, norm=False, dtype=np.float64)
    for shape in ((5, 3), (4, 2)):
        with pytest.raises(ValueError, match="expected at most 4 steps of 3 numbers"):
            network.forward(np.zeros(shape), np.zeros(2))
