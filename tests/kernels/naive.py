"""The equations, written down as they stand: slow, obvious, in float64."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamrnn.learner.sequence_network import SequenceArchitecture

Array = NDArray[Any]


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def rms_norm(product: Array, gain: Array, blocks: int) -> Array:
    """Return the product divided by its root mean square, block by block, times the gain."""
    parts = [part / np.sqrt(np.mean(part**2) + 1e-6) for part in np.split(product, blocks)]
    return np.concatenate(parts) * gain


def gates(vector: Array, matrix: Array, bias: Array, gain: Array | None, blocks: int) -> Array:
    product = vector @ matrix
    return (product if gain is None else rms_norm(product, gain, blocks)) + bias


def rnn(weight: Array, inputs: Array, h: Array) -> Array:
    """Return h[t] for each step."""
    rows = inputs.shape[1] + len(h)
    gain = weight[rows + 1] if len(weight) > rows + 1 else None
    states = []
    for x in inputs:
        h = np.tanh(gates(np.concatenate([x, h]), weight[:rows], weight[rows], gain, 1))
        states.append(h)
    return np.array(states)


def lstm(weight: Array, inputs: Array, state: Array) -> Array:
    """Return h[t] for each step."""
    h, c = np.split(state, 2)
    rows = inputs.shape[1] + len(h)
    gain = weight[rows + 1] if len(weight) > rows + 1 else None
    states = []
    for x in inputs:
        z = gates(np.concatenate([x, h]), weight[:rows], weight[rows], gain, 4)
        zi, zf, zg, zo = np.split(z, 4)
        c = sigmoid(zf) * c + sigmoid(zi) * np.tanh(zg)
        h = sigmoid(zo) * np.tanh(c)
        states.append(h)
    return np.array(states)


def gru(weight: Array, inputs: Array, h: Array) -> Array:
    """Return h[t] for each step."""
    width, rows = inputs.shape[1], inputs.shape[1] + len(h)
    gain_p, gain_q = (weight[rows + 2], weight[rows + 3]) if len(weight) > rows + 2 else (None,) * 2
    states = []
    for x in inputs:
        p = gates(x, weight[:width], weight[rows], gain_p, 3)
        q = gates(h, weight[width:rows], weight[rows + 1], gain_q, 3)
        (pr, pz, pn), (qr, qz, qn) = np.split(p, 3), np.split(q, 3)
        r, z = sigmoid(pr + qr), sigmoid(pz + qz)
        h = (1 - z) * np.tanh(pn + r * qn) + z * h
        states.append(h)
    return np.array(states)


CELLS = {"rnn": rnn, "lstm": lstm, "gru": gru}


def convolved(weight: Array, given: Array, seen: int, stride: int) -> Array:
    """Return what a convolution makes of the frames around every so many of them."""
    padded = np.pad(given, (((seen - 1) // 2, seen), (0, 0)))
    windows = [padded[n : n + seen].ravel() for n in range(0, len(given), stride)]
    made: Array = np.maximum(np.array(windows) @ weight[:-1] + weight[-1], 0)
    return made


def pooled(names: Sequence[str], parts: int, features: Array, last: Array) -> Array:
    """Return what the head sees of a whole sequence."""
    steps, means = len(features), []
    for part in range(parts):
        begin = part * steps // parts
        means.append(features[begin : max((part + 1) * steps // parts, begin + 1)].mean(0))
    found = {"last": last, "mean": np.concatenate(means), "max": features.max(0)}
    return np.concatenate([found[name] for name in found if name in names])


def sequence(
    made_of: SequenceArchitecture,
    convolution: Array,
    weights: Sequence[Array],
    head: Array,
    given: Array,
) -> Array:
    """Return the outputs of a network over a whole sequence."""
    inputs = given
    if made_of.seen:
        inputs = convolved(convolution, given, made_of.seen, made_of.stride)
    features, below, last, cells = [inputs], inputs[:, :0], [], iter(weights)
    for layer in made_of.layers:
        entered, states = np.hstack([inputs, below]), []
        zeros = np.zeros(layer.hidden * (2 if layer.cell == "lstm" else 1))
        for order in (1, -1)[: 1 + layer.bidirectional]:
            made = CELLS[layer.cell](next(cells), entered[::order], zeros)
            last.append(made[-1])
            states.append(made[::order])
        below = np.hstack(states)
        features.append(below)
    seen = np.hstack(features)
    if made_of.pooling:
        seen = pooled(made_of.pooling, made_of.parts, seen, np.concatenate(last))[np.newaxis]
    outputs: Array = seen @ head[:-1] + head[-1]
    return outputs


def loss(name: str, outputs: Array, targets: Array, known: Array, detail: Array) -> float:
    """Return the mean over the known targets."""
    terms = []
    for t, j in np.argwhere(known):
        y, target = outputs[t, j], targets[t, j]
        error = y - target
        if name == "squared":
            terms.append(0.5 * error**2)
        elif name == "huber":
            width, size = detail[0], abs(error)
            terms.append(0.5 * error**2 if size <= width else width * (size - 0.5 * width))
        elif name == "pinball":
            terms.append(max(detail[j] * -error, (detail[j] - 1) * -error))
        elif name == "logistic":
            p = sigmoid(y)
            terms.append(-target * np.log(p) - (1 - target) * np.log(1 - p))
        else:
            terms.append(np.log(np.exp(outputs[t]).sum()) - outputs[t, int(target)])
    return float(np.mean(terms)) if terms else 0.0


def differences(changed: Array, value: Callable[[], float]) -> Array:
    """Return the central difference of a value by each number of an array, changed in place."""
    found, epsilon = np.zeros(changed.shape), 1e-5
    for k in np.ndindex(changed.shape):
        kept = changed[k]
        changed[k] = kept + epsilon
        above = value()
        changed[k] = kept - epsilon
        found[k] = (above - value()) / (2 * epsilon)
        changed[k] = kept
    return found


def optimize(name: str, parameters: Array, gradients: list[Array], rate: float) -> Array:
    """Return the parameters after a step for each gradient, with the usual settings."""
    m = v = np.zeros_like(parameters)
    for t, gradient in enumerate(gradients, start=1):
        if name == "sgd":
            m = 0.9 * m + gradient
            parameters = parameters - rate * m
            continue
        v = 0.999 * v + 0.001 * gradient**2
        if name == "rmsprop":
            parameters = parameters - rate * gradient / (np.sqrt(v) + 1e-8)
            continue
        m = 0.9 * m + 0.1 * gradient
        m_hat, v_hat = m / (1 - 0.9**t), v / (1 - 0.999**t)
        decay = 0.01 if name == "adamw" else 0.0
        parameters = parameters - rate * decay * parameters
        parameters = parameters - rate * m_hat / (np.sqrt(v_hat) + 1e-8)
    return parameters
