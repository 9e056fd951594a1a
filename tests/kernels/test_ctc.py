"""Transcripts' loss against all paths one by one, finite differences, and PyTorch's in a file."""

import json
import math
from collections.abc import Iterator, Sequence
from itertools import groupby, product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from streamrnn.kernels.ctc import log_shares, steps_needed, transcript_loss
from tests.kernels import naive

Array = NDArray[Any]

FILE = Path(__file__).parent / "golden.json"
GOLDEN = json.loads(FILE.read_text(encoding="utf-8"))["transcripts"]
seeds = st.integers(0, 2**32 - 1)
transcripts = st.lists(st.integers(1, 2), max_size=4)


def transcript_of(path: Sequence[int]) -> tuple[int, ...]:
    """Return what a path says."""
    return tuple(symbol for symbol, _ in groupby(path) if symbol)


def chances(outputs: Array) -> Iterator[tuple[tuple[int, ...], float]]:
    """Return the transcript and the chance of each path."""
    shares = np.exp(outputs) / np.exp(outputs).sum(1, keepdims=True)
    for path in product(range(outputs.shape[1]), repeat=len(outputs)):
        yield transcript_of(path), math.prod(shares[t, k] for t, k in enumerate(path))


def lost(outputs: Array, transcript: Sequence[int]) -> tuple[float, Array]:
    """Return loss and gradient; what there is room for is filled with what must not be seen."""
    states = 2 * len(transcript) + 1
    forward, backward = np.full((len(outputs), states), math.nan), np.full((2, states), math.nan)
    logs, doutputs = np.full(outputs.shape, math.nan), np.full_like(outputs, math.nan)
    symbols = np.array(transcript, np.int64)
    loss = transcript_loss(outputs, symbols, logs, forward, backward, doutputs)
    return loss, doutputs


@given(seeds, st.integers(1, 6), transcripts)
@settings(deadline=None, max_examples=60)
def test_the_loss_and_its_gradient_are_those_over_all_paths(
    seed: int, steps: int, transcript: list[int]
) -> None:
    outputs = np.random.default_rng(seed).normal(size=(steps, 3)) * 2
    wanted = tuple(transcript)

    def cost() -> float:
        return -math.log(sum(chance for said, chance in chances(outputs) if said == wanted))

    loss, gradient = lost(outputs, transcript)
    if any(said == wanted for said, _ in chances(outputs)):
        assert steps >= steps_needed(np.array(transcript, np.int64))
        assert loss == pytest.approx(cost(), abs=1e-12)
        np.testing.assert_allclose(gradient, naive.differences(outputs, cost), rtol=0, atol=1e-7)
    else:
        assert steps < steps_needed(np.array(transcript, np.int64))
        assert loss == math.inf
        assert not gradient.any()


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-12), (np.float32, 1e-6)])
@pytest.mark.parametrize("golden", GOLDEN, ids=lambda g: str(g["transcript"]))
def test_parity_with_pytorch(golden: dict[str, Any], dtype: type, tolerance: float) -> None:
    loss, gradient = lost(np.array(golden["outputs"], dtype), golden["transcript"])
    assert loss == pytest.approx(golden["value"], rel=tolerance)
    assert gradient.dtype == dtype
    np.testing.assert_allclose(gradient, golden["gradient"], rtol=0, atol=tolerance)


def test_without_steps_only_nothing_is_said() -> None:
    assert lost(np.zeros((0, 3)), [])[0] == 0
    assert lost(np.zeros((0, 3)), [1])[0] == math.inf


def test_repeats_need_a_step_between() -> None:
    assert lost(np.zeros((2, 2)), [1, 1])[0] == math.inf
    # Only one path says it, of two to the third.
    assert lost(np.zeros((3, 2)), [1, 1])[0] == pytest.approx(3 * math.log(2))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_long_transcripts_and_large_outputs_are_finite(dtype: type) -> None:
    generator = np.random.default_rng(1)
    outputs: Array = (generator.normal(size=(3000, 30)) * 300).astype(dtype)
    loss, gradient = lost(outputs, generator.integers(1, 30, 1000).tolist())
    assert 1e5 < loss < math.inf
    # A step's shares sum to one, and so do those that are right.
    np.testing.assert_allclose(gradient.sum(1), 0, atol=1e-5 if dtype is np.float32 else 1e-7)
    assert np.abs(gradient).max() == pytest.approx(1, abs=1e-6)


def test_a_likely_transcript_costs_nothing() -> None:
    outputs = np.zeros((5, 3))
    outputs[range(5), [0, 1, 1, 0, 2]] = 1000
    loss, gradient = lost(outputs, [1, 2])
    assert loss == pytest.approx(0, abs=1e-12)
    np.testing.assert_allclose(gradient, 0, atol=1e-12)


def test_shares_of_a_step_sum_to_one() -> None:
    outputs = np.array([[1000.0, 999, -1000], [0, 0, 0]])
    logs = np.full_like(outputs, math.nan)
    log_shares(outputs, logs)
    np.testing.assert_allclose(np.exp(logs).sum(1), 1)
    assert logs[0, 2] == pytest.approx(-2000, abs=1)
