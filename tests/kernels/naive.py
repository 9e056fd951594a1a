"""The equations, written down as they stand: slow, obvious, in float64."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def rnn(weight: Array, inputs: Array, h: Array) -> Array:
    """Return h[t] for each step."""
    states = []
    for x in inputs:
        h = np.tanh(np.concatenate([x, h, [1.0]]) @ weight)
        states.append(h)
    return np.array(states)


def lstm(weight: Array, inputs: Array, h: Array, c: Array) -> tuple[Array, Array]:
    """Return h[t] and c[t] for each step."""
    states, cells = [], []
    for x in inputs:
        zi, zf, zg, zo = np.split(np.concatenate([x, h, [1.0]]) @ weight, 4)
        c = sigmoid(zf) * c + sigmoid(zi) * np.tanh(zg)
        h = sigmoid(zo) * np.tanh(c)
        states.append(h)
        cells.append(c)
    return np.array(states), np.array(cells)


def adam(parameters: Array, gradients: list[Array], rate: float) -> Array:
    """Return the parameters after a step for each gradient."""
    m = v = np.zeros_like(parameters)
    for t, gradient in enumerate(gradients, start=1):
        m = 0.9 * m + 0.1 * gradient
        v = 0.999 * v + 0.001 * gradient**2
        m_hat, v_hat = m / (1 - 0.9**t), v / (1 - 0.999**t)
        parameters = parameters - rate * m_hat / (np.sqrt(v_hat) + 1e-8)
    return parameters
