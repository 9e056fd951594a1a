"""Truncated backpropagation through time over live streams (Williams and Peng 1990).

Every ``stride`` steps of a stream whose targets are all known, the loss of just these steps is
carried back through the last ``window`` steps: each target teaches once. ``stride = window`` is
chunked, ``stride = 1`` sliding. A target that comes ``lag`` steps later is awaited: the window then
ends that many steps before the present.

A stream keeps its state at the window's start, and the window's inputs and targets. Activations
are computed again from there, so the gradient is that of the weights in force.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamrnn.errors import RecordError
from streamrnn.kernels.products import Array
from streamrnn.learner.network import Network
from streamrnn.learner.streams import Streams
from streamrnn.losses import Loss
from streamrnn.optimizers import Adam


@dataclass(frozen=True, slots=True)
class Lesson:
    """What one learning step was like.

    Attributes:
        loss: The mean loss of the steps that were learned.
        gradient_norm: Of the gradient before it was clipped.
    """

    loss: float
    gradient_norm: float


@dataclass(frozen=True, slots=True)
class Truncation:
    """How far and how often gradients are carried back.

    Attributes:
        window: Steps that a gradient goes back, k2.
        stride: Steps from one learning step to the next, k1.
        lag: Steps until the last of a step's targets is known.
    """

    window: int
    stride: int
    lag: int

    @property
    def run(self) -> int:
        """The longest run of steps at once."""
        return max(self.window, self.stride)

    @property
    def span(self) -> int:
        """The steps that a stream keeps."""
        return self.run + self.lag


def stream_fields(
    network: Network, truncation: Truncation
) -> list[tuple[str, Any, tuple[int, ...]]]:
    """Return the fields of a stream's row that a learner reads and writes."""
    number, span = network.dtype, truncation.span
    return [
        ("state", number, (network.state_size,)),
        ("window_state", number, (network.state_size,)),
        ("inputs", number, (span, network.inputs)),
        ("targets", number, (span, network.outputs)),
        ("known", np.bool_, (span, network.outputs)),
        ("length", np.int64, ()),
        ("learned", np.int64, ()),
    ]


class Learner:
    """Advances streams, and learns from what their steps turned out to be.

    Args:
        network: With room for runs of ``truncation.run`` steps.
        optimizer: Changes the network's parameters.
        loss: Between the network's outputs and the targets.
        truncation: Window, stride and lag.
        streams: A table with the fields of `stream_fields`, and others' fields.
        enabled: Without it streams advance, but keep nothing to learn from.
    """

    def __init__(
        self,
        network: Network,
        optimizer: Adam,
        loss: Loss,
        truncation: Truncation,
        streams: Streams,
        *,
        enabled: bool = True,
    ) -> None:
        self._enabled = enabled
        self._network, self._optimizer, self._loss = network, optimizer, loss
        self._truncation, self._streams = truncation, streams

    @property
    def step(self) -> int:
        """Learning steps so far."""
        return self._optimizer.step

    def advance(self, row: int, inputs: Array) -> Array:
        """Take one step of a stream; return its outputs ``(O,)``, a view.

        Args:
            row: The stream's row.
            inputs: The step's inputs, ``(I,)``.

        Raises:
            RecordError: The outputs are not finite; the stream is as it was before.
        """
        streams = self._streams
        outputs: Array = self._network.forward(inputs[np.newaxis], streams["state"][row])[0]
        if not np.isfinite(outputs).all():
            raise RecordError("learning", "the network's output for this record is not finite")
        self._network.state_after(1, streams["state"][row])
        if self._enabled:
            length = streams["length"][row]
            streams["inputs"][row, length] = inputs
            streams["known"][row, length] = False
            streams["length"][row] = length + 1
        return outputs

    def teach(self, row: int, back: int, output: int, target: float) -> None:
        """Set one target of the step that lies ``back`` steps before a stream's newest.

        A step that the stream no longer keeps, or has not had, is passed over.
        """
        place = self._streams["length"][row] - 1 - back
        if place >= 0:
            self._streams["targets"][row, place, output] = target
            self._streams["known"][row, place, output] = True

    def learn(self, row: int) -> Lesson | None:
        """Take a learning step if a stream's ``stride`` is full.

        Raises:
            RecordError: The gradient is not finite; no parameter has changed.
        """
        streams, truncation, network = self._streams, self._truncation, self._network
        ready = int(streams["length"][row]) - truncation.lag
        if ready - streams["learned"][row] < truncation.stride:
            return None
        first = max(0, ready - truncation.window)
        lesson = self._update(row, ready, first)
        if truncation.stride <= truncation.window:
            drop = max(0, ready + truncation.stride - truncation.window)
        else:
            drop = ready
        if drop:
            network.state_after(drop, streams["window_state"][row])
            for name in ("inputs", "targets", "known"):
                field = streams[name][row]
                field[:-drop] = field[drop:]
            streams["length"][row] -= drop
        streams["learned"][row] = ready - drop
        return lesson

    def _update(self, row: int, ready: int, first: int) -> Lesson | None:
        """Run over the steps that are ready, and learn from those not yet learned."""
        streams, network = self._streams, self._network
        known = streams["known"][row, :ready]
        known[: streams["learned"][row]] = False
        outputs = network.forward(streams["inputs"][row, :ready], streams["window_state"][row])
        if not known[first:].any():
            return None
        targets = streams["targets"][row, :ready]
        loss = network.backward(outputs, self._loss, targets, known, first)
        norm = self._optimizer.update(network.parameters, network.gradient)
        if not math.isfinite(norm):
            raise RecordError("learning", "the gradient of this record is not finite")
        return Lesson(loss, norm)

    def tensors(self) -> dict[str, NDArray[Any]]:
        """Return the parameters and the optimiser's state by name, without a copy."""
        optimizer = {f"optimizer.{name}": t for name, t in self._optimizer.tensors().items()}
        return {"parameters": self._network.parameters, **optimizer}

    def restore(self, step: int, tensors: Mapping[str, NDArray[Any]]) -> None:
        """Take over the number of learning steps, and the arrays of `tensors`."""
        self._network.parameters[:] = tensors["parameters"]
        prefix = "optimizer."
        state = {k.removeprefix(prefix): t for k, t in tensors.items() if k.startswith(prefix)}
        self._optimizer.restore(step, state)
