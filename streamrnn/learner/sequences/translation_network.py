"""The network of a translator: encoder, decoder, attention, and the choice of the next word."""

import math
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from streamrnn.arrays import aligned_zeros
from streamrnn.kernels import translation, whole
from streamrnn.kernels.candidates import END, FOLLOWING, MOST_COPIES, MOST_FOLLOWING, Outputs, Room
from streamrnn.kernels.drafting import choose_next
from streamrnn.kernels.guidance import GUIDES
from streamrnn.kernels.products import Array
from streamrnn.kernels.translation import Gains, Vectors
from streamrnn.kernels.views import view
from streamrnn.layers.stack import Layer
from streamrnn.learner.sequence_network import SequenceArchitecture, SequenceNetwork, checked
from streamrnn.learner.sequences.stepwise import StepwiseNetwork
from streamrnn.learner.sequences.translation import (
    Pair,
    TranslatorHyperparameters,
    histories_of,
)
from streamrnn.learner.sequences.translation_memory import TranslationMemory

Numbers = NDArray[np.int64]

SOURCE_ROWS = 1 << 15
"""Of the table of the vectors of pieces of source words."""
FIRST_SQUARE, FIRST_OUTPUT_SQUARE, FIRST_GAIN_SQUARE = 1e-3, 0.1, 1.0
FIRST_SIZE = 0.1
FIRST_GAINS, FIRST_GAIN_AGAIN = (0.5, 0.7, 0.3, 0.3), -2.0
"""Of the frequency of words, the lexicon, what followed one word, and what followed two; and of
words that were written just before."""
FIRST_GUIDES = 0.5, -0.5
FIRST_STEPS = 64


