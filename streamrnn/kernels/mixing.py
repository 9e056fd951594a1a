"""Logistic mixing (Mahoney 2005): log-odds of experts, added up by weights that are learned online.

Several sets of weights see the same inputs; in each, what is known of the place chooses which
weights serve. A last layer mixes their outputs, and what comes of it is refined by adaptive maps:
how often a one came where so much was said before.
"""

import math

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.fused import scalar_product
from streamrnn.kernels.products import Array

Counters = NDArray[np.int64]

LARGEST_ODDS = 10.0
STEPS_OF_ODDS = 4096
"""Of the table of log-odds."""
RATE, LAST_RATE = 0.02, 0.002
FLOOR, DECAY = 0.05, 0.01
"""The rate of a weight falls by the root of its visits times DECAY, to a share of FLOOR."""
FIRST_WEIGHT = 0.1
MAP_STEPS = 21
"""Of an adaptive map, from the lowest log-odds to the largest; in between it is interpolated."""
MAP_RATE = 0.02
LEAST_CHANCE = 1 / STEPS_OF_ODDS


def odds_table() -> NDArray[np.float32]:
    """Return the log-odds of the middle of each of so many equal parts of a probability."""
    chances = (np.arange(STEPS_OF_ODDS) + 0.5) / STEPS_OF_ODDS
    return np.log(chances / (1 - chances)).astype(np.float32)


def first_map(rows: int) -> NDArray[np.float32]:
    """Return adaptive maps that change nothing yet, ``(rows, MAP_STEPS)``."""
    odds = np.linspace(-LARGEST_ODDS, LARGEST_ODDS, MAP_STEPS)
    return np.tile(1 / (1 + np.exp(-odds)), (rows, 1)).astype(np.float32)


@kernel
def odds_of(chance: float, table: Array) -> float:
    """Return the log-odds of a probability."""
    return float(table[int(chance * STEPS_OF_ODDS)])


@kernel
def chance_of_odds(odds: float) -> float:
    """Return the probability that has these log-odds."""
    return 1 / (1 + math.exp(-odds))


@kernel
def within(chance: float) -> float:
    """Return a probability that is neither 0 nor 1."""
    return min(max(chance, LEAST_CHANCE), 1 - LEAST_CHANCE)


@kernel
def mix(inputs: Array, weights: Array, chosen: Counters, last: Array, outputs: Array) -> float:
    """Return the log-odds of a one, and fill those of each set ``(SETS,)``.

    Args:
        inputs: Log-odds by the experts, ``(INPUTS,)``.
        weights: Of all places of all sets, ``(PLACES, INPUTS)``.
        chosen: The place of each set, ``(SETS,)``.
        last: The weights of the last layer, ``(SETS,)``.
        outputs: Filled.
    """
    total = 0.0
    for k in range(chosen.size):
        odds = float(scalar_product(weights[chosen[k]], inputs))
        outputs[k] = min(max(odds, -LARGEST_ODDS), LARGEST_ODDS)
        total += last[k] * outputs[k]
    return min(max(total, -LARGEST_ODDS), LARGEST_ODDS)


@kernel
def learn_weights(
    bit: int,
    chance: float,
    inputs: Array,
    weights: Array,
    visits: Array,
    chosen: Counters,
    last: Array,
    outputs: Array,
) -> None:
    """Learn from the bit that came: each set by its own error, the last layer by that of all.

    Beside those of `mix`, ``chance`` is what the last layer said, and ``visits (PLACES,)`` how
    often each place was chosen.
    """
    for k in range(chosen.size):
        last[k] += LAST_RATE * (bit - chance) * outputs[k]
        place = chosen[k]
        visits[place] += 1
        falling = FLOOR + (1 - FLOOR) / math.sqrt(1 + DECAY * visits[place])
        step = inputs.dtype.type(RATE * falling * (bit - chance_of_odds(outputs[k])))
        mine = weights[place]
        for j in range(inputs.size):
            mine[j] += step * inputs[j]


@kernel
def step_of(odds: float) -> tuple[int, float]:
    """Return the step of a map that is not above some log-odds, and how far they are beyond it."""
    place = (odds / LARGEST_ODDS + 1) / 2 * (MAP_STEPS - 1)
    low = min(int(place), MAP_STEPS - 2)
    return low, place - low


@kernel
def refine(odds: float, steps: Array) -> float:
    """Return how often a one came where the log-odds were as these; ``steps (MAP_STEPS,)``."""
    low, share = step_of(odds)
    return float(steps[low] + share * (steps[low + 1] - steps[low]))


@kernel
def learn_map(odds: float, bit: int, steps: Array) -> None:
    """Learn from the bit that came where the log-odds were as these."""
    low, share = step_of(odds)
    steps[low] += MAP_RATE * (1 - share) * (bit - steps[low])
    steps[low + 1] += MAP_RATE * share * (bit - steps[low + 1])
