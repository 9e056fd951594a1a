"""The same network and learning in JAX, compiled."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

from benchmarks.data import Events
from benchmarks.measure import Run
from benchmarks.settings import CLIP, LEARNING_RATE, WINDOW

BLOCK = 256
"""Events in one call of a compiled loop."""


@dataclass
class _Model:
    """The functions of an LSTM with a linear output, none of them compiled.

    Attributes:
        learner: Parameters, both moments of Adam and its number of steps.
        state: Hidden and cell state.
        step: From parameters, state and an input to the next state and the output.
        chunk: From learner, state, inputs and targets to learner, next state and outputs,
            with a step of learning from all targets.
        slide: From learner, the state before a window, its inputs and the last target to learner,
            the state after the window's first step and the last output, likewise.
    """

    learner: Any
    state: Any
    step: Callable[..., Any]
    chunk: Callable[..., Any]
    slide: Callable[..., Any]


def _model(hidden: int, inputs: int) -> _Model:
    jax = import_module("jax")
    jnp = jax.numpy
    jax.config.update("jax_cpu_enable_async_dispatch", False)
    random = np.random.default_rng(1)

    def uniform(*shape: int) -> Any:
        limit = hidden**-0.5
        return jnp.asarray(random.uniform(-limit, limit, size=shape).astype(np.float32))

    parameters = {
        "weight": uniform(inputs + hidden, 4 * hidden),
        "bias": uniform(4 * hidden),
        "output": uniform(hidden),
        "output_bias": uniform(),
    }
    zeros = jax.tree.map(jnp.zeros_like, parameters)
    learner = (parameters, zeros, jax.tree.map(jnp.copy, zeros), jnp.float32(0))

    def step(p: Any, state: Any, x: Any) -> Any:
        h, c = state
        gates = jnp.concatenate([x, h]) @ p["weight"] + p["bias"]
        i, f, g, o = jnp.split(gates, 4)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        h = jax.nn.sigmoid(o) * jnp.tanh(c)
        return (h, c), h @ p["output"] + p["output_bias"]

    def run(p: Any, state: Any, x: Any) -> Any:
        # Of 1, 4 and 15 steps to a turn of the loop, 4 were the fastest over all sizes.
        return jax.lax.scan(lambda s, row: step(p, s, row), state, x, unroll=4)

    def update(learner: Any, gradient: Any) -> Any:
        p, first, second, count = learner
        norm = jnp.sqrt(sum(jnp.sum(g * g) for g in jax.tree.leaves(gradient)))
        scale = jnp.minimum(1, CLIP / (norm + 1e-6))
        gradient = jax.tree.map(lambda g: g * scale, gradient)
        count = count + 1
        first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, gradient)
        second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, gradient)
        rate = LEARNING_RATE * jnp.sqrt(1 - 0.999**count) / (1 - 0.9**count)
        p = jax.tree.map(lambda w, m, v: w - rate * m / (jnp.sqrt(v) + 1e-8), p, first, second)
        return p, first, second, count

    def chunk(learner: Any, state: Any, x: Any, y: Any) -> Any:
        def loss(p: Any) -> Any:
            after, outputs = run(p, state, x)
            return jnp.mean((outputs - y) ** 2), (after, outputs)

        gradient, (after, outputs) = jax.grad(loss, has_aux=True)(learner[0])
        return update(learner, gradient), after, outputs

    def slide(learner: Any, state: Any, x: Any, y: Any) -> Any:
        def loss(p: Any) -> Any:
            first, _ = step(p, state, x[0])
            _, outputs = run(p, first, x[1:])
            return (outputs[-1] - y) ** 2, (first, outputs[-1])

        gradient, (first, output) = jax.grad(loss, has_aux=True)(learner[0])
        return update(learner, gradient), first, output

    state = (jnp.zeros(hidden, jnp.float32), jnp.zeros(hidden, jnp.float32))
    return _Model(learner, state, step, chunk, slide)


def chunked(hidden: int, inputs: int) -> Run:
    """Predict event by event, and learn each chunk."""
    jax, model = import_module("jax"), _model(hidden, inputs)
    step, chunk = jax.jit(model.step), jax.jit(model.chunk, donate_argnums=0)

    def run(events: Events) -> list[float]:
        predictions: list[float] = []
        for start in range(0, len(events.y), WINDOW):
            state = model.state
            for row in events.x[start : start + WINDOW]:
                state, output = step(model.learner[0], state, row)
                predictions.append(float(output))
            x, y = events.x[start : start + WINDOW], events.y[start : start + WINDOW]
            model.learner, _, _ = chunk(model.learner, model.state, x, y)
            model.state = state
        jax.block_until_ready(model.learner)
        return predictions

    return run


def sliding(hidden: int, inputs: int) -> Run:
    """Predict and learn each event in one call."""
    jax, model = import_module("jax"), _model(hidden, inputs)
    slide = jax.jit(model.slide, donate_argnums=0)
    window = np.zeros((WINDOW, inputs), np.float32)

    def run(events: Events) -> list[float]:
        nonlocal window
        x = np.concatenate([window, events.x])
        predictions: list[float] = []
        for place, y in enumerate(events.y, start=1):
            model.learner, model.state, output = slide(
                model.learner, model.state, x[place : place + WINDOW], y
            )
            predictions.append(float(output))
        window = x[-WINDOW:]
        return predictions

    return run


def chunked_whole(hidden: int, inputs: int) -> Run:
    """Predict and learn many chunks in one compiled loop: it needs all events beforehand."""
    jax, model = import_module("jax"), _model(hidden, inputs)

    def loop(learner: Any, state: Any, x: Any, y: Any) -> Any:
        def body(carry: Any, events: Any) -> Any:
            learner, state, outputs = model.chunk(*carry, *events)
            return (learner, state), outputs

        xs, ys = x.reshape(-1, WINDOW, inputs), y.reshape(-1, WINDOW)
        return jax.lax.scan(body, (learner, state), (xs, ys))

    compiled = jax.jit(loop, donate_argnums=(0, 1))

    def run(events: Events) -> list[Any]:
        predictions: list[Any] = []
        for start in range(0, len(events.y), BLOCK):
            x, y = events.x[start : start + BLOCK], events.y[start : start + BLOCK]
            (model.learner, model.state), outputs = compiled(model.learner, model.state, x, y)
            predictions.append(np.asarray(outputs))
        return predictions

    return run


def sliding_whole(hidden: int, inputs: int) -> Run:
    """Predict and learn many events in one compiled loop: it needs all of them beforehand."""
    jax, model = import_module("jax"), _model(hidden, inputs)
    window = np.zeros((WINDOW, inputs), np.float32)

    def loop(learner: Any, state: Any, x: Any, y: Any) -> Any:
        def body(carry: Any, place: Any) -> Any:
            recent = jax.lax.dynamic_slice(x, (place + 1, 0), (WINDOW, inputs))
            learner, state, output = model.slide(*carry, recent, y[place])
            return (learner, state), output

        return jax.lax.scan(body, (learner, state), np.arange(BLOCK))

    compiled = jax.jit(loop, donate_argnums=(0, 1))

    def run(events: Events) -> list[Any]:
        nonlocal window
        x = np.concatenate([window, events.x])
        predictions: list[Any] = []
        for start in range(0, len(events.y), BLOCK):
            (model.learner, model.state), outputs = compiled(
                model.learner,
                model.state,
                x[start : start + BLOCK + WINDOW],
                events.y[start : start + BLOCK],
            )
            predictions.append(np.asarray(outputs))
        window = x[-WINDOW:]
        return predictions

    return run
