"""A network that reads sequences: symbols as vectors, memories of labels, or frames of numbers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamrnn.arrays import aligned_zeros
from streamrnn.kernels.embedding import embed, learn_pieces
from streamrnn.kernels.ngrams import Places
from streamrnn.kernels.products import Array, all_finite
from streamrnn.learner.optimization import Optimization
from streamrnn.learner.sequence_network import SequenceArchitecture, SequenceNetwork, checked
from streamrnn.learner.sequences.growth import take_over

FIRST_SQUARE, FIRST_SIZE = 1e-3, 0.1
"""Of the vectors' rates, and of the vectors."""


@dataclass(frozen=True, slots=True)
class Embedding:
    """Vectors of hashed pieces.

    Attributes:
        rows: Of the table, a power of two.
        width: Of a vector; 0 where steps are frames.
        rate: At which they learn.
    """

    rows: int = 1 << 15
    width: int = 32
    rate: float = 0.02


@dataclass(frozen=True, slots=True)
class Reading:
    """What a network is given of a sequence.

    Attributes:
        pieces: Places of the pieces of each step, ``(T, S)``.
        numbers: What else is known of each step, ``(T, N)``: a frame, or what a memory says.
    """

    pieces: Places
    numbers: NDArray[np.float32]


class Reader:
    """Outputs for sequences, and learning steps over some at once.

    Args:
        architecture: Its inputs are the numbers of a step without its vector.
        embedding: Of the symbols.
        optimization: How the network learns.

    Attributes:
        network: What reads.
        embedding: As given.
    """

    def __init__(
        self, architecture: SequenceArchitecture, embedding: Embedding, optimization: Optimization
    ) -> None:
        self.embedding, self._optimization = embedding, optimization
        a = replace(architecture, inputs=embedding.width + architecture.inputs)
        self.network = SequenceNetwork(a, optimization)
        rows = embedding.rows if embedding.width else 0
        draw = np.random.default_rng([a.seed, 3])
        self._vectors = aligned_zeros((rows, embedding.width), np.float32)
        self._vectors[:] = draw.normal(size=self._vectors.shape) * FIRST_SIZE
        self._squares = aligned_zeros((rows,), np.float32)
        self._squares[:] = FIRST_SQUARE
        self._given = np.zeros((64, a.inputs), np.float32)
        self._last: tuple[Reading, Array] | None = None

    def grow(self, numbers: Sequence[int], width: int, outputs: int) -> None:
        """Take more numbers a step, or give more outputs.

        Args:
            numbers: Where each number of a step goes.
            width: How many there are then.
            outputs: Of the network.
        """
        former, vector = self.network, self.embedding.width
        a = replace(former.architecture, inputs=vector + width, outputs=outputs)
        self.network = SequenceNetwork(a, self._optimization)
        places = np.array([*range(vector), *(vector + n for n in numbers)], np.int64)
        take_over(former, self.network, places)
        self._last = None
        self._given = np.zeros((len(self._given), a.inputs), np.float32)

    def outputs(self, reading: Reading, key: int = 0, *, learning: bool = False) -> Array:
        """Return the network's outputs, a view; see `SequenceNetwork.forward`.

        Raises:
            RecordError: They are not finite.
        """
        if self._last and self._last[0] is reading and not self.network.architecture.dropout:
            return self._last[1]
        self._last = None
        steps, vector = len(reading.numbers), self.embedding.width
        if steps > len(self._given):
            self._given = np.zeros((2 * steps, self._given.shape[1]), np.float32)
        given = self._given[:steps]
        if vector:
            embed(reading.pieces, self._vectors, given)
        given[:, vector:] = reading.numbers
        outputs = checked(self.network.forward(given, key, learning=learning))
        self._last = reading, outputs
        return outputs

    def learn(self, doutputs: Array) -> None:
        """Go back from the gradient by the outputs that were returned last.

        They are then no longer those of their sequence.
        """
        assert self._last
        pieces, self._last = self._last[0].pieces, None
        dgiven, e = self.network.backward(doutputs), self.embedding
        if e.width and all_finite(dgiven):
            learn_pieces(pieces, dgiven, self._vectors, self._squares, e.rate)

    def tensors(self) -> dict[str, NDArray[Any]]:
        """Return what it has learned, views."""
        return {"model": self.network.model, "vectors": self._vectors, "squares": self._squares}
