"""A network: an embedding if its inputs are symbols, recurrent layers, a head and a loss."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from streamrnn.arrays import Places, aligned_zeros
from streamrnn.kernels import losses, model, network
from streamrnn.kernels.products import Array
from streamrnn.kernels.views import view
from streamrnn.layers.stack import Layer, Stack

FIRST_SQUARE = 3e-5
"""Of the rates of pieces."""

LOSSES = {
    "squared": losses.SQUARED,
    "huber": losses.HUBER,
    "pinball": losses.PINBALL,
    "logistic": losses.LOGISTIC,
    "softmax": losses.SOFTMAX,
}


@dataclass(frozen=True, slots=True)
class Architecture:
    """What a network is made of.

    Attributes:
        layers: From the lowest up.
        inputs: Width of the input, I; with symbols, that of their embedding.
        outputs: Width of the output, O.
        loss: Name of the loss in `LOSSES`.
        detail: The width of the Huber loss, or the levels of the pinball loss, one an output.
        symbols: How many there are, where steps are symbols; 0 where they are numbers.
        pieces: How many a symbol comes with; the vectors of these are added to its own.
        piece_rows: Of the table of their vectors, a power of two up to 2**24; pieces share rows.
        norm: Whether RMSNorm stands before the gates.
        seed: Of the first weights.
    """

    layers: tuple[Layer, ...]
    inputs: int
    outputs: int
    loss: str
    detail: tuple[float, ...] = (1.0,)
    symbols: int = 0
    pieces: int = 0
    piece_rows: int = 0
    norm: bool = False
    seed: int = 1

    def __post_init__(self) -> None:
        if self.loss not in LOSSES:
            raise ValueError(f"loss: expected one of {', '.join(LOSSES)}, got {self.loss!r}")
        if self.loss == "pinball" and len(self.detail) != self.outputs:
            raise ValueError(
                f"detail: expected a level for each of {self.outputs} outputs, got {self.detail}"
            )

    @property
    def given(self) -> int:
        """Numbers that a step brings."""
        return 1 + self.pieces if self.symbols else self.inputs

    @property
    def targets(self) -> int:
        """Numbers that a step's target has."""
        return 1 if self.loss == "softmax" else self.outputs


