"""Texts from texts: a translation of each source, learned from its target once it is known."""

import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamrnn.errors import RecordError
from streamrnn.learner.lessons import Totals
from streamrnn.learner.sequence_network import NOT_FINITE
from streamrnn.learner.sequences.draws import Draws
from streamrnn.learner.sequences.reservoir import Reservoir
from streamrnn.learner.sequences.sequence import words_of
from streamrnn.learner.sequences.texts import TextWords, beginnings_of, joined
from streamrnn.learner.sequences.translation import (
    KEPT,
    Pair,
    Source,
    TranslatorHyperparameters,
    histories_of,
    pair_of,
    source_of,
)
from streamrnn.learner.sequences.translation_memory import TranslationMemory
from streamrnn.learner.sequences.translation_network import TranslationNetwork
from streamrnn.learner.sequences.writing import Writer, Written
from streamrnn.learner.state import State
from streamrnn.learner.streams import Streams

Numbers = NDArray[np.int64]

NO_COPIES: Numbers = np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True)
class Translated:
    """A translation.

    Attributes:
        words: Of the translation, as they are written.
        attention: How much each of them came of each word of the source, ``(T, S)``, of which the
            last is its end.
        score: The mean log-chance of a word, its end among them.
    """

    words: list[str]
    attention: NDArray[np.float32]
    score: float

    @property
    def text(self) -> str:
        """The translation as a person writes it."""
        return joined(self.words)


@dataclass(frozen=True, slots=True)
class Told:
    """How a target was foreseen before it was learned, each word after the true ones before it.

    Attributes:
        right: Words that were chosen rightly, the end among them.
        words: All words and the end.
    """

    right: int
    words: int


