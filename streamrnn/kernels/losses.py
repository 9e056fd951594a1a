"""Losses of a run of steps, with their gradients.

Each takes ``outputs (T, O)``, the targets, and which of them are known; fills ``doutputs (T, O)``
with the gradient of the mean loss over the known targets; and returns that mean. What is not known
costs and teaches nothing; with no known target the mean is 0.
"""

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.products import Array


@kernel
def squared(outputs: Array, targets: Array, known: NDArray[np.bool_], doutputs: Array) -> float:
    """Half the squared error; ``targets`` and ``known`` are ``(T, O)``."""
    count = max(known.sum(), 1)
    total: float = 0.0
    for t in range(outputs.shape[0]):
        for j in range(outputs.shape[1]):
            doutputs[t, j] = 0
            if known[t, j]:
                error = outputs[t, j] - targets[t, j]
                total += 0.5 * error * error
                doutputs[t, j] = error / count
    return float(total / count)


@kernel
def huber(outputs: Array, targets: Array, known: NDArray[np.bool_], doutputs: Array) -> float:
    """Half the squared error up to an error of 1, linear beyond (Huber 1964)."""
    count = max(known.sum(), 1)
    total: float = 0.0
    for t in range(outputs.shape[0]):
        for j in range(outputs.shape[1]):
            doutputs[t, j] = 0
            if known[t, j]:
                error = outputs[t, j] - targets[t, j]
                slope = min(max(error, -1), 1)
                total += slope * (error - 0.5 * slope)
                doutputs[t, j] = slope / count
    return float(total / count)


@kernel
def softmax_cross_entropy(
    outputs: Array, labels: NDArray[np.int64], known: NDArray[np.bool_], doutputs: Array
) -> float:
    """Minus the log of the softmax at the label, in nats; ``labels`` and ``known`` are ``(T,)``."""
    count = max(known.sum(), 1)
    total: float = 0.0
    for t in range(outputs.shape[0]):
        doutputs[t] = 0
        if known[t]:
            largest = outputs[t].max()
            normaliser = 0.0
            for j in range(outputs.shape[1]):
                normaliser += np.exp(outputs[t, j] - largest)
            total += np.log(normaliser) + largest - outputs[t, labels[t]]
            for j in range(outputs.shape[1]):
                doutputs[t, j] = np.exp(outputs[t, j] - largest) / normaliser / count
            doutputs[t, labels[t]] -= 1.0 / count
    return float(total / count)
