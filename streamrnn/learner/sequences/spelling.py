"""How transcripts were written so far, and the search for one that sounds right and reads right."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels import beam, ctc, spelling
from streamrnn.kernels.products import Array


@dataclass(frozen=True, slots=True)
class Decoding:
    """How a transcript is found in a network's outputs.

    Attributes:
        beams: Beginnings that the search goes on from; 0 for the likeliest path of all, without a
            search and without spelling.
        weight: Of how one spells, beside what is heard.
        bonus: For each character, against the short transcripts that a network begins with.
        rows: Of the table of spelling, a power of two; each keeps eight followers of a context.
    """

    beams: int = 16
    weight: float = 0.8
    bonus: float = 2.0
    rows: int = 1 << 14


class Speller:
    """Counts how transcripts are written, and finds those of outputs.

    Args:
        decoding: How.
    """

    def __init__(self, decoding: Decoding) -> None:
        self._d, rows = decoding, max(decoding.rows, spelling.PROBED)
        self._counted = spelling.Spelling(
            np.zeros(rows, np.uint64),
            np.zeros((rows, spelling.KEPT), np.int32),
            np.zeros((rows, spelling.KEPT), np.float32),
        )
        self._history = np.zeros(spelling.ORDERS - 1, np.int64)
        self._contexts = np.zeros(spelling.ORDERS, np.uint64)

    def count(self, numbers: NDArray[np.int64]) -> None:
        """Count a transcript, numbers of symbols from 1 on ``(N,)``."""
        spelling.count_spelling(self._counted, numbers, self._history, self._contexts)

    def find(self, outputs: Array) -> tuple[NDArray[np.int64], float]:
        """Return the best transcript that is found, and its score.

        Args:
            outputs: Of the network, ``(T, V)``, for the blank and all symbols that are known.

        Returns:
            Numbers of symbols, and the log of how likely they are, weighted; see
            `streamrnn.kernels.beam`.
        """
        steps, symbols = outputs.shape
        logs, numbers = np.empty((steps, symbols)), np.empty(steps, np.int64)
        ctc.log_shares(outputs, logs)
        if not self._d.beams:
            return numbers[: beam.greedy(logs, numbers)], float(logs.max(1).sum())
        width = self._d.beams
        room = beam.Beams(
            np.empty((2, width, 2), np.uint64),
            np.empty((2, width, 3)),
            np.empty((2, width, 2), np.int64),
            np.empty((2, width, symbols)),
            np.empty((steps * width + 1, 2), np.int64),
            np.empty((width, symbols)),
            np.empty((width, 2), np.int64),
            np.empty(width),
            self._history,
            self._contexts,
        )
        weight, bonus = self._d.weight, self._d.bonus
        length, score = beam.search(logs, self._counted, weight, bonus, room, numbers)
        return numbers[:length], score

    def tensors(self) -> dict[str, NDArray[Any]]:
        """Return what was counted, views."""
        return {f"spelling_{name}": array for name, array in self._counted._asdict().items()}
