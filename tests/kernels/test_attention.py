"""Attention of a whole target to a whole source, and where it is told to look."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from streamrnn.kernels import attention, guidance
from tests.kernels import naive

Array = NDArray[Any]

WRITTEN = (Path(__file__).parent / "golden.json").read_text(encoding="utf-8")
GOLDEN = json.loads(WRITTEN)["attention"]
sizes = st.integers(1, 6)


def attended(encoded: Array, decoded: Array, bias: Array, width: int) -> tuple[Array, Array]:
    """Return the attention and the attentional states."""
    weights: Array = np.empty(bias.shape, encoded.dtype)
    states: Array = np.empty((len(decoded), width), encoded.dtype)
    attention.attend(encoded, decoded, bias, weights, states)
    return weights, states


def gone_back(
    encoded: Array, decoded: Array, weights: Array, states: Array, dstates: Array, dweights: Array
) -> tuple[Array, Array, Array]:
    """Return the gradients by what was encoded, by what was decoded, and by the bias."""
    dbias, dencoded, ddecoded = dweights.copy(), np.ones_like(encoded), np.ones_like(decoded)
    attention.attend_backward(encoded, decoded, weights, states, dstates, dbias, dencoded, ddecoded)
    return dencoded, ddecoded, dbias


def drawn(source: int, target: int, keys: int, width: int, seed: int = 1) -> list[Array]:
    generator = np.random.default_rng(seed)
    shapes = (source, keys + width), (target, keys + width), (target, source)
    return [generator.normal(size=shape) for shape in shapes]


@given(sizes, sizes, sizes, sizes, st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=30)
def test_attention_is_that_of_the_equations(
    source: int, target: int, keys: int, width: int, seed: int
) -> None:
    encoded, decoded, bias = drawn(source, target, keys, width, seed)
    weights, states = attended(encoded, decoded, bias, width)
    scores = np.exp(decoded[:, :keys] @ encoded[:, :keys].T + bias)
    expected = scores / scores.sum(1, keepdims=True)
    np.testing.assert_allclose(weights, expected, rtol=1e-11)
    made = np.tanh(expected @ encoded[:, keys:] + decoded[:, keys:])
    np.testing.assert_allclose(states, made, rtol=1e-10, atol=1e-13)


def test_scores_may_be_of_any_size() -> None:
    encoded, decoded, bias = drawn(3, 2, 2, 2)
    weights, states = attended(encoded * 1e4, decoded * 1e4, bias, 2)
    assert np.isfinite(states).all()
    np.testing.assert_allclose(weights.sum(1), 1)


@pytest.mark.parametrize(("source", "target", "keys", "width"), [(4, 3, 2, 5), (1, 1, 3, 1)])
def test_gradients(source: int, target: int, keys: int, width: int) -> None:
    arrays = encoded, decoded, bias = drawn(source, target, keys, width)
    wanted, read, _ = drawn(target, target, width, source, 2)
    wanted, read = wanted[:, :width], read[:, :source]

    def loss() -> float:
        weights, states = attended(encoded, decoded, bias, width)
        return float(((states - wanted) ** 2).sum() / 2 + (weights * read).sum())

    weights, states = attended(encoded, decoded, bias, width)
    found = gone_back(encoded, decoded, weights, states, states - wanted, read)
    for gradient, changed in zip(found, arrays, strict=True):
        expected = naive.differences(changed, loss)
        np.testing.assert_allclose(gradient, expected, rtol=0, atol=1e-7)
    assert np.abs(found[0]).max() > 0.1
    assert (np.abs(found[2]).max() > 0.01) == (source > 1)


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-12), (np.float32, 1e-6)])
@pytest.mark.parametrize("golden", GOLDEN)
def test_parity_with_pytorch(golden: dict[str, Any], dtype: type, tolerance: float) -> None:
    encoder, decoder, general, combination, wanted, read = (
        np.array(golden[name])
        for name in ("encoder", "decoder", "general", "combination", "wanted", "weights")
    )
    read_of_source = encoder.shape[1]
    context, own = combination[:read_of_source], combination[read_of_source:]
    # Heads over the states: what multiplies the encoder's, and what the decoder's.
    over_encoder = np.hstack([general.T, context])
    over_decoder = np.hstack([np.eye(len(own)), own])
    encoded, decoded = encoder @ over_encoder, decoder @ over_decoder
    encoded, decoded = encoded.astype(dtype), decoded.astype(dtype)
    bias: Array = np.zeros((len(decoded), len(encoded)), dtype)
    weights, states = attended(encoded, decoded, bias, wanted.shape[1])
    np.testing.assert_allclose(weights, golden["attention"], rtol=0, atol=tolerance)
    np.testing.assert_allclose(states, golden["states"], rtol=0, atol=tolerance)
    dstates: Array = (states - wanted).astype(dtype)
    dweights: Array = read.astype(dtype)
    dencoded, ddecoded, _ = gone_back(encoded, decoded, weights, states, dstates, dweights)
    dheads = encoder.T @ dencoded, decoder.T @ ddecoded
    width = len(general)
    found = [
        dencoded @ over_encoder.T,
        ddecoded @ over_decoder.T,
        dheads[0][:, :width].T,
        np.vstack([dheads[0][:, width:], dheads[1][:, width:]]),
    ]
    largest = max(np.abs(expected).max() for expected in golden["gradients"])
    for gradient, expected in zip(found, golden["gradients"], strict=True):
        np.testing.assert_allclose(gradient, expected, rtol=0, atol=3 * tolerance * largest)


def test_the_bias_is_what_is_expected_and_what_is_covered() -> None:
    expected, gains = np.array([0.5, 0.3, 0.2]), np.array([0.7, -2.0])
    covered, bias, later = np.array([0.0, 1.0, 0.6]), np.empty(3), np.empty(3)
    guidance.guide(expected, covered, gains, bias)
    np.testing.assert_allclose(bias, 0.7 * np.log(expected) - 2 * covered)
    guidance.cover(covered, np.array([0.1, 0.0, 0.9]), later)
    np.testing.assert_allclose(later, [0.1, 1.0, 1.0])

    def value() -> float:
        guidance.guide(expected, covered, gains, bias)
        return float((bias**2).sum() / 2)

    value()
    dgains, dbias = np.ones(2), bias.copy()
    guidance.guide_backward(expected, covered, dbias, dgains)
    np.testing.assert_allclose(dgains - 1, naive.differences(gains, value), atol=1e-7)
