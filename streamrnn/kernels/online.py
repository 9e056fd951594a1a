"""Learning from live streams: truncated backpropagation through time (Williams and Peng 1990).

Every ``stride`` steps of a stream, the loss of just these steps is carried back through the last
``window`` steps: each target teaches once. ``stride = window`` is chunked, ``stride = 1`` sliding;
where ``stride`` is larger, what lies before the window teaches nothing. Targets that come ``lag``
steps later are awaited: the window then ends that many steps before the present. What is still not
known then is masked.

A stream is a row of three arrays. ``numbers`` holds its state, the state at the window's start, and
the window's inputs and targets, for ``STEPS`` steps; ``known`` says which targets are known; and
``counters`` how many steps the window holds, and how many of these have been learned.

Activations are computed again from the window's start, with the weights in force. Those of the
workspace serve once more while they are what that would give: ``cache`` says whose they are and how
many, and owner -1 that they are nobody's.
"""

import math

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.model import (
    CLIP,
    GIVEN,
    LAG,
    OUTPUTS,
    OUTPUTS_AT,
    PIECE_ROWS,
    STATE,
    STEPS,
    STRIDE,
    TARGETS,
    WINDOW,
    Settings,
    Shape,
    model_backward,
    model_forward,
    model_update,
    update_pieces,
)
from streamrnn.kernels.network import Plan, Use, network_state
from streamrnn.kernels.products import Array, copy
from streamrnn.kernels.views import view

Counters = NDArray[np.int64]
Known = NDArray[np.bool_]

LENGTH, LEARNED = range(2)
OWNER, VALID = range(2)
UPDATES, UNDONE = range(2)
NOTHING, DONE, UNDID = range(3)
LOSS_NOW, NORM_NOW, ALL_UPDATES, ALL_UNDONE, ALL_LOSS, ALL_NORM, ALL_CLIPPED = range(7)
REPORT_NUMBERS = 7


@kernel
def place_of_next_step(cache: Counters, row: int, length: int) -> int:
    """Return where in the workspace a stream's next step can run: after its own steps, if these
    are all there, else at the start, where it spoils what was there."""
    if cache[OWNER] == row and cache[VALID] == length:
        return length
    cache[OWNER] = -1
    return 0


@kernel
def advance(
    plan: Plan,
    shape: Shape,
    model: Array,
    workspace: Array,
    cache: Counters,
    numbers: Array,
    known: Known,
    counters: Counters,
    row: int,
    given: Array,
    keep: bool,
    rnn: Use,
    lstm: Use,
    gru: Use,
) -> int:
    """Take a run of steps of a stream; return the place of its first outputs in the workspace.

    ``given`` is ``(steps, GIVEN)``. Where an output is not finite the place is -1, and where the
    window has no room, since `learn` was not called, -2; the stream is then as it was. Without
    ``keep`` nothing is kept to be learned from, and the window begins again at the present.
    """
    size, length, steps = shape[STATE], counters[row, LENGTH], given.shape[0]
    if keep and length + steps > shape[STEPS]:
        return -2
    stream = numbers[row]
    state = stream[:size]
    place = place_of_next_step(cache, row, length)
    stop = place + steps
    model_forward(plan, shape, model, workspace, given, state, place, stop, place, rnn, lstm, gru)
    outputs = view(workspace, shape[OUTPUTS_AT], (shape[STEPS], shape[OUTPUTS]))
    for t in range(place, stop):
        for j in range(shape[OUTPUTS]):
            if not math.isfinite(outputs[t, j]):
                cache[OWNER] = -1
                return -1
    network_state(plan, workspace, shape[STEPS], stop, state)
    if keep:
        start = 2 * size + length * shape[GIVEN]
        copy(view(given, 0, (given.size,)), stream[start : start + given.size])
        for k in range(length * shape[TARGETS], (length + steps) * shape[TARGETS]):
            known[row, k] = False
        counters[row, LENGTH] = length + steps
        if place == length:
            cache[OWNER], cache[VALID] = row, length + steps
    else:
        copy(state, stream[size : 2 * size])
        counters[row, LENGTH] = counters[row, LEARNED] = 0
        cache[OWNER] = -1
    return place


