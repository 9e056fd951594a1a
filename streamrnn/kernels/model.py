"""A network with its embedding, head and loss: what a run of steps costs, and how it is changed.

``shape`` holds the whole numbers of a model and ``settings`` its other numbers, by the names below.
A ``model`` is one flat array: the parameters ``(P,)``, the optimiser's two running means, and where
symbols come with pieces the vectors of these, ``(ROWS, INPUTS)``, and their squares, ``(ROWS,)``.
"""

import math

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.embedding import add_pieces, learn_pieces
from streamrnn.kernels.linear import linear_backward, linear_forward
from streamrnn.kernels.losses import loss_and_gradient
from streamrnn.kernels.network import Plan, Use, network_backward, network_forward
from streamrnn.kernels.optimizers import (
    ADAM,
    RMSPROP,
    adam,
    clip_by_global_norm,
    rmsprop,
    scheduled_rate,
    sgd,
)
from streamrnn.kernels.products import Array
from streamrnn.kernels.views import view

Shape = NDArray[np.int64]
Settings = NDArray[np.float64]

# Widths. GIVEN is how many numbers a step brings: its inputs, or the index of one symbol and the
# places of its pieces.
STEPS, INPUTS, GIVEN, SYMBOLS, OUTPUTS, TARGETS, FEATURES, STATE, PARAMETERS = range(9)
# Places in the model, and in the workspace.
EMBEDDING, HEAD, FEATURES_AT, DFEATURES_AT, OUTPUTS_AT, DOUTPUTS_AT, GIVEN_AT = range(9, 16)
# Choices, and how far and how often gradients go back.
LOSS, OPTIMIZER, SCHEDULE, WINDOW, STRIDE, LAG, OWN = range(16, 23)
# The table of pieces: its rows, 0 where there is none, its place in the model, that of its squares.
PIECE_ROWS, PIECES_AT, SQUARES_AT = range(23, 26)
SHAPE_NUMBERS = 26

RATE, RATE_DECAY, BETA1, BETA2, EPSILON, CLIP, WEIGHT_DECAY, FORGETTING, LIMIT = range(9)
EMBEDDING_RATE, DETAIL = 9, 10
"""From here on the settings are those of the loss."""


@kernel
def model_forward(
    plan: Plan,
    shape: Shape,
    model: Array,
    workspace: Array,
    given: Array,
    state: Array,
    first: int,
    stop: int,
    wanted: int,
    rnn: Use,
    lstm: Use,
    gru: Use,
) -> None:
    """Fill the features of the steps from ``first`` to before ``stop``, and their outputs.

    Args:
        plan: See `streamrnn.kernels.network`.
        shape: See above.
        model: The parameters come first.
        workspace: Keeps all that `model_backward` reads.
        given: Inputs or symbols of these steps, ``(stop - first, GIVEN)``.
        state: That before ``first``, ``(STATE,)``.
        first: Place of the first step in the workspace.
        stop: The place after the last.
        wanted: The place of the first step whose outputs are wanted.
    """
    features = view(workspace, shape[FEATURES_AT], (shape[STEPS], shape[FEATURES]))
    outputs = view(workspace, shape[OUTPUTS_AT], (shape[STEPS], shape[OUTPUTS]))
    inputs = shape[INPUTS]
    table = view(model, shape[EMBEDDING], (shape[SYMBOLS], inputs))
    for t in range(first, stop):
        step = table[int(given[t - first, 0])] if shape[SYMBOLS] else given[t - first]
        for j in range(inputs):
            features[t, j] = step[j]
    if shape[PIECE_ROWS]:
        pieces = view(model, shape[PIECES_AT], (shape[PIECE_ROWS], inputs))
        add_pieces(given[:, 1:], pieces, features[first:stop])
    network_forward(plan, model, workspace, features, state, first, stop, rnn, lstm, gru)
    head = view(model, shape[HEAD], (shape[FEATURES] + 1, shape[OUTPUTS]))
    linear_forward(head, features[wanted:stop], outputs[wanted:stop])