class Network:
    """Outputs for a run of steps, and the gradient of the loss over them.

    All parameters lie in one array, so that an optimiser passes over them once; the optimiser's two
    running means lie behind them. The output layer begins at zero: so does every output.

    Args:
        architecture: What it is made of.
        steps: The longest run, T.
        dtype: Type of all numbers.
    """

    def __init__(
        self, architecture: Architecture, steps: int, dtype: DTypeLike = np.float32
    ) -> None:
        a = self.architecture = architecture
        self.steps, self.dtype = steps, np.dtype(dtype)
        places, workspace = Places(dtype), Places(dtype)
        embedding = places.take(a.symbols * a.inputs)
        stack = Stack(a.layers, a.inputs, steps, norm=a.norm, model=places, workspace=workspace)
        head = places.take((stack.features + 1) * a.outputs)
        self.plan, self.state_size, self.size = stack.plan, stack.state_size, places.size
        cells = {layer.cell for layer in a.layers}
        self.uses: list[network.Use] = [
            True if name in cells else None for name in ("rnn", "lstm", "gru")
        ]
        self.shape = np.zeros(model.SHAPE_NUMBERS, np.int64)
        values = {
            model.STEPS: steps,
            model.INPUTS: a.inputs,
            model.GIVEN: a.given,
            model.SYMBOLS: a.symbols,
            model.OUTPUTS: a.outputs,
            model.TARGETS: a.targets,
            model.FEATURES: stack.features,
            model.STATE: stack.state_size,
            model.PARAMETERS: places.size,
            model.PIECE_ROWS: a.piece_rows,
            model.PIECES_AT: 3 * places.size,
            model.SQUARES_AT: 3 * places.size + a.piece_rows * a.inputs,
            model.EMBEDDING: embedding,
            model.HEAD: head,
            model.FEATURES_AT: workspace.take(steps * stack.features),
            model.DFEATURES_AT: workspace.take(steps * stack.features),
            model.OUTPUTS_AT: workspace.take(steps * a.outputs),
            model.DOUTPUTS_AT: workspace.take(steps * a.outputs),
            model.GIVEN_AT: workspace.take(steps * a.given),
            model.LOSS: LOSSES[a.loss],
        }
        for place, value in values.items():
            self.shape[place] = value
        self.settings = np.zeros(model.DETAIL + len(a.detail))
        self.settings[model.DETAIL :] = a.detail
        self.workspace = aligned_zeros(workspace.size, dtype)
        self.gradient = aligned_zeros(self.size, dtype)

        self.model = aligned_zeros(3 * self.size + a.piece_rows * (a.inputs + 1), dtype)
        self.model[self.shape[model.SQUARES_AT] :] = FIRST_SQUARE
        if a.symbols:
            table = np.random.default_rng([a.seed, 1]).normal(size=(a.symbols, a.inputs))
            view(self.model, embedding, (a.symbols, a.inputs))[:] = table
        for weight, drawn in zip(
            self.weights(self.model), stack.initial_weights(a.layers, a.seed), strict=True
        ):
            weight[:] = drawn

    @property
    def parameters(self) -> Array:
        """All parameters, ``(P,)``, a view."""
        return self.model[: self.size]

    def weights(self, flat: Array) -> list[Array]:
        """Return the weight of each cell, views of a model or a gradient."""
        return [
            view(flat, row[network.WEIGHT], (row[network.ROWS], row[network.COLUMNS]))
            for row in self.plan
        ]

    def head(self, flat: Array) -> Array:
        """Return the head's weight ``(F + 1, O)``, a view of a model or a gradient."""
        rows = self.shape[model.FEATURES] + 1
        return view(flat, self.shape[model.HEAD], (rows, self.shape[model.OUTPUTS]))

    def embedding(self, flat: Array) -> Array:
        """Return the table of symbols ``(V, I)``, a view of a model or a gradient."""
        a = self.architecture
        return view(flat, self.shape[model.EMBEDDING], (a.symbols, a.inputs))

    def forward(self, given: Array, state: Array) -> Array:
        """Run over ``given (T, GIVEN)`` from a state; return the outputs ``(T, O)``, a view.

        Raises:
            ValueError: The run is longer than there is room for, or of another width.
        """
        stop = len(given)
        if stop > self.steps or given.shape[1:] != (self.architecture.given,):
            raise ValueError(
                f"expected at most {self.steps} steps of {self.architecture.given} numbers, "
                f"got {given.shape}"
            )
        model.model_forward(
            self.plan, self.shape, self.model, self.workspace, given, state, 0, stop, 0, *self.uses
        )
        at, outputs = self.shape[model.OUTPUTS_AT], self.shape[model.OUTPUTS]
        return view(self.workspace, at, (self.steps, outputs))[:stop]

    def state_after(self, steps: int, state: Array) -> None:
        """Fill ``state`` with that after so many steps of the last run."""
        network.network_state(self.plan, self.workspace, self.steps, steps, state)

    def backward(
        self, given: Array, targets: NDArray[Any], known: NDArray[np.bool_], first: int
    ) -> float:
        """Fill ``gradient`` for the last run's loss, back to its step ``first``.

        Args:
            given: As in the forward pass, ``(T, GIVEN)``.
            targets: ``(T, TARGETS)``.
            known: Which of them count.
            first: The first step that the gradient reaches; a loss before it is not counted.

        Returns:
            The mean loss.

        Raises:
            ValueError: A layer is bidirectional, and the gradient is to end before the first step.
        """
        if first and any(layer.bidirectional for layer in self.architecture.layers):
            raise ValueError(f"bidirectional layers go back to the first step, not to {first}")
        return model.model_backward(
            self.plan,
            self.shape,
            self.settings,
            self.model,
            self.gradient,
            self.workspace,
            given,
            targets,
            known,
            first,
            len(given),
            first,
            *self.uses,
        )
