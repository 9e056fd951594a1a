"""Frames of numbers: their scale, what a sequence of them is like as a whole, and its variants."""

import math

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.pooling import part_of
from streamrnn.kernels.products import Array

Numbers = NDArray[np.float64]
Frames = NDArray[np.float32]

COUNT, MEAN, VARIANCE = range(3)
LIMIT = 8.0
"""Scaled numbers are cut at this many deviations."""
FLAT = 1e-4
"""What varies less than this share of the mean variance of all is not blown up."""


@kernel
def take_in(frames: Array, scaling: Numbers) -> None:
    """Take frames ``(T, F)`` into count, mean and variance of each number, ``(3, F)``."""
    steps = frames.shape[0]
    for j in range(frames.shape[1]):
        mean, squares = 0.0, 0.0
        for t in range(steps):
            mean += frames[t, j]
        mean /= steps
        for t in range(steps):
            squares += (frames[t, j] - mean) ** 2
        before = scaling[COUNT, j]
        whole = before + steps
        moved = mean - scaling[MEAN, j]
        variance = scaling[VARIANCE, j] * before + squares + moved * moved * before * steps / whole
        scaling[COUNT, j], scaling[VARIANCE, j] = whole, variance / whole
        scaling[MEAN, j] += moved * steps / whole


@kernel
def scale(frames: Array, scaling: Numbers, scaled: Frames) -> None:
    """Fill ``scaled (T, F)`` with deviations from the mean, in units of the deviation."""
    steps, width = frames.shape
    floor = 0.0
    for j in range(width):
        floor += scaling[VARIANCE, j] * FLAT / width
    for j in range(width):
        variance = scaling[VARIANCE, j] + floor
        factor = 1 / math.sqrt(variance) if variance > 0 else 0.0
        for t in range(steps):
            number = (frames[t, j] - scaling[MEAN, j]) * factor
            scaled[t, j] = min(max(number, -LIMIT), LIMIT)


@kernel
def stretch(frames: Frames, begin: float, end: float, stretched: Frames) -> None:
    """Fill ``stretched (S, F)`` with the frames between two times, read between them linearly."""
    steps = stretched.shape[0]
    for t in range(steps):
        time = begin + (end - begin) * t / max(steps - 1, 1)
        before = min(max(int(time), 0), frames.shape[0] - 1)
        after = min(before + 1, frames.shape[0] - 1)
        part = np.float32(time - before)
        for j in range(frames.shape[1]):
            stretched[t, j] = frames[before, j] + part * (frames[after, j] - frames[before, j])


@kernel
def describe(frames: Frames, parts: int, description: Numbers) -> None:
    """Fill what a linear model sees of a sequence, ``((parts + 4) F,)``.

    These are the means of so many equal parts, then mean, deviation, mean change and mean size of
    the change of the whole.
    """
    steps, width = frames.shape
    for j in range(width):
        for part in range(parts):
            begin, end = part_of(part, parts, steps)
            mean = 0.0
            for t in range(begin, end):
                mean += frames[t, j]
            description[part * width + j] = mean / (end - begin)
        mean, square, change = 0.0, 0.0, 0.0
        for t in range(steps):
            mean += frames[t, j]
        mean /= steps
        for t in range(steps):
            square += (frames[t, j] - mean) ** 2
            if t:
                change += abs(frames[t, j] - frames[t - 1, j])
        between = max(steps - 1, 1)
        at = parts * width + j
        description[at], description[at + width] = mean, math.sqrt(square / steps)
        description[at + 2 * width] = (frames[steps - 1, j] - frames[0, j]) / between
        description[at + 3 * width] = change / between


@kernel
def centre_points(frames: Frames, centred: Frames) -> None:
    """Fill ``centred (T, F + 2)`` with points in the plane around their centre, and its motion.

    ``frames (T, F)`` holds x and y of each point in turn. The unit of length is the deviation of
    all points from their centres, so that near and far bodies look alike; of a single point, the
    mean size of its steps.
    """
    steps, width = frames.shape
    points, square, motion = width // 2, 0.0, 0.0
    before_x, before_y = 0.0, 0.0
    for t in range(steps):
        x, y = 0.0, 0.0
        for k in range(points):
            x += frames[t, 2 * k]
            y += frames[t, 2 * k + 1]
        x, y = x / points, y / points
        for k in range(points):
            centred[t, 2 * k] = frames[t, 2 * k] - x
            centred[t, 2 * k + 1] = frames[t, 2 * k + 1] - y
            square += (frames[t, 2 * k] - x) ** 2 + (frames[t, 2 * k + 1] - y) ** 2
        centred[t, width] = x - before_x if t else 0.0
        centred[t, width + 1] = y - before_y if t else 0.0
        motion += centred[t, width] ** 2 + centred[t, width + 1] ** 2
        before_x, before_y = x, y
    size = math.sqrt(square / (steps * points)) if square > 0 else math.sqrt(motion / steps)
    factor = np.float32(1 / size if size > 0 else 0.0)
    for t in range(steps):
        for j in range(width + 2):
            centred[t, j] *= factor


@kernel
def measure_points(centred: Frames, points: int, measured: Frames) -> None:
    """Fill ``measured (T, F + pairs)`` with frames of points, and the distance of each two.

    Distances do not change where a body turns in the plane (Yang et al. 2019).
    """
    width = centred.shape[1]
    for t in range(centred.shape[0]):
        for j in range(width):
            measured[t, j] = centred[t, j]
        at = width
        for one in range(points):
            for other in range(one + 1, points):
                x = centred[t, 2 * one] - centred[t, 2 * other]
                y = centred[t, 2 * one + 1] - centred[t, 2 * other + 1]
                measured[t, at] = math.sqrt(x * x + y * y)
                at += 1


@kernel
def mirror_points(frames: Frames) -> None:
    """Turn left and right around in frames of points, in place."""
    for t in range(frames.shape[0]):
        for k in range(frames.shape[1] // 2):
            frames[t, 2 * k] = -frames[t, 2 * k]
