"""Opinions about a number, mixed by how far off each has been."""

import numpy as np
from numpy.typing import NDArray

HUBER, LIMIT = 1.5, 8.0
"""Beyond so many deviations an error teaches no more, and a number counts as that."""
POWER, FADING, LEAST = 4.0, 0.99, 1e-3
"""Weights are mean errors to minus this power; each error is forgotten so fast, and none is nil."""


class Mixed:
    """Weighs opinions about a number.

    Args:
        experts: How many there are.

    Attributes:
        errors: The mean error of each, ``(E,)``.
    """

    def __init__(self, experts: int) -> None:
        self.errors = np.ones(max(1, experts))

    @property
    def weights(self) -> NDArray[np.float64]:
        """What each opinion weighs; they add up to 1."""
        weights = self.errors**-POWER
        shares: NDArray[np.float64] = weights / weights.sum()
        return shares

    def mean(self, opinions: NDArray[np.float64]) -> float:
        """Return what all think together."""
        return float((self.weights * opinions).sum())

    def learn(self, opinions: NDArray[np.float64], number: float) -> None:
        """Take note of how far off each was."""
        missed = np.minimum(np.abs(opinions - number), LIMIT) + LEAST
        self.errors += (1 - FADING) * (missed - self.errors)
