"""The plain Python functions of the cells, both ways, with and without RMSNorm."""

from typing import Any

import numpy as np
import pytest

from streamrnn.cells import CELLS
from streamrnn.kernels.gru import gru_backward, gru_forward
from streamrnn.kernels.lstm import lstm_backward, lstm_forward
from streamrnn.kernels.rnn import rnn_backward, rnn_forward

INPUTS, HIDDEN, STEPS = 3, 4, 6

# The arrays of each, by name and in order.
KERNELS: list[tuple[str, Any, str]] = [
    ("rnn", rnn_forward, "weight joined gates normalised inverse"),
    ("lstm", lstm_forward, "weight joined cell gates normalised inverse"),
    ("gru", gru_forward, "weight joined gates dgates normalised inverse"),
    ("rnn", rnn_backward, "weight joined gates normalised inverse dhidden dgates djoined dweight"),
    (
        "lstm",
        lstm_backward,
        "weight joined cell gates normalised inverse dhidden dlater dgates djoined dweight",
    ),
    (
        "gru",
        gru_backward,
        "weight joined gates normalised inverse dhidden dlater dgates djoined dweight",
    ),
]


@pytest.mark.parametrize("norm", [False, True])
@pytest.mark.parametrize(
    ("name", "kernel", "arrays"), KERNELS, ids=[k[1].py_func.__name__ for k in KERNELS]
)
def test_the_plain_function_computes_the_same(
    name: str, kernel: Any, arrays: str, norm: bool
) -> None:
    cell, generator = CELLS[name], np.random.default_rng(5)
    columns = cell.blocks * HIDDEN
    weight = cell.rows(INPUTS, HIDDEN, norm=norm), columns
    shapes = {
        "weight": weight,
        "joined": (STEPS + 1, INPUTS + HIDDEN),
        "cell": (STEPS + 1, HIDDEN),
        "gates": (STEPS, cell.gates * HIDDEN),
        "normalised": (cell.products, STEPS, columns),
        "inverse": (cell.products, STEPS, cell.blocks),
        "dhidden": (STEPS, HIDDEN),
        "dlater": (HIDDEN,),
        "dgates": (cell.products, STEPS, columns),
        "djoined": (STEPS + 1, INPUTS + HIDDEN),
        "dweight": weight,
    }
    drawn = [generator.uniform(0.1, 0.9, shapes[array]) for array in arrays.split()]
    plain, compiled = ([array.copy() for array in drawn] for _ in range(2))
    # Not the whole run, so that both bounds count.
    kernel.py_func(*plain, 1, STEPS - 1)
    kernel(*compiled, 1, STEPS - 1)
    changed = [not np.array_equal(a, b) for a, b in zip(drawn, compiled, strict=True)]
    assert sum(changed) >= 2
    for array, left, right in zip(arrays.split(), plain, compiled, strict=True):
        np.testing.assert_allclose(left, right, rtol=1e-12, atol=1e-12, err_msg=array)
