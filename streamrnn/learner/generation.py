"""Writing text as a reader would have it: each byte drawn as likely as it is, and then read."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from streamrnn.learner.text import TextReader


class Generator:
    """Draws bytes from what a reader expects, which learns nothing from them.

    Args:
        reader: Was made not to learn.
        key: The stream that is gone on with; a new one begins afresh.
        temperature: Below 1 what is likely becomes likelier; at 0 the likeliest comes.
        seed: Of the draws.
    """

    def __init__(self, reader: TextReader, key: str, temperature: float, seed: int) -> None:
        self._reader, self._temperature = reader, temperature
        self._row = reader.streams.row(key)
        self._random = np.random.default_rng(seed)

    def write(self, prompt: bytes, length: int) -> Iterator[bytes]:
        """Read a prompt, then yield so many bytes one by one."""
        if prompt:
            self._reader.read(self._row, prompt)
        for _ in range(length):
            byte = bytes([self._draw(self._reader.chances(self._row))])
            yield byte
            self._reader.read(self._row, byte)

    def _draw(self, chances: NDArray[np.float64]) -> int:
        if self._temperature == 0:
            return int(chances.argmax())
        odds = np.log(chances) / self._temperature
        shares = np.exp(odds - odds.max())
        # The draw is by hand: how NumPy draws from a distribution may change with its version.
        place = np.searchsorted(np.cumsum(shares), self._random.random() * shares.sum())
        return min(int(place), len(chances) - 1)
