"""What follows which context, counted: arrays that all streams share; see `kernels.counting`."""

import numpy as np
from numpy.typing import NDArray

from streamrnn.arrays import aligned_zeros
from streamrnn.kernels import contexts, counts, histories, mixing, successors
from streamrnn.kernels.counts import Counts, Scratch

FOLLOWERS = 1 << 18
SUCCESSORS_SHARE, SUCCESSORS_BYTES = 0.4, 8 + 2 * (successors.KEPT + 1)
"""Of the memory that these two share, and the bytes of one of them."""


def make_counts(megabytes: float) -> Counts:
    """Return counts of nothing yet, that take so much memory at most, in units of 2^20 bytes.

    Raises:
        ValueError: That is not enough.
    """
    sets = counts.SETS
    parts = (np.arange(counts.PARTS) + 0.5) / counts.PARTS
    few = Counts(
        slots=np.zeros(0, np.uint32),
        followers=np.zeros(FOLLOWERS, np.uint32),
        owners=np.zeros((0, 2), np.uint32),
        successors=np.zeros((0, 2, successors.KEPT + 1), np.uint8),
        pair_times=np.zeros((contexts.BYTES, contexts.BYTES), np.float32),
        single_times=np.full(contexts.BYTES, 0.1, np.float32),
        histories=np.tile(_first_histories(), (contexts.CONTEXTS, 1)),
        seen=np.zeros((contexts.CONTEXTS, 256), np.float32),
        shares=np.tile(parts, (contexts.CONTEXTS, histories.COUNTS, 1)).astype(np.float32),
        runs=np.full((contexts.CONTEXTS, 2, counts.LONGEST_RUN + 1), 0.9, np.float32),
        plain=np.full(contexts.BYTES, 0.5, np.float32),
        weights=aligned_zeros((counts.PLACES, counts.INPUTS), np.float32),
        visits=np.zeros(counts.PLACES, np.float32),
        last=np.full((contexts.BYTES, sets), 1 / sets, np.float32),
        pairs=mixing.first_map(counts.PAIRS),
        expected=mixing.first_map(counts.EXPECTED),
        odds=mixing.odds_table(),
        draw=np.ones(1, np.int64),
    )
    few.weights[:] = mixing.FIRST_WEIGHT
    room = int(megabytes * 2**20) - sum(array.nbytes for array in few)
    rows = int(room * SUCCESSORS_SHARE) // SUCCESSORS_BYTES
    groups = (room - rows * SUCCESSORS_BYTES) // (4 * histories.GROUP)
    if room <= 0 or rows < 1 or groups < 1:
        raise ValueError(f"expected more than {megabytes - room / 2**20:.1f} MB, got {megabytes}")
    return few._replace(
        slots=aligned_zeros(groups * histories.GROUP, np.uint32),
        owners=np.zeros((rows, 2), np.uint32),
        successors=aligned_zeros((rows, 2, successors.KEPT + 1), np.uint8),
    )


def _first_histories() -> NDArray[np.float32]:
    """Return how likely a one is after each history, by the share of ones in it."""
    chances = np.full(256, 0.5)
    for history in range(1, 256):
        seen = history.bit_length() - 1
        ones = history.bit_count() - 1
        chances[history] = (ones + 0.4) / (seen + 0.8)
    return chances.astype(np.float32)


def make_scratch() -> Scratch:
    """Return room for one bit."""
    many = contexts.CONTEXTS
    return Scratch(
        contexts=np.zeros(many, np.uint64),
        keys=np.zeros(many, np.uint64),
        places=np.zeros(many, np.int64),
        values=np.zeros(many, np.int64),
        lately=np.zeros((many, 2), np.int64),
        inputs=aligned_zeros(counts.INPUTS, np.float32),
        chosen=np.zeros(counts.SETS, np.int64),
        outputs=np.zeros(counts.SETS, np.float32),
        kept_at=np.zeros(successors.KEPT_ORDERS, np.int64),
        chances=np.zeros(contexts.BYTES, np.float32),
        trees=np.zeros((2, 2 * contexts.BYTES)),
        where=np.zeros(2, np.int64),
        said=np.zeros(3),
    )
