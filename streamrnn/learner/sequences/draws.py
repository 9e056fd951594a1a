"""Random draws whose whole state is how many there were."""

from streamrnn.kernels.hashing import hash_of_whole


class Draws:
    """Draws from a seed, the same on every machine.

    Args:
        seed: Of all draws.

    Attributes:
        count: How many there were.
    """

    def __init__(self, seed: int) -> None:
        self._seed, self.count = seed, 0

    def key(self) -> int:
        """Return a number of 64 bits."""
        self.count += 1
        return hash_of_whole(self._seed, self.count)

    def below(self, stop: int) -> int:
        """Return a whole number from 0 to before ``stop``."""
        return self.key() % stop

    def between(self, low: float, high: float) -> float:
        """Return a number between two others."""
        return low + (high - low) * (self.key() / 2**64)
