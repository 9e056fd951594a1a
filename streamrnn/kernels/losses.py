"""Losses of a run of steps, with their gradients.

Each takes ``outputs (T, O)``, the targets, and which of them are known; fills ``doutputs (T, O)``
with the gradient of the mean loss over the known targets; and returns that mean. What is not known
costs and teaches nothing; with no known target the mean is 0. ``detail`` is what a loss has beside
that: the width of the Huber loss, the levels of the pinball loss.
"""

import math

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.activations import exponential
from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.fused import largest, total
from streamrnn.kernels.products import Array

SQUARED, HUBER, PINBALL, LOGISTIC, SOFTMAX = range(5)


@kernel
def number_of(known: NDArray[np.bool_]) -> int:
    """Count the known targets; 1 if there are none, so that a mean can be taken."""
    count = 0
    for t in range(known.shape[0]):
        for j in range(known.shape[1]):
            count += known[t, j]
    return max(count, 1)


@kernel
def squared(outputs: Array, targets: Array, known: NDArray[np.bool_], doutputs: Array) -> float:
    """Half the squared error; ``targets`` and ``known`` are ``(T, O)``."""
    count = number_of(known)
    scale, total = outputs.dtype.type(1 / count), 0.0
    for t in range(outputs.shape[0]):
        for j in range(outputs.shape[1]):
            doutputs[t, j] = 0
            if known[t, j]:
                error = outputs[t, j] - targets[t, j]
                total += 0.5 * error * error
                doutputs[t, j] = error * scale
    return total / count


@kernel
def huber(
    outputs: Array, targets: Array, known: NDArray[np.bool_], doutputs: Array, width: float
) -> float:
    """Half the squared error up to an error of ``width``, linear beyond (Huber 1964)."""
    count = number_of(known)
    total = 0.0
    for t in range(outputs.shape[0]):
        for j in range(outputs.shape[1]):
            doutputs[t, j] = 0
            if known[t, j]:
                error = outputs[t, j] - targets[t, j]
                slope = min(max(error, -width), width)
                total += slope * (error - 0.5 * slope)
                doutputs[t, j] = slope / count
    return total / count


@kernel
def pinball(
    outputs: Array, targets: Array, known: NDArray[np.bool_], doutputs: Array, levels: Array
) -> float:
    """The quantile loss, output j at the level ``levels[j]`` (Koenker and Bassett 1978)."""
    count = number_of(known)
    total = 0.0
    for t in range(outputs.shape[0]):
        for j in range(outputs.shape[1]):
            doutputs[t, j] = 0
            if known[t, j]:
                error = targets[t, j] - outputs[t, j]
                slope = levels[j] if error >= 0 else levels[j] - 1
                total += slope * error
                doutputs[t, j] = -slope / count
    return total / count


@kernel
def logistic(outputs: Array, targets: Array, known: NDArray[np.bool_], doutputs: Array) -> float:
    """Cross-entropy of the sigmoid of each output, in nats; ``targets`` are 0 or 1, ``(T, O)``."""
    count = number_of(known)
    total = 0.0
    for t in range(outputs.shape[0]):
        for j in range(outputs.shape[1]):
            doutputs[t, j] = 0
            if known[t, j]:
                y = outputs[t, j]
                total += max(y, 0.0) - y * targets[t, j] + math.log1p(math.exp(-abs(y)))
                doutputs[t, j] = (1 / (1 + math.exp(-y)) - targets[t, j]) / count
    return total / count


@kernel
def distribute(outputs: Array, shares: Array) -> float:
    """Fill ``shares (O,)`` with the softmax of the outputs; return the log of its normaliser."""
    top = largest(outputs)
    for j in range(outputs.size):
        shares[j] = exponential(outputs[j] - top)
    normaliser = total(shares)
    scale = shares.dtype.type(1) / normaliser
    for j in range(outputs.size):
        shares[j] *= scale
    return math.log(normaliser) + float(top)


@kernel
def softmax(outputs: Array, labels: Array, known: NDArray[np.bool_], doutputs: Array) -> float:
    """Minus the log of the softmax at the label, in nats; ``labels`` and ``known`` are ``(T, 1)``.

    A label is the whole number of its output.
    """
    count = number_of(known)
    share = outputs.dtype.type(1 / count)
    loss = 0.0
    for t in range(outputs.shape[0]):
        gradient = doutputs[t]
        if known[t, 0]:
            label = int(labels[t, 0])
            loss += distribute(outputs[t], gradient) - outputs[t, label]
            for j in range(gradient.size):
                gradient[j] *= share
            gradient[label] -= share
        else:
            for j in range(gradient.size):
                gradient[j] = 0
    return loss / count


@kernel
def first_softmax(outputs: Array, labels: NDArray[np.int64], many: int, doutputs: Array) -> float:
    """As `softmax`, of the first ``many`` outputs; a label ``(T,)`` below 0 is not known."""
    count = 0
    for t in range(labels.size):
        count += labels[t] >= 0
    share = outputs.dtype.type(1 / max(count, 1))
    loss = 0.0
    for t in range(labels.size):
        gradient, label = doutputs[t], labels[t]
        for j in range(gradient.size):
            gradient[j] = 0
        if label >= 0:
            loss += distribute(outputs[t, :many], gradient[:many]) - outputs[t, label]
            for j in range(many):
                gradient[j] *= share
            gradient[label] -= share
    return loss / max(count, 1)


@kernel
def loss_and_gradient(
    kind: int,
    outputs: Array,
    targets: Array,
    known: NDArray[np.bool_],
    doutputs: Array,
    detail: Array,
) -> float:
    """Call the loss of a kind."""
    if kind == SQUARED:
        return squared(outputs, targets, known, doutputs)
    if kind == HUBER:
        return huber(outputs, targets, known, doutputs, detail[0])
    if kind == PINBALL:
        return pinball(outputs, targets, known, doutputs, detail)
    if kind == LOGISTIC:
        return logistic(outputs, targets, known, doutputs)
    return softmax(outputs, targets, known, doutputs)
