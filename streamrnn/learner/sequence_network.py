"""A network over whole sequences, and how it is changed: see `streamrnn.kernels.whole`."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike

from streamrnn.arrays import Places, aligned_zeros
from streamrnn.errors import RecordError
from streamrnn.kernels import model, network, whole
from streamrnn.kernels.optimizers import clip_by_global_norm
from streamrnn.kernels.products import Array, add, all_finite
from streamrnn.kernels.views import view
from streamrnn.layers.stack import Layer, Stack
from streamrnn.learner.optimization import Optimization

FIRST_STEPS = 64
NOT_FINITE = "learning", "the network's output for this record is not finite"
"""Reason and message of an error."""


def checked(outputs: Array) -> Array:
    """Return outputs of a network, ``(T, O)``.

    Raises:
        RecordError: They are not finite.
    """
    if not all_finite(outputs):
        raise RecordError(*NOT_FINITE)
    return outputs


@dataclass(frozen=True, slots=True)
class SequenceArchitecture:
    """What a network over whole sequences is made of.

    Attributes:
        layers: From the lowest up.
        inputs: Width of what is given at each step, G.
        outputs: Width of the output, O.
        pooling: Of ``last``, ``mean`` and ``max`` those that the head sees; without any, each step
            has outputs.
        parts: Equal parts of a sequence of which each has a mean of its own.
        seen: Frames that the convolution sees at once; 0 without one.
        stride: Frames from one step to the next, with a convolution.
        channels: Its outputs.
        dropout: The share of inputs, and of what the head sees, that is left out while learning.
        norm: Whether RMSNorm stands before the gates.
        seed: Of the first weights.
    """

    layers: tuple[Layer, ...]
    inputs: int
    outputs: int
    pooling: tuple[str, ...] = ("last", "mean", "max")
    parts: int = 1
    seen: int = 0
    stride: int = 1
    channels: int = 0
    dropout: float = 0.0
    norm: bool = False
    seed: int = 1


class SequenceNetwork:
    """Outputs for whole sequences, and learning steps over some of them at once.

    Args:
        architecture: What it is made of.
        optimization: How its parameters are changed.
        dtype: Type of all numbers.

    Attributes:
        model: The parameters ``(P,)``, then the optimiser's two running means.
        updates: Learning steps so far.
    """

    def __init__(
        self,
        architecture: SequenceArchitecture,
        optimization: Optimization,
        dtype: DTypeLike = np.float32,
    ) -> None:
        a = self.architecture = architecture
        self.dtype, self.updates, self._steps = np.dtype(dtype), 0, 0
        self._optimization = optimization
        self.uses: list[network.Use] = [
            True if name in {layer.cell for layer in a.layers} else None
            for name in ("rnn", "lstm", "gru")
        ]
        stack = self._make_room(FIRST_STEPS)
        self.model = aligned_zeros(3 * self.size, dtype)
        self._total, self._further = aligned_zeros((2, self.size), dtype)
        drawn = stack.initial_weights(a.layers, a.seed)
        for row, weight in zip(self.plan, drawn, strict=True):
            at, rows, columns = row[network.WEIGHT], row[network.ROWS], row[network.COLUMNS]
            view(self.model, at, (rows, columns))[:] = weight
        if a.seen:
            fan_in = a.seen * a.inputs
            weight = np.random.default_rng([a.seed, 2]).normal(size=(fan_in, a.channels))
            at = self.shape[whole.CONVOLUTION]
            view(self.model, at, (fan_in, a.channels))[:] = weight * np.sqrt(2 / max(fan_in, 1))
        self._settings = np.zeros(model.DETAIL)
        self._choices = np.zeros(model.SHAPE_NUMBERS, np.int64)
        optimization.fill(self._choices, self._settings)
        self._choices[model.PARAMETERS] = self.size
        self._pending = 0

    def _make_room(self, steps: int) -> Stack:
        """Lay out parameters and workspace for sequences of so many steps; the former stay."""
        a, places, workspace = self.architecture, Places(self.dtype), Places(self.dtype)
        width = a.channels if a.seen else a.inputs
        convolution = places.take((a.seen * a.inputs + 1) * a.channels if a.seen else 0)
        stack = Stack(a.layers, width, steps, norm=a.norm, model=places, workspace=workspace)
        hidden = stack.features - width
        last = hidden if "last" in a.pooling else 0
        parts = a.parts if "mean" in a.pooling else 0
        pooled = last + stack.features * (parts + ("max" in a.pooling))
        head_rows, seen_by_head = (1, pooled) if pooled else (steps, stack.features)
        head = places.take((seen_by_head + 1) * a.outputs)
        values = {
            whole.STEPS: steps,
            whole.GIVEN: a.inputs,
            whole.SEEN: a.seen,
            whole.STRIDE: a.stride,
            whole.INPUTS: width,
            whole.FEATURES: stack.features,
            whole.OUTPUTS: a.outputs,
            whole.LAST: last,
            whole.PARTS: parts,
            whole.MAX: "max" in a.pooling,
            whole.POOLED: pooled,
            whole.CONVOLUTION: convolution,
            whole.HEAD: head,
            whole.STACKED_AT: workspace.take(steps * a.seen * a.inputs),
            whole.INPUTS_AT: workspace.take(steps * width),
            whole.FEATURES_AT: workspace.take(steps * stack.features),
            whole.DFEATURES_AT: workspace.take(steps * stack.features),
            whole.POOLED_AT: workspace.take(head_rows * seen_by_head),
            whole.DPOOLED_AT: workspace.take(head_rows * seen_by_head),
            whole.INPUT_MASK_AT: workspace.take(steps * width),
            whole.HEAD_MASK_AT: workspace.take(head_rows * seen_by_head),
        }
        self.shape = np.array([values[k] for k in range(whole.SHAPE_NUMBERS)], np.int64)
        self.plan, self.size, self._steps = stack.plan, places.size, steps
        self._columns = np.array(
            [
                (r[network.FEATURE], r[network.FEATURE] + r[network.HIDDEN], r[network.REVERSED])
                for r in stack.plan
            ],
            np.int64,
        )
        self._workspace = aligned_zeros(workspace.size, self.dtype)
        self._places = np.zeros(stack.features, np.int64)
        self._state = np.zeros(stack.state_size, self.dtype)
        self._dgiven = aligned_zeros((steps, width), self.dtype)
        self._outputs = aligned_zeros((head_rows, a.outputs), self.dtype)
        return stack

    @property
    def parameters(self) -> Array:
        """All parameters, ``(P,)``, a view."""
        return self.model[: self.size]

    @property
    def gradient(self) -> Array:
        """That of the last run, ``(P,)``, a view, until the next run or update."""
        last: Array = self._further if self._pending > 1 else self._total
        return last

    def forward(self, given: Array, key: int = 0, *, learning: bool = False) -> Array:
        """Return outputs ``(1, O)``, or ``(T, O)`` without a pooling; a view.

        Args:
            given: ``(N, G)``, with at least one step.
            key: What is dropped out depends on it.
            learning: Whether anything is.
        """
        a = self.architecture
        steps = -(-len(given) // a.stride) if a.seen else len(given)
        if steps > self._steps:
            self._make_room(max(steps, 2 * self._steps))
        self._dropout = a.dropout if learning else 0.0
        self._stop = steps
        outputs = self._outputs if self.shape[whole.POOLED] else self._outputs[:steps]
        whole.whole_forward(
            self.plan,
            self._columns,
            self.shape,
            self.model,
            self._workspace,
            self._places,
            self._state,
            given,
            self._dropout,
            np.uint64(key),
            outputs,
            *self.uses,
        )
        return outputs

    def backward(self, doutputs: Array) -> Array:
        """Add the gradient of the last run to that of the next update.

        Args:
            doutputs: The loss's gradient by the outputs.

        Returns:
            The gradient by what was given, ``(T, G)``, a view; with a convolution, by what came of
            its product.
        """
        dgiven = self._dgiven[: self._stop]
        whole.whole_backward(
            self.plan,
            self._columns,
            self.shape,
            self.model,
            self._workspace,
            self._places,
            self._further if self._pending else self._total,
            doutputs,
            self._dropout,
            dgiven,
            *self.uses,
        )
        if self._pending:
            add(self._further, self._total)
        self._pending += 1
        return dgiven

    @property
    def sound(self) -> bool:
        """Whether the gradients since the last update are finite."""
        return math.isfinite(clip_by_global_norm(self._total, math.inf))

    def forget(self) -> None:
        """Drop the gradients since the last update."""
        self._pending = 0

    def update(self) -> float:
        """Change the parameters against the mean gradient since the last update; return its norm.

        A norm that is not finite changes nothing; without a gradient it is NaN.
        """
        if not self._pending:
            return math.nan
        if self._pending > 1:
            self._total /= self._pending
        self._pending = 0
        norm: float = model.model_update(
            self._choices, self._settings, self.model, self._total, self.updates + 1
        )
        self.updates += int(np.isfinite(norm))
        return norm
