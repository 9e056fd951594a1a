"""Sequences of symbols and of sets, and what is learned from them, for tests."""

import math
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels import compose
from streamrnn.kernels.compose import END, FIRST, NEW, STOP, Composition, Room

Array = NDArray[Any]

RANKS = np.array([-1, -1, -1, 2, 0, 3, 1, 6, 4, 5])
"""Of the three that have none, and of seven symbols: more than a set has slots."""
KNOWN = len(RANKS)
SYMBOLS = sorted(range(FIRST, KNOWN), key=RANKS.__getitem__)
SETS = [list(chosen) for size in range(8) for chosen in combinations(SYMBOLS, size)]
COLUMNS = KNOWN + 2
"""Of the network's outputs: more than are known."""


class Score(NamedTuple):
    """A sequence as decisions, and where each step begins among them."""

    symbols: NDArray[np.int64]
    starts: NDArray[np.int64]


def score(steps: list[list[int]]) -> Score:
    """Return some steps as a sequence."""
    symbols = np.array([symbol for step in steps for symbol in step], np.int64)
    return Score(symbols, np.cumsum([0, *map(len, steps)]))


def drawn(generator: np.random.Generator, steps: int, *, sets: bool) -> list[list[int]]:
    """Draw steps without the end of the sequence."""
    if sets:
        return [[*SETS[int(generator.integers(len(SETS)))], END] for _ in range(steps)]
    return [[int(generator.integers(NEW, KNOWN))] for _ in range(steps)]


def fresh(cells: int = 1 << 18) -> Composition:
    """Return what is known before the first sequence."""
    shape, features = (compose.SLOTS, compose.EXPERTS, compose.CONFIDENCES), compose.FEATURE_ROWS
    return Composition(
        counts=np.zeros(cells, np.float32),
        times=np.zeros(cells // 4, np.float32),
        weights=np.full(shape, 0.2),
        weight_squares=np.ones(shape),
        features=np.zeros((features, COLUMNS), np.float32),
        feature_squares=np.full((features, COLUMNS), 0.1, np.float32),
        trust=np.full(compose.SLOTS, 0.3),
        trust_squares=np.ones(compose.SLOTS),
    )


def room() -> Room:
    """Return room for a decision."""
    return Room(
        contexts=np.zeros(compose.EXPERTS, np.uint64),
        confidences=np.zeros(compose.EXPERTS, np.int64),
        logs=np.zeros((compose.EXPERTS, KNOWN)),
        rows=np.zeros(compose.FEATURES * 2, np.int64),
        shares=np.zeros(KNOWN),
    )


def outputs_for(generator: np.random.Generator, steps: int) -> Array:
    """Draw what a network says of each step."""
    return generator.normal(size=(steps, COLUMNS)).astype(np.float32)


def read(
    composition: Composition, made: Score, network: Array, *, sets: bool, learning: bool
) -> Array:
    """Return the bits of each decision."""
    bits = np.full(len(made.symbols), math.nan)
    compose.read_sequence(composition, room(), *made, RANKS, sets, sets, network, bits, learning)
    return bits


def learned(seed: int, *, sets: bool) -> Composition:
    """Return what was learned from some sequences."""
    generator, composition = np.random.default_rng(seed), fresh()
    for _ in range(4):
        made = score([*drawn(generator, 12, sets=sets), [STOP]])
        read(composition, made, outputs_for(generator, 13), sets=sets, learning=True)
    return composition


def content(composition: Composition) -> bytes:
    """Return all that is known, to compare."""
    return b"".join(array.tobytes() for array in composition)
