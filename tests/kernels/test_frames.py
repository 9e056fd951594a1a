"""Frames of numbers: scale, description, variants and points, against NumPy."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from streamrnn.kernels import frames as kernels

Array = NDArray[Any]

seeds, lengths = st.integers(0, 2**32 - 1), st.integers(1, 12)


def drawn(seed: int, steps: int, width: int = 4) -> NDArray[np.float32]:
    made = np.random.default_rng(seed).normal(3, 2, (steps, width))
    return (made * np.arange(1, width + 1)).astype(np.float32)


@given(seeds, st.lists(lengths, min_size=1, max_size=5))
@settings(deadline=None, max_examples=30)
def test_scaling_is_that_of_all_frames_however_they_are_cut(seed: int, cut: list[int]) -> None:
    frames, scaling = drawn(seed, sum(cut)), np.zeros((3, 4))
    for part in np.split(frames, np.cumsum(cut)[:-1]):
        kernels.take_in(part, scaling)
    exact = frames.astype(np.float64)
    assert scaling[kernels.COUNT].tolist() == [sum(cut)] * 4
    np.testing.assert_allclose(scaling[kernels.MEAN], exact.mean(0), rtol=1e-12)
    np.testing.assert_allclose(scaling[kernels.VARIANCE], exact.var(0), rtol=1e-9, atol=1e-12)


@given(seeds, lengths)
@settings(deadline=None, max_examples=20)
def test_scaled_frames_are_deviations_from_the_mean(seed: int, steps: int) -> None:
    frames, scaling = drawn(seed, steps), np.zeros((3, 4))
    kernels.take_in(drawn(seed + 1, 9), scaling)
    scaled = np.full_like(frames, math.nan)
    kernels.scale(frames, scaling, scaled)
    variance = scaling[kernels.VARIANCE] + kernels.FLAT * scaling[kernels.VARIANCE].mean()
    expected = (frames - scaling[kernels.MEAN]) / np.sqrt(variance)
    np.testing.assert_allclose(scaled, np.clip(expected, -8, 8), rtol=1e-5, atol=1e-6)


def test_what_hardly_varies_is_not_blown_up_and_what_is_far_is_cut() -> None:
    frames = np.array([[1, 5], [3, 5.0002]], np.float32)
    scaling, scaled = np.zeros((3, 2)), np.empty((2, 2), np.float32)
    kernels.take_in(frames, scaling)
    kernels.scale(frames, scaling, scaled)
    assert scaled[:, 0] == pytest.approx([-1, 1], abs=1e-3)
    assert np.abs(scaled[:, 1]).max() < 0.02
    kernels.scale(np.array([[1e6, 5], [-1e6, 5]], np.float32), scaling, scaled)
    assert scaled[:, 0].tolist() == [kernels.LIMIT, -kernels.LIMIT]
    # Where nothing varies, and before the first frame, all is zero.
    for taken in (0, 2):
        scaling = np.zeros((3, 2))
        scaling[kernels.COUNT] = taken
        kernels.scale(frames, scaling, scaled)
        assert not scaled.any()


@given(seeds, lengths, st.integers(1, 20), st.floats(0, 1), st.floats(0, 1))
@settings(deadline=None, max_examples=40)
def test_stretched_frames_lie_on_the_lines_between_frames(
    seed: int, steps: int, size: int, one: float, other: float
) -> None:
    frames, stretched = drawn(seed, steps), np.full((size, 4), math.nan, np.float32)
    begin, end = sorted((one * (steps - 1), other * (steps - 1)))
    kernels.stretch(frames, begin, end, stretched)
    times = np.linspace(begin, end, size)
    for column in range(4):
        expected = np.interp(times, np.arange(steps), frames[:, column])
        np.testing.assert_allclose(stretched[:, column], expected, rtol=1e-5, atol=1e-4)


def test_frames_stay_as_they_are_between_the_same_times() -> None:
    for steps in (1, 2, 9):
        frames, stretched = drawn(1, steps), np.empty((steps, 4), np.float32)
        kernels.stretch(frames, 0.0, float(steps - 1), stretched)
        assert stretched.tobytes() == frames.tobytes()


@given(seeds, lengths, st.integers(1, 5))
@settings(deadline=None, max_examples=30)
def test_a_description_is_of_means_deviations_and_changes(
    seed: int, steps: int, parts: int
) -> None:
    frames = drawn(seed, steps)
    description = np.full((parts + 4) * 4, math.nan)
    kernels.describe(frames, parts, description)
    exact, expected = frames.astype(np.float64), []
    for part in range(parts):
        begin = part * steps // parts
        expected.append(exact[begin : max((part + 1) * steps // parts, begin + 1)].mean(0))
    changes = np.diff(exact, axis=0) if steps > 1 else np.zeros((1, 4))
    expected += [exact.mean(0), exact.std(0), changes.mean(0), np.abs(changes).mean(0)]
    # The size of a change is that of the difference in single precision.
    np.testing.assert_allclose(description, np.concatenate(expected), rtol=1e-5, atol=1e-5)


def centred(frames: Array) -> Array:
    found = np.full((len(frames), frames.shape[1] + 2), math.nan, np.float32)
    kernels.centre_points(frames.astype(np.float32), found)
    return found


@given(seeds, lengths, st.integers(2, 4))
@settings(deadline=None, max_examples=30)
def test_points_are_seen_from_their_centre(seed: int, steps: int, points: int) -> None:
    frames = drawn(seed, steps, 2 * points)
    exact = frames.astype(np.float64).reshape(steps, points, 2)
    centres = exact.mean(1)
    around = exact - centres[:, np.newaxis]
    size = np.sqrt((around**2).sum() / (steps * points))
    motion = np.diff(centres, axis=0, prepend=centres[:1])
    expected = np.hstack([around.reshape(steps, -1), motion]) / size
    np.testing.assert_allclose(centred(frames), expected, atol=1e-5)


@given(seeds, st.floats(0.1, 10), st.floats(-50, 50), st.floats(-50, 50))
@settings(deadline=None, max_examples=30)
def test_near_and_far_bodies_look_alike(seed: int, size: float, x: float, y: float) -> None:
    frames = drawn(seed, 7, 6)
    moved = size * frames.astype(np.float64) + np.tile([x, y], 3)
    np.testing.assert_allclose(centred(moved), centred(frames), atol=2e-3)


def test_a_body_without_size_is_at_rest() -> None:
    assert not centred(np.full((3, 4), 7.0)).any()


def test_the_distance_of_each_two_points_is_that_of_a_turned_body_too() -> None:
    frames = drawn(1, 5, 8)
    found = np.full((5, 8 + 6), math.nan, np.float32)
    kernels.measure_points(frames, 4, found)
    assert found[:, :8].tobytes() == frames.tobytes()
    points = frames.astype(np.float64).reshape(5, 4, 2)
    pairs = [(one, other) for one in range(4) for other in range(one + 1, 4)]
    expected = [np.linalg.norm(points[:, one] - points[:, other], axis=1) for one, other in pairs]
    np.testing.assert_allclose(found[:, 8:], np.transpose(expected), rtol=1e-5)
    turn = np.array([[0.6, 0.8], [-0.8, 0.6]])
    turned = np.empty_like(found)
    kernels.measure_points((points @ turn).reshape(5, 8).astype(np.float32), 4, turned)
    np.testing.assert_allclose(turned[:, 8:], found[:, 8:], rtol=1e-5)


def test_left_and_right_are_turned_around() -> None:
    frames = drawn(1, 5, 6)
    mirrored = frames.copy()
    kernels.mirror_points(mirrored)
    assert (mirrored[:, ::2] == -frames[:, ::2]).all()
    assert (mirrored[:, 1::2] == frames[:, 1::2]).all()
    kernels.mirror_points(mirrored)
    assert mirrored.tobytes() == frames.tobytes()


def test_a_single_point_is_its_way() -> None:
    frames = np.array([[0, 0], [3, 4], [3, 4], [0, 0]], np.float32)
    centred = np.empty((4, 4), np.float32)
    kernels.centre_points(frames, centred)
    size = np.sqrt((25 + 0 + 25) / 4)
    expected = np.array([[0, 0], [3, 4], [0, 0], [-3, -4]]) / size
    assert np.allclose(centred[:, 2:], expected)
    assert not centred[:, :2].any()
