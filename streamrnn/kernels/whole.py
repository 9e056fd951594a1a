"""A network over a whole sequence: outputs for the sequence, or for each of its steps, and back.

    given (N, G) -> convolution -> inputs (T, I) -> cells -> features (T, F) -> pooling -> head

Without a convolution the inputs are what was given; without a pooling each step has outputs. The
state before the first step is zero. Inputs, and what the head sees, may be dropped out.

``shape`` holds the whole numbers of a network by the names below. All parameters lie in one flat
array, and all that the way back needs in one ``workspace``.
"""

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.convolution import (
    convolved_steps,
    rectify,
    rectify_backward,
    stack_frames,
)
from streamrnn.kernels.dropout import fill_mask, multiply
from streamrnn.kernels.hashing import ONE
from streamrnn.kernels.linear import linear_backward, linear_forward, linear_weight_backward
from streamrnn.kernels.network import Plan, Use, network_backward, network_forward
from streamrnn.kernels.pooling import (
    pooled_last,
    pooled_last_backward,
    pooled_max,
    pooled_max_backward,
    pooled_parts,
    pooled_parts_backward,
)
from streamrnn.kernels.products import Array, copy
from streamrnn.kernels.views import view

Shape = NDArray[np.int64]
Columns = NDArray[np.int64]

# Widths. SEEN is how many frames a convolution sees at once, 0 without one; PARTS, LAST and MAX say
# what is pooled, POOLED how wide it all is, 0 without a pooling.
STEPS, GIVEN, SEEN, STRIDE, INPUTS, FEATURES, OUTPUTS = range(7)
LAST, PARTS, MAX, POOLED = range(7, 11)
# Places in the parameters, and in the workspace.
CONVOLUTION, HEAD, STACKED_AT, INPUTS_AT, FEATURES_AT, DFEATURES_AT = range(11, 17)
POOLED_AT, DPOOLED_AT, INPUT_MASK_AT, HEAD_MASK_AT = range(17, 21)
SHAPE_NUMBERS = 21


@kernel
def steps_of(shape: Shape, given: int) -> int:
    """Return how many steps come of so many frames."""
    return convolved_steps(given, shape[STRIDE]) if shape[SEEN] else given


@kernel
def whole_forward(
    plan: Plan,
    columns: Columns,
    shape: Shape,
    parameters: Array,
    workspace: Array,
    places: Columns,
    state: Array,
    given: Array,
    dropout: float,
    key: np.uint64,
    outputs: Array,
    rnn: Use,
    lstm: Use,
    gru: Use,
) -> int:
    """Fill the outputs; return the number of steps.

    Args:
        plan: See `streamrnn.kernels.network`.
        columns: See `streamrnn.kernels.pooling.pooled_last`.
        shape: See above.
        parameters: ``(P,)``.
        workspace: Keeps all that `whole_backward` reads.
        places: The same, ``(F,)``.
        state: Zeros, ``(S,)``.
        given: ``(N, G)``, N at least 1 and at most STEPS.
        dropout: The share that is dropped out, from 0 to below 1.
        key: What this depends on.
        outputs: ``(1, O)`` with a pooling, else ``(T, O)``.
    """
    steps, width = shape[STEPS], shape[INPUTS]
    features = view(workspace, shape[FEATURES_AT], (steps, shape[FEATURES]))
    stop = steps_of(shape, given.shape[0])
    if shape[SEEN]:
        seen = shape[SEEN] * shape[GIVEN]
        stacked = view(workspace, shape[STACKED_AT], (stop, seen))
        inputs = view(workspace, shape[INPUTS_AT], (stop, width))
        stack_frames(given, shape[STRIDE], stacked)
        linear_forward(view(parameters, shape[CONVOLUTION], (seen + 1, width)), stacked, inputs)
        rectify(view(workspace, shape[INPUTS_AT], (stop * width,)))
        for t in range(stop):
            copy(inputs[t], features[t, :width])
    else:
        for t in range(stop):
            copy(given[t], features[t, :width])
    if dropout > 0:
        mask = view(workspace, shape[INPUT_MASK_AT], (stop, width))
        fill_mask(view(workspace, shape[INPUT_MASK_AT], (stop * width,)), dropout, key)
        for t in range(stop):
            multiply(mask[t], features[t, :width])
    network_forward(plan, parameters, workspace, features, state, 0, stop, rnn, lstm, gru)
    seen_by_head = shape[POOLED] if shape[POOLED] else shape[FEATURES]
    rows = 1 if shape[POOLED] else stop
    pooled = view(workspace, shape[POOLED_AT], (rows, seen_by_head))
    if shape[POOLED]:
        _pool(shape, columns, features[:stop], pooled[0], places)
    else:
        for t in range(stop):
            copy(features[t], pooled[t])
    if dropout > 0:
        flat = view(workspace, shape[POOLED_AT], (rows * seen_by_head,))
        mask_of_head = view(workspace, shape[HEAD_MASK_AT], (rows * seen_by_head,))
        fill_mask(mask_of_head, dropout, key + ONE)
        multiply(mask_of_head, flat)
    head = view(parameters, shape[HEAD], (seen_by_head + 1, shape[OUTPUTS]))
    linear_forward(head, pooled, outputs)
    return stop


