"""How many characters must be changed, put in or left out to make one text of another."""

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.compiler import kernel

Characters = NDArray[np.uint32]


def edits_between(text: str, other: str) -> int:
    """Return the edit distance of two texts (Levenshtein 1966)."""
    one, another = (np.array([*map(ord, each)], np.uint32) for each in (text, other))
    return int(edit_distance(one, another, np.empty(len(other) + 1, np.int64)))


@kernel
def edit_distance(text: Characters, other: Characters, row: NDArray[np.int64]) -> int:
    """Return the edit distance, by the table of Wagner and Fischer 1974, one row of it at a time.

    Args:
        text: ``(M,)``.
        other: ``(N,)``.
        row: Room, ``(N + 1,)``.
    """
    for n in range(row.size):
        row[n] = n
    for m in range(text.size):
        diagonal, row[0] = row[0], m + 1
        for n in range(other.size):
            changed = diagonal + (text[m] != other[n])
            diagonal = row[n + 1]
            row[n + 1] = min(changed, diagonal + 1, row[n] + 1)
    return int(row[other.size])
