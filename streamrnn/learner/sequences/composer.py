"""Sequences from nothing: the next symbol, or the next set of symbols, of a sequence."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels import compose
from streamrnn.kernels.compose import END, NEW, STOP, Composition, Room
from streamrnn.layers.stack import Layer
from streamrnn.learner.lessons import Totals
from streamrnn.learner.sequence_network import SequenceArchitecture
from streamrnn.learner.sequences.draws import Draws
from streamrnn.learner.sequences.experts import wider
from streamrnn.learner.sequences.hyperparameters import Hyperparameters
from streamrnn.learner.sequences.labels import Label
from streamrnn.learner.sequences.ngrams import NO_PLACES
from streamrnn.learner.sequences.reader import Embedding, Reader, Reading
from streamrnn.learner.sequences.vocabulary import Score, Step, Vocabulary
from streamrnn.learner.sequences.whole import WholeSequences
from streamrnn.learner.state import State

FIRST_WEIGHT, FIRST_TRUST, FIRST_SQUARE = 0.2, 0.3, 0.1
NEW_BITS = 16.0
"""What a symbol costs that was never seen, beside what it costs to say so."""
FURTHEST = 6
"""Of a transposition, up or down."""


def room_for(symbols: int) -> int:
    """Return the columns for so many symbols."""
    return max(32, 1 << (symbols - 1).bit_length())


class Composer(WholeSequences):
    """Says how likely each sequence is, step by step, and learns it.

    Args:
        hyperparameters: What it is made of.

    Attributes:
        vocabulary: The symbols that are known.
        sets: Whether steps are sets; None before the first sequence.
    """

    def __init__(self, hyperparameters: Hyperparameters) -> None:
        super().__init__(hyperparameters, {"symbols": 1, "starts": 1})
        self.vocabulary = Vocabulary(hyperparameters.most_labels)
        self.sets: bool | None = None

    def begin(self, *, sets: bool) -> None:
        """Make all that learns, once it is known whether steps are sets."""
        h, self.sets = self._h, sets
        self._room = room_for(len(self.vocabulary))
        cells = h.cells if "memory" in h.experts else 0
        shape = compose.SLOTS, compose.EXPERTS, compose.CONFIDENCES
        features = compose.FEATURE_ROWS, self._room
        self._composition = Composition(
            counts=np.zeros(cells, np.float32),
            times=np.zeros(cells // 4, np.float32),
            weights=np.full(shape, FIRST_WEIGHT),
            weight_squares=np.ones(shape),
            features=np.zeros(features, np.float32),
            feature_squares=np.full(features, FIRST_SQUARE, np.float32),
            trust=np.full(compose.SLOTS, FIRST_TRUST if h.network else 0.0),
            trust_squares=np.ones(compose.SLOTS),
        )
        if h.network:
            architecture = SequenceArchitecture(
                (Layer(h.cell, h.hidden),) * h.layers,
                self._room if sets else 0,
                self._room,
                pooling=(),
                dropout=h.dropout,
                norm=h.norm,
                seed=h.seed,
            )
            embedding = Embedding(width=0 if sets else h.embedding, rate=h.embedding_rate)
            self._reader = Reader(architecture, embedding, h.optimization)

    def read(self, steps: Sequence[Step]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Return the bits of each decision, and where each step begins among them; and learn.

        Raises:
            RecordError: There are too many symbols; nothing has changed.
        """
        fresh = self.vocabulary.new_in(steps) if self._h.enabled else []
        self.vocabulary.add(fresh)
        if self.sets is None:
            self.begin(sets=any(isinstance(step, list | tuple) for step in steps))
        sets = bool(self.sets)
        self._make_room()
        heard = self.vocabulary.hear(steps, fresh, sets=sets)
        bits = self._read(heard.heard, self._outputs(heard.heard), learning=self._h.enabled)
        bits[heard.new] += NEW_BITS
        if self._h.enabled:
            self._learn_network(heard.whole)
            if self._h.replay.sequences:
                self._rehearse(heard.whole)
                arrays = heard.whole.symbols, heard.whole.starts
                self._reservoir.put(arrays, len(steps))
        return bits, heard.heard.starts

    def _make_room(self) -> None:
        """Grow until there is room for all symbols."""
        known = len(self.vocabulary)
        if known > self._room:
            former, self._room = self._room, room_for(known)
            c = self._composition
            self._composition = c._replace(
                features=wider(c.features, self._room),
                feature_squares=wider(c.feature_squares, self._room, FIRST_SQUARE),
            )
            if self._reader:
                places = range(former) if self.sets else ()
                self._reader.grow(places, self._room if self.sets else 0, self._room)

    def _given(self, score: Score) -> Reading:
        """Return what the network is given: at each step the one before."""
        steps = score.steps
        if self.sets:
            given = np.zeros((steps, self._room), np.float32)
            for step in range(1, steps):
                begin, end = score.starts[step - 1], score.starts[step]
                given[step, score.symbols[begin:end]] = 1
            return Reading(NO_PLACES, given)
        before = np.concatenate([[STOP], score.symbols[:-1]]) if steps else score.symbols
        return Reading(before[:, np.newaxis] * 7919, np.zeros((steps, 0), np.float32))

    def _outputs(self, score: Score) -> NDArray[np.float32]:
        steps = score.steps
        if self._reader is None:
            return np.zeros((steps, self._room), np.float32)
        return self._reader.outputs(self._given(score)).copy()

    def _read(
        self, score: Score, outputs: NDArray[np.float32], *, learning: bool
    ) -> NDArray[np.float64]:
        bits = np.zeros(len(score.symbols))
        compose.read_sequence(
            self._composition,
            self._decision(),
            score.symbols,
            score.starts,
            self.vocabulary.ranks,
            bool(self.sets),
            self._featured,
            outputs,
            bits,
            learning,
        )
        return bits

    @property
    def _featured(self) -> bool:
        return bool(self.sets) and "wide" in self._h.experts

    def _decision(self) -> Room:
        known = len(self.vocabulary)
        return Room(
            contexts=np.zeros(compose.EXPERTS, np.uint64),
            confidences=np.zeros(compose.EXPERTS, np.int64),
            logs=np.zeros((compose.EXPERTS, known)),
            rows=np.zeros(compose.FEATURES * 2, np.int64),
            shares=np.zeros(known),
        )

    def _learn_network(self, score: Score) -> None:
        if self._reader is None:
            return
        replay = self._h.replay
        self._reader.network.forget()
        for update in range(replay.updates):
            lessons = [score] if update == 0 else []
            for _ in range(min(replay.sequences, len(self._reservoir))):
                lessons.append(self._varied(Score(*self._reservoir.draw())))
            if lessons:
                loss = sum(self._lesson(lesson) for lesson in lessons) / len(lessons)
                norm = self._reader.network.update()
                self.totals = self.totals.with_lesson(norm, loss, self._h.optimization.clip)

    def _lesson(self, score: Score) -> float:
        assert self._reader
        outputs = self._reader.outputs(self._given(score), self._draws.key(), learning=True)
        doutputs = np.zeros(outputs.shape, np.float32)
        known = len(self.vocabulary)
        loss: float = compose.network_gradient(
            score.symbols,
            score.starts,
            self.vocabulary.ranks,
            known,
            bool(self.sets),
            outputs,
            doutputs,
        )
        self._reader.learn(doutputs)
        return loss

    def _rehearse(self, score: Score) -> None:
        """Let counts and features learn a sequence in another key, too."""
        other = self._varied(score)
        if other is not score:
            nothing = np.zeros((other.steps, self._room), np.float32)
            self._read(other, nothing, learning=True)

    def _varied(self, score: Score) -> Score:
        """Return a sequence of sets of whole numbers in another key, where all of it is known."""
        if not (self.sets and self._h.replay.transpose):
            return score
        by = self._draws.below(2 * FURTHEST + 1) - FURTHEST
        return (self.vocabulary.moved(score, by) if by else None) or score

    def write(
        self, beginning: Sequence[Step], most: int, temperature: float, seed: int
    ) -> Iterator[list[Label]]:
        """Yield the symbols of each step that goes on from a beginning, until it ends.

        Args:
            beginning: Steps; those with a symbol that is not known are passed over.
            most: Steps that are written at most.
            temperature: Below 1 the likely comes more often, at 0 always.
            seed: Of the draws.
        """
        draws, sets, known = Draws(seed), bool(self.sets), self.vocabulary
        written = [known.numbers(step, sets=sets) for step in beginning]
        written = [step for step in written if NEW not in step]
        for _ in range(most):
            step, outputs = list[int](), self._outputs(known.partial(written, []))[-1]
            while not step or sets:
                shares = self._shares(known.partial(written, step), outputs)
                number = _drawn(shares, temperature, draws)
                if number == STOP:
                    return
                if number == END:
                    break
                step.append(number)
            yield [known.value(number) for number in step]
            written.append([*step, *([END] if sets else [])])

    def _shares(self, score: Score, outputs: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return how likely each symbol is to come next in the last step of a sequence."""
        decision, step = self._decision(), len(score.starts) - 2
        place = int(score.starts[-1] - score.starts[-2])
        low = int(self.vocabulary.ranks[score.symbols[-1]]) if place else compose.NOTHING
        compose.ask(
            self._composition,
            decision,
            score.symbols,
            score.starts,
            self.vocabulary.ranks,
            bool(self.sets),
            self._featured,
            outputs,
            step,
            place,
            low,
        )
        return decision.shares

    def state(self) -> State:
        """Return what to go on from."""
        details = {
            "events": 0,
            "symbols": self.vocabulary.values,
            "totals": list(self.totals),
            "draws": self._draws.count,
            "sets": self.sets,
            "updates": self._reader.network.updates if self._reader else 0,
        }
        return State({**self._tensors(), **self._reservoir.tensors()}, [], {}, details, [])

    def _tensors(self) -> dict[str, NDArray[Any]]:
        if self.sets is None:
            return {}
        reader = self._reader.tensors() if self._reader else {}
        composed = self._composition._asdict()
        return {**reader, **{f"composition_{name}": array for name, array in composed.items()}}

    def restore(self, state: State) -> None:
        """Take over a whole state."""
        self.vocabulary.restore(state.details["symbols"])
        self.totals = Totals(*state.details["totals"])
        self._draws.count = state.details["draws"]
        if state.details["sets"] is not None:
            self.begin(sets=state.details["sets"])
            self._make_room()
        for name, array in self._tensors().items():
            array[:] = state.tensors[name]
        if self._reader:
            self._reader.network.updates = state.details["updates"]
        self._reservoir.restore(state.tensors)


def _drawn(shares: NDArray[np.float64], temperature: float, draws: Draws) -> int:
    """Return a symbol by its share; never a new one."""
    allowed = shares.copy()
    allowed[NEW] = 0
    if temperature == 0:
        return int(allowed.argmax())
    sharper = np.where(allowed > 0, allowed, 1.0) ** (1 / temperature) * (allowed > 0)
    sums = np.cumsum(sharper / sharper.sum())
    return min(int(np.searchsorted(sums, draws.between(0, 1), "right")), len(shares) - 1)
