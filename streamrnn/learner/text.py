"""Reading text: each byte is foretold, scored in bits, then learned, in records of any length.

The network reads first and says what it expects before each byte; the counts of contexts, if they
are asked for, take that as one opinion among theirs. Streams have their own state and share all
that is learned.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels import contexts, counting, model, rarity, surprise, text
from streamrnn.kernels.products import Array
from streamrnn.layers.stack import Layer
from streamrnn.learner.counting import make_counts, make_scratch
from streamrnn.learner.learner import Learner
from streamrnn.learner.lessons import Truncation
from streamrnn.learner.network import Architecture
from streamrnn.learner.optimization import Optimization
from streamrnn.learner.state import State

CHUNK = 4096
"""Bytes whose distributions are held at once; what is learned does not depend on it."""
COUNTED = "counted_"
"""Before the names of the counts' arrays in a state."""
SURE, MOST_SPANS = 0.1, 10
"""A part is shown whose surprise only so many of the stream's lines reach, and of these so many."""

OPTIMIZATION = Optimization(learning_rate=0.02, decay=0.001, beta1=0.0, clip=1.0)
"""What was found best for a small network on text."""


@dataclass(frozen=True, slots=True)
class Hyperparameters:
    """What a reader is made of; the fields are those of the configuration."""

    contexts: bool = True
    memory: float = 32.0
    cell: str = "lstm"
    hidden: int = 16
    layers: int = 1
    embedding: int = 16
    ngrams: int = 5
    ngram_rows: int = 1 << 16
    embedding_rate: float = 0.1
    norm: bool = True
    optimization: Optimization = OPTIMIZATION
    window: int = 20
    stride: int = 20
    seed: int = 1
    max_streams: int = 10_000
    own_weights: bool = False
    enabled: bool = True
    alarm_rate: float = 0.005

    def __post_init__(self) -> None:
        if not 1 <= self.ngrams <= text.LONGEST_NGRAM:
            raise ValueError(f"ngrams: expected 1 to {text.LONGEST_NGRAM}, got {self.ngrams}")


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a record that was unusual: its first byte, the byte after its last, its bits."""

    begin: int
    end: int
    bits: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What a record was like.

    Attributes:
        bits: Of each byte, by all that is mixed, ``(N,)``.
        network_bits: By the network alone, the same.
        anomaly: The share of the stream's records that are less surprising, from 0 to 1; NaN for
            the first records of a stream.
        alarm: Whether it is the first of a run of unusual ones.
        undone: Steps of the network that were undone, since they led to a number not finite.
        step: Learning steps of all streams before the record.
    """

    bits: NDArray[np.float64]
    network_bits: NDArray[np.float64]
    anomaly: float
    alarm: bool
    undone: int
    step: int


