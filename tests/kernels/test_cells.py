"""Every cell against the equations, against its plain Python function, and against itself."""

import numpy as np
import pytest

from streamrnn.cells import CELLS
from streamrnn.kernels.lstm import lstm_forward
from streamrnn.kernels.rnn import rnn_forward
from tests.kernels.naive import lstm, rnn

SIZES = [(1, 1, 1), (3, 5, 7), (8, 16, 16), (9, 17, 33)]


@pytest.mark.parametrize(("inputs", "hidden", "steps"), SIZES)
@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-12), (np.float32, 3e-6)])
def test_a_run_follows_the_equations(
    name: str, inputs: int, hidden: int, steps: int, dtype: type, tolerance: float
) -> None:
    generator = np.random.default_rng(3)
    cell = CELLS[name](inputs, hidden, steps, dtype)
    weight = generator.normal(size=cell.weight_shape) * 0.3
    x = generator.normal(size=(steps, inputs))
    state = generator.normal(size=cell.state_size) * 0.5
    h, c = state[:hidden], state[hidden:]
    expected = rnn(weight, x, h) if name == "rnn" else lstm(weight, x, h, c)[0]
    result = cell.forward(weight.astype(dtype), x.astype(dtype), state.astype(dtype))
    np.testing.assert_allclose(result, expected, atol=tolerance)


@pytest.mark.parametrize("name", CELLS)
def test_a_run_has_the_same_bits_in_any_parts(name: str) -> None:
    generator = np.random.default_rng(4)
    cell = CELLS[name](5, 19, 23, np.float32)
    weight = generator.normal(size=cell.weight_shape).astype(np.float32)
    inputs = generator.normal(size=(23, 5)).astype(np.float32)
    state = np.zeros(cell.state_size, np.float32)
    whole = cell.forward(weight, inputs, state).copy()
    parts = []
    for part in np.split(inputs, [1, 2, 9]):
        parts.append(cell.forward(weight, part, state).copy())
        cell.state_after(len(part), state)
    assert np.concatenate(parts).tobytes() == whole.tobytes()


def test_the_plain_functions_compute_the_same() -> None:
    generator = np.random.default_rng(5)
    inputs, hidden, steps = 3, 4, 5
    weight = generator.normal(size=(inputs + hidden + 1, 4 * hidden))
    joined = generator.normal(size=(steps + 1, inputs + hidden))
    cell, gates = generator.normal(size=(steps + 1, hidden)), np.zeros((steps, 4 * hidden))
    plain = [joined.copy(), cell.copy(), gates.copy()]
    lstm_forward.py_func(weight, *plain)
    lstm_forward(weight, joined, cell, gates)
    for left, right in zip(plain, [joined, cell, gates], strict=True):
        np.testing.assert_allclose(left, right, atol=1e-12)

    elman = np.ascontiguousarray(weight[:, :hidden])
    plain_joined = joined.copy()
    rnn_forward.py_func(elman, plain_joined)
    rnn_forward(elman, joined)
    np.testing.assert_allclose(plain_joined, joined, atol=1e-12)
