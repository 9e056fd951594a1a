"""Forecasts of live streams: what a network sees of each event, and what the event teaches it.

The network never sees raw units. Its inputs are the value, standardised, the last change, for each
known season how the same step went a season ago, and the features, standardised; what it predicts
is the change from the last value, in units of the mean size of such a change.

An event that leads to a number that is not finite is undone: its stream goes on as if the event had
never been.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.events import COUNT, MEAN, VARIANCE
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
    Counters,
    Known,
    advance,
    learn,
)
from streamrnn.kernels.products import Array, copy
from streamrnn.kernels.scaling import scale, update_scaling
from streamrnn.kernels.views import view

Numbers = NDArray[np.float64]

CHANGE_FORGETTING = 0.01
"""The least weight of a new change in the running mean of their size."""

FINE, OUTPUT_UNDONE, GRADIENT_UNDONE = range(3)
CHANGE_COUNT, CHANGE_SIZE = range(2)
AHEAD, BACK = range(2)


class Memory(NamedTuple):
    """What is kept of each stream beside the network's own numbers, a row for each.

    Attributes:
        seen: How often the value, and each feature, was known, ``(rows, 1 + F)``.
        mean: Of these, in their own units, ``(rows, 1 + F)``.
        variance: The same.
        values: The newest values, the last one at the end, ``(rows, N)``.
        values_known: How many of them there are, ``(rows,)``.
        change_count: How many changes over 1 to H steps were measured, ``(rows, H)``.
        change_size: Their mean size, in the value's unit, ``(rows, H)``.
        expected: The newest forecast, in the value's unit, ``(rows, H)``.
    """

    seen: Numbers
    mean: Numbers
    variance: Numbers
    values: Numbers
    values_known: Counters
    change_count: Numbers
    change_size: Numbers
    expected: Numbers


@kernel
def remember(values: Numbers, value: float) -> None:
    """Move a stream's newest values on by a step; where the new one is NaN the last one stays."""
    newest = values.size - 1
    for k in range(newest):
        values[k] = values[k + 1]
    if not math.isnan(value):
        values[newest] = value


@kernel
def forget(values: Numbers, oldest: float) -> None:
    """Undo `remember`: the newest value goes, and the ``oldest`` comes back."""
    for k in range(values.size - 1, 0, -1):
        values[k] = values[k - 1]
    values[0] = oldest


@kernel
def measure_changes(values: Numbers, reach: int, count: Numbers, size: Numbers) -> None:
    """Update the mean sizes ``(H,)`` of a change over 1 to ``reach`` steps by the newest ones.

    Each weighs ``max(1 / count, CHANGE_FORGETTING)``, as in `update_scaling`.
    """
    newest = values.size - 1
    for k in range(reach):
        change = abs(values[newest] - values[newest - 1 - k])
        count[k] += 1
        size[k] += max(1 / count[k], CHANGE_FORGETTING) * (change - size[k])


@kernel
def unit(size: float) -> float:
    """Return the mean size of a change as a divisor: 1 for a value that never changed."""
    return size if size > 0 else 1.0


@kernel
def cut(number: float, limit: float) -> float:
    """Return a number, or the limit that it lies beyond."""
    return min(max(number, -limit), limit)


@kernel
def scale_inputs(
    event: Numbers, features: Numbers, memory: Memory, row: int, settings: Settings, inputs: Array
) -> None:
    """Fill the first of the inputs and the last F with the value and the features, scaled.

    ``event (1,)`` holds the value. The statistics are updated first: what is new counts.
    """
    count, mean, variance = memory.seen[row], memory.mean[row], memory.variance[row]
    forgetting, limit = settings[FORGETTING], settings[LIMIT]
    update_scaling(event, count[:1], mean[:1], variance[:1], forgetting)
    scale(event, count[:1], mean[:1], variance[:1], limit, inputs[:1])
    scaled = inputs[inputs.size - features.size :]
    update_scaling(features, count[1:], mean[1:], variance[1:], forgetting)
    scale(features, count[1:], mean[1:], variance[1:], limit, scaled)


