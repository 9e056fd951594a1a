"""Events of live streams, in their own units: predict each, then learn from it.

Inputs and targets are scaled by running statistics, which belong to a model: ``scalings`` is
``(models, 3, I + G)``, count, mean and variance of each column, inputs first. ``models`` holds one
model for all streams, or one for each where they own theirs, ``(models, 3 P)``.
"""

import math

from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.model import (
    FORGETTING,
    GIVEN,
    GIVEN_AT,
    LAG,
    LIMIT,
    OUTPUTS,
    OUTPUTS_AT,
    OWN,
    STATE,
    STEPS,
    STRIDE,
    TARGETS,
    Settings,
    Shape,
    model_forward,
)
from streamrnn.kernels.network import Plan, Use
from streamrnn.kernels.online import (
    ALL_UNDONE,
    LEARNED,
    LENGTH,
    Counters,
    Known,
    advance,
    learn,
    place_of_next_step,
)
from streamrnn.kernels.products import Array
from streamrnn.kernels.scaling import deviation, scale, update_scaling
from streamrnn.kernels.views import view

COUNT, MEAN, VARIANCE = range(3)


@kernel
def predict(
    plan: Plan,
    shape: Shape,
    settings: Settings,
    models: Array,
    scalings: Array,
    workspace: Array,
    cache: Counters,
    numbers: Array,
    counters: Counters,
    row: int,
    inputs: Array,
    prediction: Array,
    rnn: Use,
    lstm: Use,
    gru: Use,
) -> None:
    """Fill ``prediction (O,)`` for a stream's next step with ``inputs (I,)``; the stream stays."""
    width = inputs.size
    which = row if shape[OWN] else 0
    scaling = scalings[which]
    given = workspace[shape[GIVEN_AT] : shape[GIVEN_AT] + width]
    scale(
        inputs,
        scaling[COUNT, :width],
        scaling[MEAN, :width],
        scaling[VARIANCE, :width],
        settings[LIMIT],
        given,
    )
    place = place_of_next_step(cache, row, counters[row, LENGTH])
    model_forward(
        plan,
        shape,
        models[which],
        workspace,
        view(given, 0, (1, width)),
        numbers[row, : shape[STATE]],
        place,
        place + 1,
        place,
        rnn,
        lstm,
        gru,
    )
    outputs = view(workspace, shape[OUTPUTS_AT], (shape[STEPS], shape[OUTPUTS]))[place]
    unscale(outputs, scaling, width, prediction)


@kernel
def unscale(outputs: Array, scaling: Array, width: int, prediction: Array) -> None:
    """Fill ``prediction`` with outputs in the targets' own units.

    Columns from ``width`` on are those of the targets, whose outputs are scaled one by one.
    """
    for j in range(outputs.size):
        prediction[j] = outputs[j]
        target = width + j
        if target < scaling.shape[1] and scaling[COUNT, target] >= 0:
            spread = deviation(scaling[MEAN, target], scaling[VARIANCE, target])
            prediction[j] = scaling[MEAN, target] + spread * outputs[j]


@kernel
def predict_and_learn(
    plan: Plan,
    shape: Shape,
    settings: Settings,
    models: Array,
    updates: Counters,
    scalings: Array,
    gradient: Array,
    workspace: Array,
    cache: Counters,
    numbers: Array,
    known: Known,
    counters: Counters,
    rows: Counters,
    inputs: Array,
    targets: Array,
    predictions: Array,
    report: Array,
    rnn: Use,
    lstm: Use,
    gru: Use,
) -> None:
    """Work through events in order: predict each, then learn from its target.

    Inputs are scaled by what was known before them, targets with what they bring.

    Args:
        plan: See `streamrnn.kernels.network`.
        shape: See `streamrnn.kernels.model`.
        settings: The same.
        models: One for all streams, or one for each where they own theirs, ``(models, 3 P)``.
        updates: Of each model, ``(models, 2)``.
        scalings: Count, mean and variance of inputs and targets, ``(models, 3, I + G)``.
        gradient: Room for the gradient, ``(P,)``.
        workspace: Room for a run.
        cache: Whose activations are in the workspace.
        numbers: The streams, ``(rows, ...)``.
        known: Which of their targets are known.
        counters: Their lengths.
        rows: The stream of each event, ``(E,)``.
        inputs: ``(E, I)``; NaN where one is not known.
        targets: ``(E, G)``; NaN where one is not known.
        predictions: Filled, ``(E, O)``; NaN for a run of events with an output that is not finite.
        report: As in `learn`.
    """
    size, steps, width = shape[STATE], shape[STEPS], inputs.shape[1]
    first = 0
    while first < rows.size:
        row = rows[first]
        which = row if shape[OWN] else 0
        model, scaling = models[which], scalings[which]
        # Between two learning steps the events of a stream are one run: a single call.
        room = shape[STRIDE] + shape[LAG] - (counters[row, LENGTH] - counters[row, LEARNED])
        stop = first + 1
        while stop < rows.size and stop - first < room and rows[stop] == row:
            stop += 1
        given = view(workspace, shape[GIVEN_AT], (stop - first, width))
        mean, count, variance = scaling[MEAN], scaling[COUNT], scaling[VARIANCE]
        for e in range(first, stop):
            x, scaled = inputs[e], given[e - first]
            scale(x, count[:width], mean[:width], variance[:width], settings[LIMIT], scaled)
            update_scaling(x, count[:width], mean[:width], variance[:width], settings[FORGETTING])
        place = advance(
            plan,
            shape,
            model,
            workspace,
            cache,
            numbers,
            known,
            counters,
            row,
            given,
            True,
            rnn,
            lstm,
            gru,
        )
        if place < 0:
            report[ALL_UNDONE] += stop - first
            for e in range(first, stop):
                for j in range(shape[OUTPUTS]):
                    predictions[e, j] = math.nan
            first = stop
            continue
        outputs = view(workspace, shape[OUTPUTS_AT], (steps, shape[OUTPUTS]))
        newest = counters[row, LENGTH] - (stop - first)
        window = view(numbers[row], 2 * size + steps * shape[GIVEN], (steps, shape[TARGETS]))
        for e in range(first, stop):
            y, t = targets[e], newest + e - first
            unscale(outputs[place + e - first], scaling, width, predictions[e])
            update_scaling(y, count[width:], mean[width:], variance[width:], settings[FORGETTING])
            scale(y, count[width:], mean[width:], variance[width:], settings[LIMIT], window[t])
            for j in range(shape[TARGETS]):
                known[row, t * shape[TARGETS] + j] = not math.isnan(y[j])
        learn(
            plan,
            shape,
            settings,
            model,
            updates[which],
            gradient,
            workspace,
            cache,
            numbers,
            known,
            counters,
            row,
            report,
            rnn,
            lstm,
            gru,
        )
        first = stop
