"""A whole network over a run of steps: recurrent layers of any cells, one above the other.

A ``plan`` has one row of whole numbers for each cell, lowest layer first; its columns are the
names below. So one compiled function serves every stack, and a run of steps is one call.

``features`` is ``(T, F)``: each step's input, then the hidden states of each cell. It is what a
head sees, and where a cell finds its input: that of the network, directly, and the hidden states of
the layer below (the skips of Graves 2013).

All that a run leaves behind for the way back lies in one flat ``workspace``.
"""

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.gru import gru_backward, gru_forward
from streamrnn.kernels.lstm import lstm_backward, lstm_forward
from streamrnn.kernels.products import Array, add, copy
from streamrnn.kernels.rnn import rnn_backward, rnn_forward
from streamrnn.kernels.views import view

Plan = NDArray[np.int64]

RNN, LSTM, GRU = range(3)

Use = bool | None
"""Whether a kind of cell occurs in a plan. None tells the compiler to leave its code out, and so
to be done in a third of the time."""

# What a cell is.
KIND, REVERSED, INPUTS, HIDDEN, MEMORY, GATES, PRODUCTS, COLUMNS, BLOCKS = range(9)
# Where it finds its weight, its state, its column of the features, and those of the layer below.
WEIGHT, ROWS, STATE, FEATURE, BELOW, BELOW_WIDTH = range(9, 15)
# Where its arrays start in the workspace.
JOINED, CELL, GATE, NORMALISED, INVERSE, DHIDDEN, DLATER, DPRODUCTS, DJOINED = range(15, 24)
PLAN_COLUMNS = 24


@kernel
def network_forward(
    plan: Plan,
    parameters: Array,
    workspace: Array,
    features: Array,
    state: Array,
    first: int,
    stop: int,
    rnn: Use,
    lstm: Use,
    gru: Use,
) -> None:
    """Fill the hidden states of ``features`` for the steps from ``first`` to before ``stop``.

    The inputs of these steps stand in the first columns of ``features``. The state, ``(S,)``, is
    that before ``first``; cells that read backwards begin at the last step with a state of zero.
    """
    steps = features.shape[0]
    for layer in range(plan.shape[0]):
        p = plan[layer]
        hidden, width, direct = p[HIDDEN], p[INPUTS], p[INPUTS] - p[BELOW_WIDTH]
        weight = view(parameters, p[WEIGHT], (p[ROWS], p[COLUMNS]))
        joined = view(workspace, p[JOINED], (steps + 1, width + hidden))
        cell = view(workspace, p[CELL], (steps + 1, p[MEMORY]))
        gates = view(workspace, p[GATE], (steps, p[GATES]))
        normalised = view(workspace, p[NORMALISED], (p[PRODUCTS], steps, p[COLUMNS]))
        inverse = view(workspace, p[INVERSE], (p[PRODUCTS], steps, p[BLOCKS]))
        for t in range(first, stop):
            source = first + stop - 1 - t if p[REVERSED] else t
            copy(features[source, :direct], joined[t, :direct])
            below = features[source, p[BELOW] : p[BELOW] + p[BELOW_WIDTH]]
            copy(below, joined[t, direct:width])
        h, c = joined[first, width:], cell[first]
        if p[REVERSED]:
            h[:] = 0
            c[:] = 0
        else:
            copy(state[p[STATE] : p[STATE] + hidden], h)
            copy(state[p[STATE] + hidden : p[STATE] + hidden + p[MEMORY]], c)
        if lstm is not None and p[KIND] == LSTM:
            lstm_forward(weight, joined, cell, gates, normalised, inverse, first, stop)
        if gru is not None and p[KIND] == GRU:
            products = view(workspace, p[DPRODUCTS], (p[PRODUCTS], steps, p[COLUMNS]))
            gru_forward(weight, joined, gates, products, normalised, inverse, first, stop)
        if rnn is not None and p[KIND] == RNN:
            rnn_forward(weight, joined, gates, normalised, inverse, first, stop)
        for t in range(first, stop):
            source = first + stop - 1 - t if p[REVERSED] else t
            copy(joined[t + 1, width:], features[source, p[FEATURE] : p[FEATURE] + hidden])