class TranslationNetwork:
    """Chooses words, and learns which would have been right.

    Args:
        hyperparameters: What it is made of.
        memory: What is counted.
        dtype: Type of all numbers.
    """

    def __init__(
        self,
        hyperparameters: TranslatorHyperparameters,
        memory: TranslationMemory,
        dtype: DTypeLike = np.float32,
    ) -> None:
        h, self._memory, self._dtype = hyperparameters, memory, np.dtype(dtype)
        self._h, draw = h, np.random.default_rng([h.seed, 5])
        self.encoder = SequenceNetwork(self._architecture("encoder"), h.optimization, dtype)
        self.decoder = StepwiseNetwork(self._architecture("decoder"), h.optimization, dtype)
        for network in (self.encoder, self.decoder):
            rows, columns = network.shape[whole.FEATURES], network.shape[whole.OUTPUTS]
            head = view(network.model, network.shape[whole.HEAD], (rows, columns))
            head[:] = draw.normal(size=head.shape) / math.sqrt(rows)
        # Rows of both tables are found by the low bits of a number: there is one for each of them.
        rows = SOURCE_ROWS, 1 << (h.most_words - 1).bit_length()
        source, target = (draw.normal(size=(n, h.embedding)) * FIRST_SIZE for n in rows)
        self.vectors = Vectors(
            self._aligned(source),
            self._aligned(np.full(rows[0], FIRST_SQUARE)),
            self._aligned(target),
            self._aligned(np.full(rows[1], FIRST_SQUARE)),
        )
        written = h.most_words, h.width
        self.outputs = Outputs(
            aligned_zeros(written, dtype),
            np.full(h.most_words, FIRST_OUTPUT_SQUARE, dtype),
            np.zeros(h.most_words, dtype),
            np.full(h.most_words, FIRST_OUTPUT_SQUARE, dtype),
            memory.chances,
        )
        gains = *FIRST_GAINS[: FOLLOWING + h.histories], FIRST_GAIN_AGAIN
        self.gains = Gains(
            np.array(gains, dtype),
            np.full(len(gains), FIRST_GAIN_SQUARE, dtype),
            np.array(FIRST_GUIDES, dtype),
            np.full(GUIDES, FIRST_GAIN_SQUARE, dtype),
        )
        self._slopes = np.zeros(GUIDES + len(gains), dtype)
        self._make_room(FIRST_STEPS, FIRST_STEPS)

    def _architecture(self, name: str) -> SequenceArchitecture:
        h = self._h
        reads = name == "encoder"
        layer = Layer("lstm", h.hidden if reads else h.decoder, bidirectional=reads)
        inputs = h.embedding if reads or not h.look else 2 * h.embedding
        return SequenceArchitecture(
            (layer,), inputs, h.keys + h.width, pooling=(), seed=h.seed + (not reads)
        )

    def _aligned(self, array: NDArray[np.float64]) -> Array:
        copy: Array = aligned_zeros(array.shape, self._dtype)
        copy[:] = array
        return copy

    def _make_room(self, source: int, target: int) -> None:
        """Make room for texts of so many words; nothing that was learned changes."""
        h = self._h
        lexical = h.candidates + MOST_COPIES
        size = lexical + self._memory.frequent.size + MOST_FOLLOWING + target
        number, width = self._dtype, h.width
        self._steps = source, target
        self.room = Room(
            words=np.zeros(size, np.int64),
            places=np.zeros(h.most_words + MOST_COPIES, np.int64),
            sizes=np.zeros(3, np.int64),
            gathered=aligned_zeros((size, width), number),
            dgathered=aligned_zeros((size, width), number),
            priors=np.zeros(size, number),
            dpriors=np.zeros(size, number),
            floors=np.zeros(size, number),
            shares=aligned_zeros((source, lexical), number),
            mixed=aligned_zeros((target, lexical), number),
            terms=aligned_zeros((target, lexical), number),
            logits=aligned_zeros((target, size), number),
            found=np.zeros((h.histories + 1, target, h.slots), np.int64),
            said=np.zeros((h.histories + 1, target, h.slots), number),
        )

    def read(self, keys: NDArray[np.uint64], pieces: Numbers, copies: Numbers) -> Array:
        """Return the encoded source ``(S, K + W)``, a view; its candidates are gathered.

        Args:
            keys: See `streamrnn.learner.sequences.translation.Source`, and so the next.
            pieces: The same.
            copies: Places of the source that may be copied.

        Raises:
            RecordError: It is not finite.
        """
        if keys.shape[1] > self._steps[0]:
            self._make_room(2 * keys.shape[1], self._steps[1])
        self.rows = np.empty(keys.shape, np.int64)
        self.source = np.empty((keys.shape[1], self._h.embedding), self._dtype)
        translation.read_source(
            self._memory.lexicon,
            self.room,
            self.vectors,
            keys,
            pieces,
            copies,
            self._memory.frequent,
            self._h.candidates,
            self.rows,
            self.source,
        )
        return checked(self.encoder.forward(self.source))

    def forward(self, pair: Pair, copies: Numbers) -> Numbers:
        """Return the word that is chosen after each true word, ``(T,)``.

        Args:
            pair: What is read.
            copies: Places of the source that may be copied; the n-th is the word V + n.

        Raises:
            RecordError: What the networks say is not finite.
        """
        h, source, target = self._h, pair.keys.shape[1], len(pair.words)
        if target > self._steps[1]:
            self._make_room(self._steps[0], 2 * target)
        self._encoded = self.read(pair.keys, pair.pieces, copies)
        self._former, self.truth = pair.former, pair.words.copy()
        for n, place in enumerate(copies.tolist()):
            self.truth[pair.copied == place] = h.most_words + n
        self.history = histories_of(self._former, h.histories)
        history_rows = np.empty(self.history.shape, np.int64)
        self.grid = np.empty((target, translation.GRIDS, source), self._dtype)
        self.scores = self.new_scores(target, source)
        given = np.empty((target, self.decoder.architecture.inputs), self._dtype)
        translation.read_target(
            self._memory.lexicon,
            self._memory.memory,
            self.room,
            self.vectors,
            self.gains,
            self._memory.jumps,
            self._memory.chances,
            self.rows,
            pair.words,
            self._former,
            self.truth,
            self.history,
            history_rows,
            self.source,
            self.grid,
            self.scores,
            given,
        )
        self._decoded = checked(self.decoder.forward(given))
        self._states = np.empty((2, target, h.width), self._dtype)
        chosen = np.empty(target, np.int64)
        translation.choose(
            self._memory.memory,
            self.room,
            self.outputs,
            self.gains,
            self._encoded,
            self._decoded,
            history_rows,
            self.truth,
            0,
            self.scores,
            self._states,
            chosen,
        )
        return chosen

    def new_scores(self, target: int, source: int) -> Array:
        """Return room for biases, attention and its gradient, ``(SCORES, T, S)``."""
        return np.empty((translation.SCORES, target, source), self._dtype)

    def logits(
        self,
        encoded: Array,
        decoded: Array,
        former: tuple[int, ...],
        written: tuple[int, ...],
        scores: Array,
        first: int,
    ) -> tuple[Array, Numbers]:
        """Return the logits of the next word's candidates, and their numbers; views.

        Args:
            encoded: As `read` returned it.
            decoded: Of this step, ``(1, K + W)``.
            former: The last words, at most two, as they are read.
            written: Numbers of all words so far.
            scores: With the bias; the attention is filled.
            first: The first candidate whose vector is not fetched yet.
        """
        history = histories_of(np.array(former, np.int64), self._h.histories)[:, -1:].copy()
        size = choose_next(
            self._memory.memory,
            self.room,
            self.outputs,
            self.gains,
            encoded,
            decoded,
            history,
            np.empty(history.shape, np.int64),
            np.array([*written, END], np.int64),
            first,
            scores,
            np.empty((2, 1, self._h.width), self._dtype),
            np.empty(1, np.int64),
        )
        return self.room.logits[0, :size], self.room.words[:size]

    def backward(self, pair: Pair) -> float:
        """Learn from the last run but for the networks' update; return the mean loss.

        If it is not finite nothing is changed. Vectors of words that are read, and the networks,
        stay as they are where a gradient is not finite.
        """
        h = self._h
        dencoded, ddecoded = np.empty_like(self._encoded), np.empty_like(self._decoded)
        loss: float = translation.choose_backward(
            self.room,
            self.outputs,
            self.gains,
            self._encoded,
            self._decoded,
            self.truth,
            h.loss_scale,
            h.output_rate,
            h.gain_rate,
            self._slopes,
            self.grid,
            self.scores,
            self._states,
            dencoded,
            ddecoded,
        )
        if math.isfinite(loss):
            dgiven = self.decoder.backward(ddecoded)
            dsource = self.encoder.backward(dencoded)
            translation.learn_vectors(
                self.vectors,
                pair.pieces,
                self._former,
                self.grid,
                dsource,
                dgiven,
                h.embedding_rate,
            )
        return loss / len(pair.words)

    def update(self) -> float:
        """Change the networks against the gradient since the last update; return its norm.

        If that of either is not finite neither changes.
        """
        if not (self.encoder.sound and self.decoder.sound):
            self.forget()
            return math.nan
        return math.hypot(self.encoder.update(), self.decoder.update())

    def forget(self) -> None:
        """Drop the networks' gradients since the last update."""
        self.encoder.forget()
        self.decoder.forget()

    def tensors(self) -> dict[str, NDArray[Any]]:
        """Return all that it learned, views."""
        outputs = {f"outputs_{name}": each for name, each in self.outputs._asdict().items()}
        outputs.pop("outputs_chances")
        vectors = {f"vectors_{name}": each for name, each in self.vectors._asdict().items()}
        for name in ("vectors_target", "vectors_target_squares"):
            # Beyond these no row is ever read.
            vectors[name] = vectors[name][: self._h.most_words]
        return {
            "encoder": self.encoder.model,
            "decoder": self.decoder.model,
            **vectors,
            **{f"gains_{name}": each for name, each in self.gains._asdict().items()},
            **outputs,
        }