@kernel
def learn(
    plan: Plan,
    shape: Shape,
    settings: Settings,
    model: Array,
    updates: Counters,
    gradient: Array,
    workspace: Array,
    cache: Counters,
    numbers: Array,
    known: Known,
    counters: Counters,
    row: int,
    report: Array,
    rnn: Use,
    lstm: Use,
    gru: Use,
) -> int:
    """Take a learning step if a stream's stride is full.

    Args:
        plan: See `streamrnn.kernels.network`.
        shape: See `streamrnn.kernels.model`.
        settings: The same.
        model: The parameters and the optimiser's means, changed in place.
        updates: How many updates this model has had, and how many were undone.
        gradient: Room for the gradient, ``(P,)``.
        workspace: Room for a run.
        cache: Whose activations are in the workspace.
        numbers: The streams, ``(rows, ...)``.
        known: Which of their targets are known.
        counters: Their lengths.
        row: The stream.
        report: Filled with the loss and the gradient's norm; what begins with ALL is summed over
            the updates of all models.

    Returns:
        NOTHING, DONE, or UNDID where the gradient was not finite and no parameter has changed.
    """
    length, learned = counters[row, LENGTH], counters[row, LEARNED]
    ready = length - shape[LAG]
    if ready - learned < shape[STRIDE]:
        return NOTHING
    size, steps, targets = shape[STATE], shape[STEPS], shape[TARGETS]
    stream = numbers[row]
    given = view(stream, 2 * size, (steps, shape[GIVEN]))
    window_targets = view(stream, 2 * size + steps * shape[GIVEN], (steps, targets))
    known_now = view(known[row], 0, (steps, targets))
    first = max(0, ready - shape[WINDOW])
    to_learn, fresh = False, max(first, learned)
    for t in range(fresh, ready):
        for j in range(targets):
            to_learn = to_learn or known_now[t, j]
    drop = ready
    if shape[STRIDE] <= shape[WINDOW]:
        drop = max(0, ready + shape[STRIDE] - shape[WINDOW])
    result = NOTHING
    valid = cache[OWNER] == row and cache[VALID] >= ready
    if not valid and (to_learn or drop < length):
        start = stream[size : 2 * size]
        # A literal 0 would be a type of its own, and compile everything below once more.
        origin = int(np.int64(0))
        model_forward(
            plan,
            shape,
            model,
            workspace,
            given[:ready],
            start,
            origin,
            ready,
            fresh,
            rnn,
            lstm,
            gru,
        )
    if to_learn:
        loss = model_backward(
            plan,
            shape,
            settings,
            model,
            gradient,
            workspace,
            given,
            window_targets,
            known_now,
            first,
            ready,
            fresh,
            rnn,
            lstm,
            gru,
        )
        norm = model_update(shape, settings, model, gradient, updates[UPDATES] + 1)
        report[LOSS_NOW], report[NORM_NOW] = loss, norm
        result = DONE if math.isfinite(norm) else UNDID
        updates[UPDATES if result == DONE else UNDONE] += 1
        report[ALL_UPDATES if result == DONE else ALL_UNDONE] += 1
        if result == DONE:
            if shape[PIECE_ROWS]:
                update_pieces(shape, settings, model, workspace, given, first, ready)
            report[ALL_LOSS] += loss
            report[ALL_NORM] += norm
            report[ALL_CLIPPED] += norm > settings[CLIP]
    if drop == length:
        for j in range(size):
            stream[size + j] = stream[j]
    else:
        network_state(plan, workspace, steps, drop, stream[size : 2 * size])
    for t in range(length - drop):
        for j in range(shape[GIVEN]):
            given[t, j] = given[t + drop, j]
        for j in range(targets):
            window_targets[t, j] = window_targets[t + drop, j]
            known_now[t, j] = known_now[t + drop, j]
    counters[row, LENGTH], counters[row, LEARNED] = length - drop, ready - drop
    cache[OWNER] = -1
    return result
