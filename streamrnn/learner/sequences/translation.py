"""What a translator is made of, and a pair of texts as it is learned."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from struct import Struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.candidates import COPY, END, FIRST, UNKNOWN
from streamrnn.kernels.keys import fill_keys
from streamrnn.kernels.ngrams import fill_pieces
from streamrnn.learner.optimization import Optimization
from streamrnn.learner.sequences.hyperparameters import Replay
from streamrnn.learner.sequences.ngrams import PIECES_KIND
from streamrnn.learner.sequences.sequence import REMEMBERED, hash_of, joined_hashes
from streamrnn.learner.sequences.texts import LONGEST

CONTEXTS = np.array([(0, 0), (0, 1), (-1, 0)])
"""What the lexicon knows a word of the source by: itself, with the next one, with the last one."""
HISTORIES = np.array([(0, 0), (-1, 0)])
"""What the next word is remembered by: the last one, the last two."""
SOURCE_END = "\0"
"""Stands after the last word of a source."""
PIECES = np.arange(3)
"""What a word of a source is read as: as it is in small letters, its beginning, its ending."""
AS_BYTES = Struct(f"={PIECES.size}Q")


@dataclass(frozen=True, slots=True)
class TranslatorHyperparameters:
    """What a translator is made of.

    Attributes:
        embedding: Width of the vectors of words that the network reads.
        hidden: Units of the encoder, in each direction.
        decoder: Units of the decoder.
        keys: Width of keys and queries.
        width: Of attentional states.
        contexts: Of `CONTEXTS`, how many the lexicon looks at.
        histories: Of `HISTORIES`, how many the memory looks at.
        candidates: Of the lexicon at most.
        frequent: How many frequent words are always candidates.
        most_words: Numbers of target words at most, with those before `FIRST`.
        rows: Of the table of the lexicon, and of the memory; powers of two.
        slots: Of a row.
        embedding_rate: At which vectors of words that are read learn.
        output_rate: At which vectors of words that are written learn.
        gain_rate: At which gains learn.
        loss_scale: What the loss of each word is multiplied with.
        look: Whether the decoder sees where the next word should come from.
        replay: What is learned again.
        optimization: How the networks learn.
        beam: Translations that are kept while one is written; 1 is greedy.
        most_written: Words of a translation at most.
        longest: Words of a text that are read at most; what comes after them is left out.
        enabled: Whether anything is learned.
        seed: Of all that is drawn.

    Raises:
        ValueError: There is no number for any word.
    """

    embedding: int = 64
    hidden: int = 32
    decoder: int = 32
    keys: int = 32
    width: int = 96
    contexts: int = 3
    histories: int = 2
    candidates: int = 160
    frequent: int = 30
    most_words: int = 1 << 14
    rows: int = 1 << 17
    slots: int = 16
    embedding_rate: float = 0.04
    output_rate: float = 0.1
    gain_rate: float = 0.02
    loss_scale: float = 0.4
    look: bool = True
    replay: Replay = field(default_factory=lambda: Replay(sequences=0, most=5000))
    optimization: Optimization = field(default_factory=lambda: Optimization(learning_rate=0.003))
    beam: int = 1
    most_written: int = 60
    longest: int = 1000
    enabled: bool = True
    seed: int = 1

    def __post_init__(self) -> None:
        if self.most_words <= FIRST:
            raise ValueError(f"most_words: expected more than {FIRST}, got {self.most_words}")


@dataclass(frozen=True, slots=True)
class Source:
    """A text to translate.

    Attributes:
        words: As they stand, without the end.
        keys: Of each word and the end, and in further rows of their contexts, ``(P, S)``.
        pieces: Places of the pieces of each word and the end, ``(S, PIECES)``.
    """

    words: tuple[str, ...]
    keys: NDArray[np.uint64]
    pieces: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Pair:
    """A source and its target, as arrays.

    Attributes:
        keys: Of the source.
        pieces: Of the source.
        words: Numbers of the target's words and its end, ``(T,)``.
        copied: The place of the source that a word is a copy of, -1 where it is none, ``(T,)``.
        shares: How much of each word was counted with which word of the source, ``(T, S)``.
    """

    keys: NDArray[np.uint64]
    pieces: NDArray[np.int64]
    words: NDArray[np.int64]
    copied: NDArray[np.int64]
    shares: NDArray[np.float32]

    @property
    def former(self) -> NDArray[np.int64]:
        """The word before each, ``(T,)``; before the first stands the end."""
        return np.concatenate([BEGIN, self.words[:-1]])

    @property
    def arrays(self) -> tuple[NDArray[Any], ...]:
        """All of them, by `KEPT`."""
        return self.keys, self.pieces, self.words, self.copied, self.shares

    @property
    def steps(self) -> int:
        """How many words there are on both sides, with their ends, or more if shares are many.

        So what a reservoir keeps is bounded: shares grow with the product of both sides.
        """
        target, source = len(self.words), int(self.keys.shape[1])
        return max(target + source, target * source // SHARES_OF_STEP)


BEGIN = np.array([END], np.int64)
SHARES_OF_STEP = 64
"""Shares that take as much room as a step is meant to."""
KEPT = {"keys": 2, "pieces": 2, "words": 1, "copied": 1, "shares": 2}
"""The arrays of a pair, and how many axes each has."""


def source_of(words: list[str], contexts: int) -> Source:
    """Return a text as it is read."""
    all_words = *words, SOURCE_END
    hashes = [_remembered(w) if len(w) <= LONGEST else _hashes(w) for w in all_words]
    pieces = joined_hashes(b"".join(hashes)).reshape(-1, PIECES.size)
    keys = np.empty((contexts, len(pieces)), np.uint64)
    fill_keys(np.ascontiguousarray(pieces[:, 0]), CONTEXTS[:contexts], keys)
    places = np.empty(pieces.shape, np.int64)
    fill_pieces(pieces, PIECES, PIECES_KIND, places)
    return Source(tuple(words), keys, places)


def _hashes(word: str) -> bytes:
    """Return hashes of a word in small letters and of its ends, as bytes."""
    small = word.lower()
    # A word of any length must not be kept there.
    whole: int = hash_of.__wrapped__(f"w{small}")
    return AS_BYTES.pack(whole, hash_of(f"h{small[:3]}"), hash_of(f"t{small[-3:]}"))


_remembered = lru_cache(REMEMBERED)(_hashes)


def histories_of(former: NDArray[np.int64], histories: int) -> NDArray[np.uint64]:
    """Return keys of what came before each step, ``(M, T)``, of the word before it, ``(T,)``."""
    keys = np.empty((histories, len(former)), np.uint64)
    fill_keys((former + 1).view(np.uint64), HISTORIES[:histories], keys)
    return keys


def pair_of(
    source: Source, target: Sequence[str], numbers: Sequence[int], copies: NDArray[np.int64]
) -> Pair:
    """Return a source and its target as arrays.

    Args:
        source: Of the target.
        target: Its words.
        numbers: Of these; one that has none and stands in the source, too, is learned as a copy.
        copies: Places of the source that may be copied.
    """
    offered = {source.words[place]: place for place in reversed(copies.tolist())}
    known = set(source.words)
    found = [
        COPY if number == UNKNOWN and word in known else number
        for word, number in zip(target, numbers, strict=True)
    ]
    return Pair(
        source.keys,
        source.pieces,
        np.array([*found, END], np.int64),
        np.array([*(offered.get(word, -1) for word in target), -1], np.int64),
        np.zeros((len(found) + 1, source.keys.shape[1]), np.float32),
    )
