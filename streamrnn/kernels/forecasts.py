"""Forecasts of live streams: what a network sees of each event, and what the event teaches it.

The network never sees raw units. Its inputs are the value and the features, standardised; what it
predicts is how far the next values lie from a baseline, in units of the mean size of that.

An event that leads to a number that is not finite is undone: the network's part of its stream goes
on as if the event had never been.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.drift import SEEN, drifts
from streamrnn.kernels.events import COUNT, MEAN, VARIANCE
from streamrnn.kernels.history import LARGEST, cut
from streamrnn.kernels.model import (
    FORGETTING,
    GIVEN,
    GIVEN_AT,
    LAG,
    LIMIT,
    OUTPUTS,
    OUTPUTS_AT,
    OWN,
    PARAMETERS,
    STATE,
    STEPS,
    STRIDE,
    Settings,
    Shape,
)
from streamrnn.kernels.network import Plan, Use
from streamrnn.kernels.online import (
    ALL_UNDONE,
    ALL_UPDATES,
    DONE,
    LEARNED,
    LENGTH,
    LOSS_NOW,
    UNDID,
    UPDATES,
    Counters,
    Known,
    advance,
    learn,
)
from streamrnn.kernels.products import Array, copy
from streamrnn.kernels.scaling import scale, update_scaling
from streamrnn.kernels.views import view

Numbers = NDArray[np.float64]

FINE, OUTPUT_UNDONE, GRADIENT_UNDONE = range(3)


class Memory(NamedTuple):
    """What is kept of each stream beside the network's own numbers, a row for each.

    Attributes:
        seen: How often the value, and each feature, was known, ``(rows, 1 + F)``.
        mean: Of these, in their own units, ``(rows, 1 + F)``.
        variance: The same.
        expected: The network's newest forecast of the next value, ``(rows,)``; NaN without one.
        watch: As in `streamrnn.kernels.drift.drifts`, ``(rows, WATCH)``.
    """

    seen: Numbers
    mean: Numbers
    variance: Numbers
    expected: Numbers
    watch: Numbers


@kernel
def take_in(
    event: Numbers,
    features: Numbers,
    memory: Memory,
    row: int,
    settings: Settings,
    inputs: Array,
) -> None:
    """Take in a stream's next value ``(1,)`` and features ``(F,)``; fill the network's inputs.

    The statistics are updated first: what is new counts.
    """
    count, mean, variance = memory.seen[row], memory.mean[row], memory.variance[row]
    forgetting, limit = settings[FORGETTING], settings[LIMIT]
    update_scaling(event, count[:1], mean[:1], variance[:1], forgetting)
    scale(event, count[:1], mean[:1], variance[:1], limit, inputs[:1])
    update_scaling(features, count[1:], mean[1:], variance[1:], forgetting)
    scale(features, count[1:], mean[1:], variance[1:], limit, inputs[1:])


@kernel
def teach(surprise: Numbers, scale: Numbers, place: int, targets: Array, known: Known) -> None:
    """Set the targets that a value decides: for each step from which it was forecast.

    Args:
        surprise: How far the value lay from the baseline of 1 to H steps before, ``(H,)``; NaN
            where there was none.
        scale: The mean size of that, ``(H,)``.
        place: That of the newest step in the window.
        targets: The window's, ``(T, H)``.
        known: Which of them are known, the same.
    """
    for ahead in range(1, min(surprise.size, place) + 1):
        if not math.isnan(surprise[ahead - 1]):
            target = cut(surprise[ahead - 1] / scale[ahead - 1], LARGEST)
            targets[place - ahead, ahead - 1] = target
            known[place - ahead, ahead - 1] = True


@kernel
def forget(learned: float, updates: Counters, means: Array) -> None:
    """Take back the learning steps of a stream whose errors have grown.

    The rate of learning rises again by the schedule, and the optimiser's running means fade, as far
    as what the model has learned came from that stream.
    """
    share = min(1.0, learned / max(1, updates[UPDATES]))
    updates[UPDATES] = int(updates[UPDATES] * (1 - share))
    for k in range(means.size):
        means[k] *= 1 - share


@kernel
def save(memory: Memory, row: int, scaling: Numbers) -> None:
    """Keep the statistics of a stream, ``(3, 1 + F)``."""
    copy(memory.seen[row], scaling[COUNT])
    copy(memory.mean[row], scaling[MEAN])
    copy(memory.variance[row], scaling[VARIANCE])


@kernel
def restore(memory: Memory, row: int, scaling: Numbers) -> None:
    """Make the statistics of a stream again what they were at `save`."""
    copy(scaling[COUNT], memory.seen[row])
    copy(scaling[MEAN], memory.mean[row])
    copy(scaling[VARIANCE], memory.variance[row])


@kernel
def copy_window(numbers: Array, known: Known, to_numbers: Array, to_known: Known) -> None:
    """Copy the network's numbers of a stream, and which of its targets are known."""
    copy(numbers, to_numbers)
    for k in range(known.size):
        to_known[k] = known[k]


