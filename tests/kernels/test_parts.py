"""Activations, optimisers and scaling, each against what it should be."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamrnn.kernels.activations import exponential, tanh
from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.losses import first_softmax, softmax
from streamrnn.kernels.model import model_update
from streamrnn.kernels.optimizers import clip_by_global_norm, scheduled_rate
from streamrnn.kernels.products import all_finite
from streamrnn.kernels.scaling import scale, update_scaling
from streamrnn.layers.stack import Layer
from streamrnn.learner.network import Architecture, Network
from streamrnn.learner.optimization import OPTIMIZERS, SCHEDULES, Optimization
from tests.kernels.naive import optimize


@kernel
def tanh_of(x: float | np.float32) -> float:
    return tanh(x)


def test_tanh_is_close_everywhere() -> None:
    for x in np.linspace(-12, 12, 20_001):
        assert tanh_of(np.float32(x)) == pytest.approx(math.tanh(np.float32(x)), abs=4e-7)
        assert tanh_of(float(x)) == math.tanh(x)
    assert math.isnan(tanh_of(np.float32("nan")))


@kernel
def exponential_of(x: Any) -> Any:
    return exponential(x)


def test_the_exponential_function_is_close_everywhere() -> None:
    places = np.linspace(-87, 88, 20_001).astype(np.float32)
    found = np.array([exponential_of(x) for x in places], np.float64)
    exact = np.exp(places.astype(np.float64))
    assert np.abs(found / exact - 1).max() < 3e-7
    assert exponential_of(np.float32(-1e9)) == exponential_of(np.float32(-87)) > 0
    assert np.isfinite(exponential_of(np.float32(1e9)))
    assert exponential_of(0.3) == exponential(0.3) == math.exp(0.3)


def test_kernels_see_what_is_not_a_number() -> None:
    @kernel
    def is_nan(x: float) -> bool:
        return math.isnan(x)

    assert is_nan(math.nan)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimisers_follow_their_papers(name: str) -> None:
    generator = np.random.default_rng(8)
    network = Network(Architecture((Layer("rnn", 3),), 2, 1, "squared"), 1, np.float64)
    settings_ = Optimization(name, 0.01, schedule="constant", clip=math.inf)
    settings_.fill(network.shape, network.settings)
    gradients = [generator.normal(size=network.size) for _ in range(5)]
    network.parameters[:] = generator.normal(size=network.size)
    expected = optimize(name, network.parameters.copy(), gradients, 0.01)
    for step, gradient in enumerate(gradients, start=1):
        model_update(network.shape, network.settings, network.model, gradient, step)
    np.testing.assert_allclose(network.parameters, expected, rtol=1e-11)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("constant", 0.1), ("inverse_root", 0.1 / 2), ("exponential", 0.1 * math.exp(-3))],
)
def test_schedules_count_learning_steps(name: str, expected: float) -> None:
    assert scheduled_rate(SCHEDULES[name], 0.1, 0.01, 300) == pytest.approx(expected)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_moments_of_a_silent_gradient_become_zero_and_not_denormal(name: str) -> None:
    network = Network(Architecture((Layer("rnn", 3),), 2, 1, "squared"), 1, np.float32)
    Optimization(name, beta2=0.9).fill(network.shape, network.settings)
    gradient = np.full(network.size, 1e-3, np.float32)
    model_update(network.shape, network.settings, network.model, gradient, 1)
    moments = network.model[network.size :]
    assert moments.any()
    gradient[:] = 0
    for step in range(2, 3000):
        model_update(network.shape, network.settings, network.model, gradient, step)
    assert not moments.any()


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=600), st.floats(0.01, 100))
@settings(deadline=None)
def test_clipping_keeps_the_direction(values: list[float], limit: float) -> None:
    gradient = np.array(values)
    before = gradient.copy()
    norm = clip_by_global_norm(gradient, limit)
    assert norm == pytest.approx(np.linalg.norm(before))
    np.testing.assert_allclose(gradient, before * min(1, limit / norm) if norm else before)


def test_a_norm_that_is_not_finite_changes_nothing() -> None:
    gradient = np.array([1.0, math.inf])
    assert clip_by_global_norm(gradient, 1.0) == math.inf
    assert gradient[0] == 1.0


def test_scaling_is_that_of_the_values_so_far_and_skips_what_is_unknown() -> None:
    generator = np.random.default_rng(9)
    values = generator.normal(5, 3, size=(50, 2))
    values[3::7, 1] = math.nan
    count, mean, variance, scaled = np.zeros(2), np.zeros(2), np.zeros(2), np.zeros(2)
    for t, row in enumerate(values):
        update_scaling(row, count, mean, variance, 0.001)
        scale(row, count, mean, variance, 8.0, scaled)
        seen = values[: t + 1]
        if t:
            expected = (row - np.nanmean(seen, axis=0)) / np.nanstd(seen, axis=0)
            np.testing.assert_allclose(scaled, np.nan_to_num(expected), atol=1e-9)


def test_scaling_cuts_what_is_far_and_passes_what_is_not_to_be_scaled() -> None:
    count, mean, variance, scaled = np.array([9.0, -1.0]), np.ones(2), np.ones(2), np.zeros(2)
    scale(np.array([1e9, 1e9]), count, mean, variance, 8.0, scaled)
    assert scaled.tolist() == [8.0, 1e9]
    update_scaling(np.array([2.0, 2.0]), count, mean, variance, 0.0)
    assert count.tolist() == [10.0, -1.0]
    assert mean[1] == 1.0


def test_the_softmax_of_the_first_outputs_is_that_of_these_alone() -> None:
    generator, labels = np.random.default_rng(1), np.array([2, -1, 0, 1])
    outputs, found, expected = generator.normal(size=(4, 5)), np.ones((4, 5)), np.ones((4, 3))
    wanted = labels[:, np.newaxis].astype(np.float64)
    loss = softmax(np.ascontiguousarray(outputs[:, :3]), wanted, wanted >= 0, expected)
    assert first_softmax(outputs, labels, 3, found) == pytest.approx(loss, rel=1e-12)
    np.testing.assert_allclose(found[:, :3], expected, rtol=1e-12)
    assert not found[:, 3:].any()
    assert first_softmax(outputs, np.full(4, -1), 3, found) == 0
    assert not found.any()


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_one_number_that_is_not_finite_is_found(value: float) -> None:
    values = np.zeros((2, 3), np.float32)
    assert all_finite(values)
    values[1, 2] = value
    assert not all_finite(values)