class Translator:
    """Translates texts, one at a time.

    Args:
        hyperparameters: What it is made of.

    Attributes:
        words: Those of targets that are known.
        totals: What learning came to so far.
        streams: None: each text begins anew.
    """

    def __init__(self, hyperparameters: TranslatorHyperparameters) -> None:
        h = self._h = hyperparameters
        self.words = TextWords(h.most_words)
        self._memory = TranslationMemory(h)
        self._network = TranslationNetwork(h, self._memory)
        self._draws = Draws(h.seed)
        self._reservoir = Reservoir(KEPT, h.replay.most, h.replay.most_steps, self._draws)
        self.totals, self.streams = Totals(), Streams((), 1)

    @property
    def learning_rate(self) -> float:
        """The rate of the networks' next learning step."""
        return self._h.optimization.rate(self.totals.steps + 1)

    @property
    def weights_norm(self) -> float:
        """The norm of the networks' parameters."""
        networks = self._network.encoder, self._network.decoder
        return math.hypot(*(float(np.linalg.norm(each.parameters)) for each in networks))

    @property
    def step(self) -> int:
        """Learning steps so far."""
        return self.totals.steps

    @property
    def pairs(self) -> int:
        """Pairs that were learned so far."""
        return self._memory.pairs

    def source(self, text: str) -> Source:
        """Return a text as it is read; an empty one has only its end."""
        return source_of(self._read(text), self._h.contexts)

    def _read(self, text: str) -> list[str]:
        """Return the words of a text."""
        return words_of(text)[: self._h.longest]

    def answer(self, source: Source) -> Translated:
        """Return the translation of a text; before anything was learned an empty one.

        Raises:
            RecordError: What the networks say is not finite.
        """
        if not self._memory.pairs:
            return Translated([], np.zeros((0, source.keys.shape[1]), np.float32), 0.0)
        copies = self._memory.copies(source.keys)
        writer = Writer(self._network, self._memory, self._h, source, copies)
        written = writer.best() if self._h.beam > 1 else writer.likeliest()
        if not math.isfinite(written.score):
            raise RecordError(*NOT_FINITE)
        return Translated(self._spelled(source, copies, written), written.attention, written.score)

    def _spelled(self, source: Source, copies: Numbers, written: Written) -> list[str]:
        """Return the words of the numbers that were written."""
        most = self._h.most_words
        plain = [
            self.words.word(n) if n < most else source.words[copies[n - most]]
            for n in written.words
        ]
        return self.words.written(plain, beginnings_of(plain))

    def judge(self, source: Source, target: str) -> Told:
        """Return how a target is foreseen; nothing is learned.

        Raises:
            RecordError: What the networks say is not finite.
        """
        words = self._read(target)
        begun = beginnings_of(words)
        plain = self.words.plain(words, begun)
        numbers = [self.words.find(word) for word in plain]
        copies = self._memory.copies(source.keys)
        pair = pair_of(source, words, numbers, copies)
        spelled = self._spelled_right(words, plain, begun)
        return self._told(pair, self._network.forward(pair, copies), spelled)

    def learn(self, source: Source, answer: Translated | None, target: str) -> Told:
        """Learn the target of a text, and again those of past ones.

        Args:
            source: The text.
            answer: What was said of it; what is learned does not depend on it.
            target: Its translation.

        Returns:
            How it was foreseen.

        Raises:
            RecordError: What the networks say is not finite; nothing was learned.
        """
        if not self._h.enabled:
            return self.judge(source, target)
        words = self._read(target)
        begun, known = beginnings_of(words), len(self.words)
        plain = self.words.plain(words, begun)
        right = self._spelled_right(words, plain, begun)
        numbers = [self.words.number(word) for word in plain]
        copies = self._memory.copies(source.keys)
        pair = pair_of(source, words, numbers, copies)
        try:
            chosen = self._network.forward(pair, copies)
        except RecordError:
            self.words.cut(known)
            raise
        told = self._told(pair, chosen, right)
        self.words.count(words, begun, numbers)
        losses = [self._network.backward(pair)]
        self._memory.learn(pair, self._network.history, self._network.grid)
        for _ in range(min(self._h.replay.sequences, len(self._reservoir))):
            losses.append(self._repeat(Pair(*self._reservoir.draw())))
        finite, norm = [loss for loss in losses if math.isfinite(loss)], math.nan
        if math.isfinite(losses[0]):
            norm = self._network.update()
        else:
            self._network.forget()
        mean = sum(finite) / max(len(finite), 1)
        self.totals = self.totals.with_lesson(norm, mean, self._h.optimization.clip)
        if self._h.replay.sequences:
            self._reservoir.put(pair.arrays, pair.steps)
        return told

    def _spelled_right(
        self, words: Sequence[str], plain: Sequence[str], begun: Sequence[int]
    ) -> list[bool]:
        """Return whether each word of a target, and its end, would be written as it stands."""
        written = self.words.written(plain, begun)
        return [*(one == other for one, other in zip(written, words, strict=True)), True]

    def _told(self, pair: Pair, chosen: Numbers, spelled: Sequence[bool]) -> Told:
        """Return which words were chosen that are right, and spelled so."""
        truth, most = self._network.truth.tolist(), self._h.most_words
        words = zip(chosen.tolist(), truth, spelled, strict=True)
        right = sum(word == true and (true >= most or well) for word, true, well in words)
        return Told(right, len(truth))

    def _repeat(self, pair: Pair) -> float:
        """Learn a past pair again, as if it had not been counted; return its loss."""
        history, loss = histories_of(pair.former, self._h.histories), math.nan
        self._memory.count(pair, history, -1.0)
        # An output that is not finite is no fault of the record that has just come.
        with suppress(RecordError):
            self._network.forward(pair, NO_COPIES)
            loss = self._network.backward(pair)
            self._memory.share(pair, self._network.grid)
        self._memory.count(pair, history, 1.0)
        return loss

    def state(self) -> State:
        """Return what to go on from."""
        details = {
            "events": 0,
            "words": self.words.words,
            "totals": list(self.totals),
            "draws": self._draws.count,
            "pairs": self._memory.pairs,
            "updates": self._network.decoder.updates,
        }
        return State({**self._tensors(), **self._reservoir.tensors()}, [], {}, details, [])

    def _tensors(self) -> dict[str, NDArray[Any]]:
        """Return all that is learned, views."""
        words = {"words_inside": self.words.inside, "words_begun": self.words.begun}
        return {**self._network.tensors(), **self._memory.tensors(), **words}

    def restore(self, state: State) -> None:
        """Take over a whole state."""
        self.words.restore(state.details["words"])
        self.totals = Totals(*state.details["totals"])
        self._draws.count = state.details["draws"]
        self._memory.pairs = state.details["pairs"]
        for name, array in self._tensors().items():
            array[:] = state.tensors[name]
        for network in (self._network.encoder, self._network.decoder):
            network.updates = state.details["updates"]
        self._reservoir.restore(state.tensors)