@kernel
def network_state(plan: Plan, workspace: Array, steps: int, place: int, state: Array) -> None:
    """Fill ``state`` with that before the step ``place`` of the last run, which had room for
    ``steps``; cells that read backwards have none."""
    for layer in range(plan.shape[0]):
        p = plan[layer]
        if p[REVERSED]:
            continue
        hidden, width = p[HIDDEN], p[INPUTS]
        joined = view(workspace, p[JOINED], (steps + 1, width + hidden))
        cell = view(workspace, p[CELL], (steps + 1, p[MEMORY]))
        copy(joined[place, width:], state[p[STATE] : p[STATE] + hidden])
        copy(cell[place], state[p[STATE] + hidden : p[STATE] + hidden + p[MEMORY]])


@kernel
def network_backward(
    plan: Plan,
    parameters: Array,
    workspace: Array,
    dfeatures: Array,
    gradient: Array,
    first: int,
    stop: int,
    rnn: Use,
    lstm: Use,
    gru: Use,
) -> None:
    """Fill the gradients of all weights, back to the step ``first`` of the last run.

    ``dfeatures (T, F)`` is the gradient by the features as a head sees them; that through the
    layers above, and at last that by the input, is added to it.
    """
    steps = dfeatures.shape[0]
    for layer in range(plan.shape[0] - 1, -1, -1):
        p = plan[layer]
        hidden, width, direct = p[HIDDEN], p[INPUTS], p[INPUTS] - p[BELOW_WIDTH]
        weight = view(parameters, p[WEIGHT], (p[ROWS], p[COLUMNS]))
        dweight = view(gradient, p[WEIGHT], (p[ROWS], p[COLUMNS]))
        joined = view(workspace, p[JOINED], (steps + 1, width + hidden))
        cell = view(workspace, p[CELL], (steps + 1, p[MEMORY]))
        gates = view(workspace, p[GATE], (steps, p[GATES]))
        dhidden = view(workspace, p[DHIDDEN], (steps, hidden))
        djoined = view(workspace, p[DJOINED], (steps + 1, width + hidden))
        for row in range(width + hidden, p[ROWS]):
            for j in range(p[COLUMNS]):
                dweight[row, j] = 0
        dlater = view(workspace, p[DLATER], (hidden,))
        normalised = view(workspace, p[NORMALISED], (p[PRODUCTS], steps, p[COLUMNS]))
        dproducts = view(workspace, p[DPRODUCTS], (p[PRODUCTS], steps, p[COLUMNS]))
        inverse = view(workspace, p[INVERSE], (p[PRODUCTS], steps, p[BLOCKS]))
        for t in range(first, stop):
            source = first + stop - 1 - t if p[REVERSED] else t
            copy(dfeatures[source, p[FEATURE] : p[FEATURE] + hidden], dhidden[t])
        if lstm is not None and p[KIND] == LSTM:
            lstm_backward(
                weight,
                joined,
                cell,
                gates,
                normalised,
                inverse,
                dhidden,
                dlater,
                dproducts,
                djoined,
                dweight,
                first,
                stop,
            )
        if gru is not None and p[KIND] == GRU:
            gru_backward(
                weight,
                joined,
                gates,
                normalised,
                inverse,
                dhidden,
                dlater,
                dproducts,
                djoined,
                dweight,
                first,
                stop,
            )
        if rnn is not None and p[KIND] == RNN:
            rnn_backward(
                weight,
                joined,
                gates,
                normalised,
                inverse,
                dhidden,
                dproducts,
                djoined,
                dweight,
                first,
                stop,
            )
        for t in range(first, stop):
            source = first + stop - 1 - t if p[REVERSED] else t
            add(djoined[t, :direct], dfeatures[source, :direct])
            below = dfeatures[source, p[BELOW] : p[BELOW] + p[BELOW_WIDTH]]
            add(djoined[t, direct:width], below)
