"""A transcript that is shorter than its steps: connectionist temporal classification.

    p(l) = sum over the paths of l of prod_t y[t, path_t]        y = softmax(outputs)

A path has a symbol for each step, or the blank, number 0. Its transcript is what stands there once
repeats are one and blanks are gone; so between two equal symbols there must be a blank. The sums go
over the states of the transcript with a blank around each symbol, l' of 2 N + 1 (Graves, Fernández,
Gomez and Schmidhuber 2006, equations 6 to 16). They are sums of logarithms, in float64 whatever the
outputs are, so that no length makes them vanish.
"""

import math

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.products import Array

Numbers = NDArray[np.float64]
Transcript = NDArray[np.int64]

BLANK = 0
NEVER = -math.inf
UNSEEN = -40.0
"""What is added to 1 changes nothing if its logarithm is below this."""


@kernel
def steps_needed(transcript: Transcript) -> int:
    """Return how many steps a transcript ``(N,)`` takes at least: one each, one between equals."""
    steps = transcript.size
    for n in range(1, transcript.size):
        steps += transcript[n] == transcript[n - 1]
    return steps


@kernel
def log_shares(outputs: Array, logs: Numbers) -> None:
    """Fill ``logs (T, O)`` with the logarithms of the softmax of each step's outputs."""
    for t in range(outputs.shape[0]):
        top = outputs[t, 0]
        for k in range(outputs.shape[1]):
            top = max(top, outputs[t, k])
        whole = 0.0
        for k in range(outputs.shape[1]):
            whole += math.exp(outputs[t, k] - top)
        rest = top + math.log(whole)
        for k in range(outputs.shape[1]):
            logs[t, k] = outputs[t, k] - rest


@kernel
def log_sum(one: float, other: float, third: float) -> float:
    """Return the logarithm of the sum of three numbers that are given by theirs."""
    top = max(one, other, third)
    if top == NEVER:
        return NEVER
    return top + math.log(_share(one - top) + _share(other - top) + _share(third - top))


@kernel
def _share(log: float) -> float:
    """Return the exponential of what is at most 0, where it is needed at all."""
    if log < UNSEEN:
        return 0.0
    return math.exp(log) if log < 0 else 1.0


@kernel
def transcript_loss(
    outputs: Array,
    transcript: Transcript,
    logs: Numbers,
    forward: Numbers,
    backward: Numbers,
    doutputs: Array,
) -> float:
    """Fill the gradient by the outputs; return -log p(transcript).

    Args:
        outputs: Before the softmax, ``(T, O)``; output 0 is the blank.
        transcript: Numbers of symbols, ``(N,)``, from 1 to below O.
        logs: Room for the logarithms of the softmax, ``(T, O)``.
        forward: Room for what comes up to each state, ``(T, 2 N + 1)``.
        backward: Room for what comes after the states of two steps, ``(2, 2 N + 1)``.
        doutputs: Filled, ``(T, O)``.

    Returns:
        The loss; infinity, with a gradient of zeros, where the steps are fewer than `steps_needed`.
    """
    steps, width = outputs.shape
    if steps < steps_needed(transcript):
        for t in range(steps):
            for k in range(width):
                doutputs[t, k] = 0
        return math.inf
    if steps == 0:
        return 0.0
    log_shares(outputs, logs)
    _go_forward(transcript, logs, forward)
    last = 2 * transcript.size
    whole = forward[steps - 1, last]
    if last:
        whole = log_sum(whole, forward[steps - 1, last - 1], NEVER)
    for t in range(steps - 1, -1, -1):
        here = backward[t % 2]
        if t == steps - 1:
            for state in range(last + 1):
                here[state] = 0.0 if state >= last - 1 else NEVER
        else:
            _step_back(transcript, t, logs[t + 1], backward[(t + 1) % 2], here)
        for k in range(width):
            doutputs[t, k] = math.exp(logs[t, k])
        for state in range(_first(steps - t, last + 1), _end(t, last + 1)):
            # How much of all that is right goes through this state.
            share = math.exp(forward[t, state] + here[state] - whole)
            doutputs[t, _symbol(transcript, state)] -= share
    return float(-whole)


@kernel
def _first(left: int, states: int) -> int:
    """Return the first state from which the last two are reached in so many steps, its own too."""
    return int(max(0, states - 2 * left))


@kernel
def _end(t: int, states: int) -> int:
    """Return the first state that the first two do not reach at a step."""
    return int(min(states, 2 * t + 2))


@kernel
def _symbol(transcript: Transcript, state: int) -> int:
    """Return the symbol of a state: blanks are even."""
    return int(transcript[state // 2]) if state % 2 else BLANK


@kernel
def _may_skip(transcript: Transcript, state: int) -> bool:
    """Return whether a state may come right after the one but one before it."""
    return state % 2 == 1 and state > 1 and transcript[state // 2] != transcript[state // 2 - 1]


@kernel
def _go_forward(transcript: Transcript, logs: Numbers, forward: Numbers) -> None:
    """Fill the log of the sum of all paths up to each state, its own step among them."""
    steps, states = logs.shape[0], 2 * transcript.size + 1
    for t in range(steps):
        for state in range(states):
            forward[t, state] = NEVER
        for state in range(_first(steps - t, states), _end(t, states)):
            before = 0.0
            if t:
                former = forward[t - 1, state - 1] if state else NEVER
                skipped = forward[t - 1, state - 2] if _may_skip(transcript, state) else NEVER
                before = log_sum(forward[t - 1, state], former, skipped)
            forward[t, state] = before + logs[t, _symbol(transcript, state)]


@kernel
def _step_back(
    transcript: Transcript, t: int, logs: Numbers, after: Numbers, here: Numbers
) -> None:
    """Fill the log of the sum of all paths after each state, from those a step later.

    Args:
        transcript: As above.
        t: The step; states that it does not reach are left out.
        logs: Of the step after it, ``(O,)``.
        after: The sums after that step, ``(2 N + 1,)``.
        here: Filled.
    """
    states = 2 * transcript.size + 1
    for state in range(_end(t, states)):
        same = after[state] + logs[_symbol(transcript, state)]
        later, skipped = NEVER, NEVER
        if state + 1 < states:
            later = after[state + 1] + logs[_symbol(transcript, state + 1)]
        if state + 2 < states and _may_skip(transcript, state + 2):
            skipped = after[state + 2] + logs[_symbol(transcript, state + 2)]
        here[state] = log_sum(same, later, skipped)
