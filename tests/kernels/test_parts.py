"""Activations, optimisers and scaling, each against what it should be."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamrnn.kernels.activations import tanh
from streamrnn.kernels.compiler import FAST_FLAGS, kernel
from streamrnn.kernels.optimizers import adam, clip_by_global_norm
from streamrnn.kernels.scaling import standardise
from tests.kernels.naive import adam as naive_adam


@kernel
def tanh_of(x: float | np.float32) -> float:
    return tanh(x)


def test_tanh_is_close_everywhere() -> None:
    for x in np.linspace(-12, 12, 20_001):
        assert tanh_of(np.float32(x)) == pytest.approx(math.tanh(np.float32(x)), abs=4e-7)
        assert tanh_of(float(x)) == math.tanh(x)
    assert math.isnan(tanh_of(np.float32("nan")))


def test_the_flags_still_see_what_is_not_a_number() -> None:
    @kernel
    def is_nan(x: float) -> bool:
        return math.isnan(x)

    assert is_nan(math.nan)
    assert not {"nnan", "ninf", "fast"} & FAST_FLAGS


def test_adam_follows_the_paper() -> None:
    generator = np.random.default_rng(8)
    gradients = [generator.normal(size=20) for _ in range(5)]
    parameters = generator.normal(size=20)
    expected = naive_adam(parameters, gradients, 0.01)
    first, second = np.zeros(20), np.zeros(20)
    for step, gradient in enumerate(gradients, start=1):
        adam(parameters, gradient, first, second, step, 0.01, 0.9, 0.999, 1e-8)
    np.testing.assert_allclose(parameters, expected, rtol=1e-12)


def test_moments_of_a_silent_gradient_become_zero_and_not_denormal() -> None:
    parameters, gradient = np.ones(8, np.float32), np.full(8, 1e-3, np.float32)
    first, second = np.zeros(8, np.float32), np.zeros(8, np.float32)
    for step in range(1, 3000):
        adam(parameters, gradient, first, second, step, 0.01, 0.9, 0.9, 1e-8)
        gradient[:] = 0
    assert not first.any()
    assert not second.any()


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30), st.floats(0.01, 100))
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
        standardise(row, count, mean, variance, 0.001, 8.0, scaled)
        seen = values[: t + 1]
        if t:
            expected = (row - np.nanmean(seen, axis=0)) / np.nanstd(seen, axis=0)
            np.testing.assert_allclose(scaled, np.nan_to_num(expected), atol=1e-9)