@kernel
def model_backward(
    plan: Plan,
    shape: Shape,
    settings: Settings,
    model: Array,
    gradient: Array,
    workspace: Array,
    given: Array,
    targets: Array,
    known: NDArray[np.bool_],
    first: int,
    stop: int,
    wanted: int,
    rnn: Use,
    lstm: Use,
    gru: Use,
) -> float:
    """Fill ``gradient (P,)`` with that of the run's loss, back to ``first``; return the loss.

    ``given (T, GIVEN)``, ``targets (T, TARGETS)`` and ``known`` have a row for each place. What
    comes before ``wanted`` has no loss.
    """
    steps, inputs = shape[STEPS], shape[INPUTS]
    features = view(workspace, shape[FEATURES_AT], (steps, shape[FEATURES]))
    dfeatures = view(workspace, shape[DFEATURES_AT], (steps, shape[FEATURES]))
    outputs = view(workspace, shape[OUTPUTS_AT], (steps, shape[OUTPUTS]))
    doutputs = view(workspace, shape[DOUTPUTS_AT], (steps, shape[OUTPUTS]))
    head = view(model, shape[HEAD], (shape[FEATURES] + 1, shape[OUTPUTS]))
    dhead = view(gradient, shape[HEAD], (shape[FEATURES] + 1, shape[OUTPUTS]))
    loss = loss_and_gradient(
        shape[LOSS],
        outputs[wanted:stop],
        targets[wanted:stop],
        known[wanted:stop],
        doutputs[wanted:stop],
        settings[DETAIL:],
    )
    linear_backward(
        head, features[wanted:stop], doutputs[wanted:stop], dfeatures[wanted:stop], dhead
    )
    for t in range(first, wanted):
        for j in range(shape[FEATURES]):
            dfeatures[t, j] = 0
    network_backward(plan, model, workspace, dfeatures, gradient, first, stop, rnn, lstm, gru)
    if shape[SYMBOLS]:
        dtable = view(gradient, shape[EMBEDDING], (shape[SYMBOLS], inputs))
        for symbol in range(shape[SYMBOLS]):
            for j in range(inputs):
                dtable[symbol, j] = 0
        for t in range(first, stop):
            row = dtable[int(given[t, 0])]
            for j in range(inputs):
                row[j] += dfeatures[t, j]
    return loss


@kernel
def model_update(
    shape: Shape, settings: Settings, model: Array, gradient: Array, step: int
) -> float:
    """Change the parameters against the gradient, which is clipped; return its norm as it came.

    ``step`` is the number of this update, from 1. A norm that is not finite changes nothing.
    """
    norm = clip_by_global_norm(gradient, settings[CLIP])
    if not math.isfinite(norm):
        return norm
    size = shape[PARAMETERS]
    parameters, first, second = model[:size], model[size : 2 * size], model[2 * size : 3 * size]
    rate = scheduled_rate(shape[SCHEDULE], settings[RATE], settings[RATE_DECAY], step)
    shrink = rate * settings[WEIGHT_DECAY]
    beta1, beta2, epsilon = settings[BETA1], settings[BETA2], settings[EPSILON]
    if shape[OPTIMIZER] == ADAM:
        adam(parameters, gradient, first, second, step, rate, beta1, beta2, epsilon, shrink)
    elif shape[OPTIMIZER] == RMSPROP:
        rmsprop(parameters, gradient, second, rate, beta2, epsilon, shrink)
    else:
        sgd(parameters, gradient, first, rate, beta1, shrink)
    return norm


@kernel
def update_pieces(
    shape: Shape,
    settings: Settings,
    model: Array,
    workspace: Array,
    given: Array,
    first: int,
    stop: int,
) -> None:
    """Change the vectors of the pieces of some steps, after `model_backward` has run over them."""
    rows, rate = shape[PIECE_ROWS], settings[EMBEDDING_RATE]
    dfeatures = view(workspace, shape[DFEATURES_AT], (shape[STEPS], shape[FEATURES]))
    pieces = view(model, shape[PIECES_AT], (rows, shape[INPUTS]))
    squares = view(model, shape[SQUARES_AT], (rows,))
    learn_pieces(given[first:stop, 1:], dfeatures[first:stop], pieces, squares, rate)