@kernel
def change_inputs(
    values: Numbers, known: int, size: Numbers, seasons: Counters, limit: float, to: Array
) -> None:
    """Fill ``to`` with the last change, then with how the steps to come went a season ago.

    All are changes from the last value, or to it, in units of ``size (H,)``; 0 where one of the two
    values is not ``known``. ``seasons`` is ``(S, 2)``: how many steps ahead, and how many back from
    the newest value the like of that step lies.
    """
    newest = values.size - 1
    to[0] = 0
    if known > 1:
        to[0] = cut((values[newest] - values[newest - 1]) / unit(size[0]), limit)
    for s in range(seasons.shape[0]):
        ahead, back = seasons[s, AHEAD], seasons[s, BACK]
        to[1 + s] = 0
        if back < known:
            change = values[newest - back] - values[newest]
            to[1 + s] = cut(change / unit(size[ahead - 1]), limit)


@kernel
def take_in(
    event: Numbers,
    features: Numbers,
    memory: Memory,
    row: int,
    settings: Settings,
    seasons: Counters,
    inputs: Array,
) -> None:
    """Take in a stream's next value ``(1,)`` and features ``(F,)``; fill the network's inputs."""
    values, size = memory.values[row], memory.change_size[row]
    remember(values, event[0])
    known = min(memory.values_known[row] + 1, values.size)
    memory.values_known[row] = known
    if not math.isnan(event[0]):
        measure_changes(values, min(size.size, known - 1), memory.change_count[row], size)
    scale_inputs(event, features, memory, row, settings, inputs)
    change_inputs(values, known, size, seasons, settings[LIMIT], inputs[1:])


@kernel
def teach_changes(
    values: Numbers, reach: int, size: Numbers, place: int, targets: Array, known: Known
) -> None:
    """Set the targets that the newest value decides: for each step from which it was forecast.

    Args:
        values: The newest values of a stream.
        reach: How many steps back there are values, at most H.
        size: The mean size of a change over 1 to H steps, ``(H,)``.
        place: That of the newest step in the window.
        targets: The window's, ``(T, H)``.
        known: Which of them are known, the same.
    """
    newest = values.size - 1
    for ahead in range(1, min(reach, place) + 1):
        change = values[newest] - values[newest - ahead]
        targets[place - ahead, ahead - 1] = change / unit(size[ahead - 1])
        known[place - ahead, ahead - 1] = True


@kernel
def save(memory: Memory, row: int, scaling: Numbers, changes: Numbers) -> None:
    """Keep the statistics of a stream: ``scaling (3, 1 + F)``, ``changes (2, H)``."""
    copy(memory.seen[row], scaling[COUNT])
    copy(memory.mean[row], scaling[MEAN])
    copy(memory.variance[row], scaling[VARIANCE])
    copy(memory.change_count[row], changes[CHANGE_COUNT])
    copy(memory.change_size[row], changes[CHANGE_SIZE])


@kernel
def restore(memory: Memory, row: int, scaling: Numbers, changes: Numbers) -> None:
    """Make the statistics of a stream again what they were at `save`."""
    copy(scaling[COUNT], memory.seen[row])
    copy(scaling[MEAN], memory.mean[row])
    copy(scaling[VARIANCE], memory.variance[row])
    copy(changes[CHANGE_COUNT], memory.change_count[row])
    copy(changes[CHANGE_SIZE], memory.change_size[row])


@kernel
def copy_window(numbers: Array, known: Known, to_numbers: Array, to_known: Known) -> None:
    """Copy the network's numbers of a stream, and which of its targets are known."""
    copy(numbers, to_numbers)
    for k in range(known.size):
        to_known[k] = known[k]