@kernel
def _pool(shape: Shape, columns: Columns, features: Array, pooled: Array, places: Columns) -> None:
    last, parts, width = shape[LAST], shape[PARTS], shape[FEATURES]
    if last:
        pooled_last(features, columns, pooled[:last])
    if parts:
        pooled_parts(features, view(pooled, last, (parts, width)))
    if shape[MAX]:
        pooled_max(features, pooled[last + parts * width :], places)


@kernel
def _pool_backward(
    shape: Shape, columns: Columns, dpooled: Array, places: Columns, dfeatures: Array
) -> None:
    last, parts, width = shape[LAST], shape[PARTS], shape[FEATURES]
    if last:
        pooled_last_backward(dpooled[:last], columns, dfeatures)
    if parts:
        pooled_parts_backward(view(dpooled, last, (parts, width)), dfeatures)
    if shape[MAX]:
        pooled_max_backward(dpooled[last + parts * width :], places, dfeatures)


@kernel
def whole_backward(
    plan: Plan,
    columns: Columns,
    shape: Shape,
    parameters: Array,
    workspace: Array,
    places: Columns,
    gradient: Array,
    doutputs: Array,
    dropout: float,
    dgiven: Array,
    rnn: Use,
    lstm: Use,
    gru: Use,
) -> None:
    """Fill the gradient by the parameters, and by the inputs, of the last run.

    Args:
        plan: As in `whole_forward`, and so the five that follow.
        columns: The same.
        shape: The same.
        parameters: The same.
        workspace: As the run left it.
        places: The same.
        gradient: Filled, ``(P,)``.
        doutputs: The loss's gradient by the outputs.
        dropout: As in the run.
        dgiven: Filled with the gradient by the inputs, ``(T, I)``.
    """
    steps, width, stop = shape[STEPS], shape[INPUTS], dgiven.shape[0]
    features = view(workspace, shape[FEATURES_AT], (steps, shape[FEATURES]))
    dfeatures = view(workspace, shape[DFEATURES_AT], (steps, shape[FEATURES]))
    seen_by_head = shape[POOLED] if shape[POOLED] else shape[FEATURES]
    rows = doutputs.shape[0]
    pooled = view(workspace, shape[POOLED_AT], (rows, seen_by_head))
    dpooled = view(workspace, shape[DPOOLED_AT], (rows, seen_by_head))
    head = view(parameters, shape[HEAD], (seen_by_head + 1, shape[OUTPUTS]))
    dhead = view(gradient, shape[HEAD], (seen_by_head + 1, shape[OUTPUTS]))
    linear_backward(head, pooled, doutputs, dpooled, dhead)
    if dropout > 0:
        multiply(
            view(workspace, shape[HEAD_MASK_AT], (rows * seen_by_head,)),
            view(workspace, shape[DPOOLED_AT], (rows * seen_by_head,)),
        )
    if shape[POOLED]:
        for t in range(stop):
            for j in range(shape[FEATURES]):
                dfeatures[t, j] = 0
        _pool_backward(shape, columns, dpooled[0], places, dfeatures[:stop])
    else:
        for t in range(stop):
            copy(dpooled[t], dfeatures[t])
    network_backward(plan, parameters, workspace, dfeatures, gradient, 0, stop, rnn, lstm, gru)
    mask = view(workspace, shape[INPUT_MASK_AT], (stop, width))
    for t in range(stop):
        copy(dfeatures[t, :width], dgiven[t])
        if dropout > 0:
            multiply(mask[t], dgiven[t])
    if shape[SEEN]:
        seen = shape[SEEN] * shape[GIVEN]
        for t in range(stop):
            rectify_backward(features[t, :width], dgiven[t])
        # What comes before the convolution is data, so that nothing goes back beyond its weight.
        linear_weight_backward(
            view(workspace, shape[STACKED_AT], (stop, seen)),
            dgiven,
            view(gradient, shape[CONVOLUTION], (seen + 1, width)),
        )