class TextReader:
    """Reads the records of many streams, and learns as they come.

    Attributes:
        learner: The network's.
        streams: Of all.
    """

    def __init__(self, hyperparameters: Hyperparameters) -> None:
        h = self._h = hyperparameters
        self.learner = Learner(
            Architecture(
                tuple(Layer(h.cell, h.hidden) for _ in range(h.layers)),
                inputs=h.embedding,
                outputs=contexts.BYTES,
                loss="softmax",
                symbols=contexts.BYTES,
                pieces=h.ngrams - 1,
                piece_rows=1 << (h.ngram_rows - 1).bit_length() if h.ngrams > 1 else 0,
                norm=h.norm,
                seed=h.seed,
            ),
            h.optimization,
            Truncation(h.window, h.stride),
            max_streams=h.max_streams,
            fields=(
                ("expected", np.float32, (contexts.BYTES,)),
                ("recent", np.uint64, ()),
                ("contexts", np.uint64, (contexts.MEMORY,)),
                ("lines", np.uint8, (2, contexts.COLUMNS)),
                ("surprise", np.float64, (surprise.SCALE,)),
                ("surprise_counts", np.float64, (rarity.BINS,)),
                ("quiet", np.int64, ()),
            ),
            first={"expected": np.full(contexts.BYTES, 1 / contexts.BYTES, np.float32)},
            own_weights=h.own_weights,
            enabled=h.enabled,
        )
        self.learner.network.settings[model.EMBEDDING_RATE] = h.embedding_rate
        self.streams = self.learner.streams
        self._counts = make_counts(h.memory) if h.contexts else None
        self._scratch = make_scratch()
        self._room = np.zeros((CHUNK, contexts.BYTES), np.float32)

    def read(self, row: int, record: bytes) -> Reading:
        """Read a record of the stream of a row, byte by byte, and learn it.

        Args:
            row: The stream's.
            record: Its bytes; the end of a line belongs to it.
        """
        step, undone = self.learner.step, 0
        whole = np.frombuffer(record, np.uint8)
        bits, alone = np.empty(len(whole)), np.empty(len(whole))
        for start in range(0, len(whole), CHUNK):
            part = slice(start, start + CHUNK)
            distributions = self._room[: len(whole[part])]
            undone += self._read_by_network(row, whole[part], distributions, alone[part])
            if self._counts is not None:
                counting.read(
                    self._counts,
                    self._scratch,
                    self.streams["contexts"][row],
                    self.streams["lines"][row],
                    whole[part],
                    distributions,
                    self._h.enabled,
                    bits[part],
                )
        bits = alone if self._counts is None else bits
        anomaly, alarm = self._judge(row, whole, bits)
        return Reading(bits, alone, anomaly, alarm, undone, step)

    def _read_by_network(
        self,
        row: int,
        part: NDArray[np.uint8],
        distributions: Array,
        bits: NDArray[np.float64],
    ) -> int:
        undone: int = text.read(
            *self.learner.workings(),
            self.streams["expected"],
            self.streams["recent"],
            row,
            part,
            distributions,
            bits,
            self.learner.report,
            self._h.enabled,
            *self.learner.network.uses,
        )
        return undone

    def _judge(
        self, row: int, whole: NDArray[np.uint8], bits: NDArray[np.float64]
    ) -> tuple[float, bool]:
        size = surprise.surprise(whole, bits)
        scale, counts = self.streams["surprise"][row], self.streams["surprise_counts"][row]
        anomaly = 1 - surprise.share_beyond(size, scale, counts)
        surprise.take_in(size, scale, counts)
        alarm = rarity.is_alarm(anomaly, self._h.alarm_rate, self.streams["quiet"], row)
        return anomaly, alarm

    def spans(self, row: int, record: bytes, bits: NDArray[np.float64]) -> list[Span]:
        """Return the tokens of a record that few lines of its stream have so surprising, in order.

        Args:
            row: The stream's.
            record: Its bytes.
            bits: Of each, as they were read.
        """
        whole = np.frombuffer(record, np.uint8)
        found, place = [], 0
        while place < len(whole):
            end = surprise.end_of_token(whole, place)
            part = slice(place, end)
            if end > place and self._is_rare(row, whole[part], bits[part]):
                found.append(Span(place, end, float(bits[part].sum())))
            place = max(end, place + 1)
        largest = sorted(found, key=lambda span: -span.bits)[:MOST_SPANS]
        return sorted(largest, key=lambda span: span.begin)

    def _is_rare(self, row: int, token: NDArray[np.uint8], bits: NDArray[np.float64]) -> bool:
        size = surprise.surprise_of_token(token, bits)
        scale, counts = self.streams["surprise"][row], self.streams["surprise_counts"][row]
        return surprise.share_beyond(size, scale, counts) <= SURE

    def chances(self, row: int) -> NDArray[np.float64]:
        """Return how likely each byte is to come next in a stream, ``(256,)``."""
        expected = self.streams["expected"][row]
        if self._counts is None:
            return np.array(expected, np.float64)
        chances = np.empty(contexts.BYTES)
        counting.distribute_bytes(
            self._counts,
            self._scratch,
            self.streams["contexts"][row],
            self.streams["lines"][row],
            expected,
            chances,
        )
        return chances

    def state(self, since: int = 0) -> State:
        """Return what to go on from; see `Learner.state`."""
        state = self.learner.state(since)
        return replace(state, tensors={**state.tensors, **self._counted()})

    def restore(self, state: State) -> None:
        """Take over a whole state."""
        self.learner.restore(state)
        for name, array in self._counted().items():
            array[:] = state.tensors[name]

    def _counted(self) -> dict[str, NDArray[Any]]:
        """Return the counts' arrays by their names in a state; the table of odds is no state."""
        counted = {} if self._counts is None else self._counts._asdict()
        return {f"{COUNTED}{name}": array for name, array in counted.items() if name != "odds"}