@kernel
def predict_and_learn(
    plan: Plan,
    shape: Shape,
    settings: Settings,
    models: Array,
    updates: Counters,
    gradient: Array,
    workspace: Array,
    cache: Counters,
    numbers: Array,
    known: Known,
    counters: Counters,
    seen: Numbers,
    mean: Numbers,
    variance: Numbers,
    expected: Numbers,
    watch: Numbers,
    kept_scaling: Numbers,
    kept_numbers: Array,
    kept_known: Known,
    rows: Counters,
    features: Numbers,
    values: Numbers,
    surprise: Numbers,
    baseline: Numbers,
    scale: Numbers,
    forecasts: Numbers,
    loss: Numbers,
    step: Counters,
    outcome: Counters,
    report: Array,
    keep: bool,
    rnn: Use,
    lstm: Use,
    gru: Use,
) -> None:
    """Work through events in order: forecast from each, then learn from what it decides.

    Up to ``counters`` the arguments are those of `streamrnn.kernels.events.predict_and_learn`.
    Those of `Memory` come one by one: a tuple of arrays takes a call longer than all of them.
    The ``kept`` ones are room for a stream as it was before an event.

    Args:
        kept_scaling: ``(3, 1 + F)``.
        kept_numbers: A row of ``numbers``.
        kept_known: A row of ``known``.
        rows: The stream of each event, ``(E,)``.
        features: ``(E, F)``, in their own units; NaN where one is not known.
        values: ``(E,)``, in the value's unit; NaN where it is not known.
        surprise: What `streamrnn.kernels.past.look_back` tells, ``(E, H)``.
        baseline: The same.
        scale: The same.
        forecasts: Filled, in the value's unit, ``(E, H)``; NaN before any value is known. This and
            the following are NaN too where the event was undone.
        loss: Filled with that of the learning step the event led to, ``(E,)``; NaN without one.
        step: Filled with the number of learning steps before the event, ``(E,)``.
        outcome: Filled with FINE, OUTPUT_UNDONE or GRADIENT_UNDONE, ``(E,)``.
        report: As in `learn`.
        keep: As in `advance`; without it nothing is learned.
    """
    memory = Memory(seen, mean, variance, expected, watch)
    horizon, window = shape[OUTPUTS], (shape[STEPS], shape[OUTPUTS])
    outputs = view(workspace, shape[OUTPUTS_AT], window)
    given = view(workspace, shape[GIVEN_AT], (1, shape[GIVEN]))
    for e in range(rows.size):
        row = rows[e]
        which = row if shape[OWN] else 0
        step[e], outcome[e] = int(report[ALL_UPDATES]), FINE
        forecasts[e] = loss[e] = math.nan
        if math.isnan(baseline[e, 0]):
            continue
        if keep and not math.isnan(values[e] + expected[row]):
            learned_here = watch[row, SEEN] / shape[STRIDE]
            if drifts(abs(values[e] - expected[row]), watch[row]):
                forget(learned_here, updates[which], models[which, shape[PARAMETERS] :])
        length, learned = counters[row, LENGTH], counters[row, LEARNED]
        save(memory, row, kept_scaling)
        if keep and length + 1 - shape[LAG] - learned >= shape[STRIDE]:
            # Only a learning step can fail once the window has changed.
            copy_window(numbers[row], known[row], kept_numbers, kept_known)
        take_in(values[e : e + 1], features[e], memory, row, settings, given[0])
        place = advance(
            plan,
            shape,
            models[which],
            workspace,
            cache,
            numbers,
            known,
            counters,
            row,
            given,
            keep,
            rnn,
            lstm,
            gru,
        )
        if place < 0:
            report[ALL_UNDONE] += 1
            outcome[e] = OUTPUT_UNDONE
        else:
            for j in range(horizon):
                forecasts[e, j] = baseline[e, j] + scale[e, j] * outputs[place, j]
        if keep and place >= 0:
            start = 2 * shape[STATE] + shape[STEPS] * shape[GIVEN]
            targets, decided = view(numbers[row], start, window), view(known[row], 0, window)
            teach(surprise[e], scale[e], length, targets, decided)
            result = learn(
                plan,
                shape,
                settings,
                models[which],
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
            if result == DONE:
                loss[e] = report[LOSS_NOW]
            if result == UNDID:
                outcome[e] = GRADIENT_UNDONE
                copy_window(kept_numbers, kept_known, numbers[row], known[row])
                counters[row, LENGTH], counters[row, LEARNED] = length, learned
        if outcome[e] != FINE:
            restore(memory, row, kept_scaling)
            forecasts[e] = loss[e] = math.nan
        expected[row] = forecasts[e, 0]
