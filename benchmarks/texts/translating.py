"""What a translator's network was given while it learned, so that a peer can be given the same."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from unittest import mock

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.candidates import ALL, COPY
from streamrnn.kernels.products import Array
from streamrnn.kernels.translation import EXPECTED
from streamrnn.learner.sequences.translation import Pair, TranslatorHyperparameters
from streamrnn.learner.sequences.translation_network import SOURCE_ROWS, TranslationNetwork
from streamrnn.learner.sequences.translator import Translator

Numbers = NDArray[np.int64]

EVERY = 10
"""Of so many learning steps one is kept, with what was learned again in it."""
NONE = -1
"""Stands for the true word where it is no candidate."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """A pair that was learned.

    Attributes:
        pieces: Places of the pieces of each word of the source, ``(S, PIECES)``.
        former: The word before each of the target, ``(T,)``.
        expected: Where each should come from, ``(T, S)``.
        candidates: Words to choose from, ``(C,)``.
        truth: Places of the right ones among them, ``(T,)``.
    """

    pieces: Numbers
    former: Numbers
    expected: Array
    candidates: Numbers
    truth: Numbers


@dataclass(slots=True)
class Script:
    """What was asked of a network, in order.

    Attributes:
        hyperparameters: Of the translator.
        rows: Of the table of pieces.
        steps: The lessons of each learning step that is kept, the new pair first.
        words: Of the targets of all new pairs, with their ends.
        kept_words: Of those whose step is kept.
    """

    hyperparameters: TranslatorHyperparameters
    rows: int = SOURCE_ROWS
    steps: list[list[Lesson]] = field(default_factory=list)
    words: int = 0
    kept_words: int = 0


def script_of(
    translator: Translator, h: TranslatorHyperparameters, pairs: Sequence[tuple[str, str]]
) -> Script:
    """Return what the network of a translator is asked while it learns pairs.

    Args:
        translator: Learns.
        h: What it is made of.
        pairs: Sources and targets.
    """
    script = Script(h)
    with _overheard(script):
        for text, target in pairs:
            script.words += translator.learn(translator.source(text), None, target).words
    return script


@contextmanager
def _overheard(script: Script) -> Iterator[None]:
    lessons, steps = list[Lesson](), 0
    forward, update = TranslationNetwork.forward, TranslationNetwork.update

    def heard(self: TranslationNetwork, pair: Pair, copies: Numbers) -> Numbers:
        chosen = forward(self, pair, copies)
        if steps % EVERY == 0:
            lessons.append(_lesson(self, pair, script.hyperparameters.most_words))
        return chosen

    def updated(self: TranslationNetwork) -> float:
        nonlocal steps
        if lessons:
            script.steps.append(lessons.copy())
            script.kept_words += len(lessons[0].truth)
            lessons.clear()
        steps += 1
        return update(self)

    with (
        mock.patch.object(TranslationNetwork, "forward", heard),
        mock.patch.object(TranslationNetwork, "update", updated),
    ):
        yield


def _lesson(network: TranslationNetwork, pair: Pair, most: int) -> Lesson:
    """Return what a network was given in its last run.

    Args:
        network: As `TranslationNetwork.forward` left it.
        pair: What was read.
        most: Numbers of words; those from it on are copies, which have one vector.
    """
    words = network.room.words[: network.room.sizes[ALL]].tolist()
    places = {word: place for place, word in enumerate(words)}
    return Lesson(
        pair.pieces % SOURCE_ROWS,
        pair.former,
        network.grid[:, EXPECTED].copy(),
        np.array([COPY if word >= most else word for word in words], np.int64),
        np.array([places.get(word, NONE) for word in network.truth.tolist()], np.int64),
    )