@kernel
def leave_blank(
    e: int,
    forecasts: Numbers,
    error: Numbers,
    last_value_error: Numbers,
    change: Numbers,
    loss: Numbers,
) -> None:
    """Fill what is said of an event with NaN."""
    error[e] = last_value_error[e] = change[e] = loss[e] = math.nan
    for j in range(forecasts.shape[1]):
        forecasts[e, j] = math.nan


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
    newest_values: Numbers,
    values_known: Counters,
    change_count: Numbers,
    change_size: Numbers,
    expected: Numbers,
    seasons: Counters,
    kept_scaling: Numbers,
    kept_changes: Numbers,
    kept_numbers: Array,
    kept_known: Known,
    rows: Counters,
    features: Numbers,
    values: Numbers,
    forecasts: Numbers,
    error: Numbers,
    last_value_error: Numbers,
    change: Numbers,
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
        seasons: As in `change_inputs`.
        kept_scaling: ``(3, 1 + F)``.
        kept_changes: ``(2, H)``.
        kept_numbers: A row of ``numbers``.
        kept_known: A row of ``known``.
        rows: The stream of each event, ``(E,)``.
        features: ``(E, F)``, in their own units; NaN where one is not known.
        values: ``(E,)``, in the value's unit; NaN where it is not known.
        forecasts: Filled, in the value's unit, ``(E, H)``; NaN before any value is known. This and
            the following are NaN too where the event was undone.
        error: Filled with how far the former forecast's first value lay from this one, ``(E,)``;
            NaN where there is none.
        last_value_error: The same, had the last value been the forecast.
        change: Filled with the mean size of the stream's changes before the event, the same.
        loss: Filled with that of the learning step the event led to, ``(E,)``; NaN without one.
        step: Filled with the number of learning steps before the event, ``(E,)``.
        outcome: Filled with FINE, OUTPUT_UNDONE or GRADIENT_UNDONE, ``(E,)``.
        report: As in `learn`.
        keep: As in `advance`; without it nothing is learned.
    """
    memory = Memory(
        seen, mean, variance, newest_values, values_known, change_count, change_size, expected
    )
    horizon, window = shape[OUTPUTS], (shape[STEPS], shape[OUTPUTS])
    outputs = view(workspace, shape[OUTPUTS_AT], window)
    given = view(workspace, shape[GIVEN_AT], (1, shape[GIVEN]))
    for e in range(rows.size):
        row, value = rows[e], values[e]
        which = row if shape[OWN] else 0
        step[e], outcome[e] = int(report[ALL_UPDATES]), FINE
        leave_blank(e, forecasts, error, last_value_error, change, loss)
        had, observed = values_known[row], not math.isnan(value)
        if not had and not observed:
            continue
        history, size = newest_values[row], change_size[row]
        oldest, newest = history[0], history.size - 1
        if had and observed:
            error[e] = abs(value - expected[row, 0])
            last_value_error[e] = abs(value - history[newest])
            change[e] = unit(size[0])

        length, learned = counters[row, LENGTH], counters[row, LEARNED]
        save(memory, row, kept_scaling, kept_changes)
        if keep and length + 1 - shape[LAG] - learned >= shape[STRIDE]:
            # Only a learning step can fail once the window has changed.
            copy_window(numbers[row], known[row], kept_numbers, kept_known)
        take_in(values[e : e + 1], features[e], memory, row, settings, seasons, given[0])
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
                forecasts[e, j] = history[newest] + size[j] * outputs[place, j]
        if keep and place >= 0:
            if observed:
                start = 2 * shape[STATE] + shape[STEPS] * shape[GIVEN]
                targets, decided = view(numbers[row], start, window), view(known[row], 0, window)
                reach = min(horizon, values_known[row] - 1)
                teach_changes(history, reach, size, length, targets, decided)
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
        if outcome[e] == FINE:
            copy(forecasts[e], expected[row])
        else:
            restore(memory, row, kept_scaling, kept_changes)
            forget(history, oldest)
            values_known[row] = had
            leave_blank(e, forecasts, error, last_value_error, change, loss)
