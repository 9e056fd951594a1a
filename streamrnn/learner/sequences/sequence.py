"""A sequence as it is learned: symbols as hashes, or frames of numbers."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

TOKEN = re.compile(r"\w+|[^\w\s]")
"""A run of letters and digits, or another mark by itself."""
GRAMS = (3, 4, 5)
"""Lengths of the parts of a word."""
REMEMBERED = 1 << 16

PIECES = 7
EXACT, LOWER, SHAPE, HEAD, TAIL, SHORT_HEAD, SHORT_TAIL = range(PIECES)
"""What a word is looked at as: as it is, in small letters, its shape, and its ends."""
READ = np.array([LOWER, HEAD, TAIL])
"""Those whose vectors a network sees."""


@dataclass(frozen=True, slots=True)
class Steps:
    """A sequence of T steps: symbols, or frames.

    Attributes:
        symbols: A hash of each step's symbol, ``(T,)``; empty for frames.
        pieces: Hashes of what each symbol is made of, ``(T, S)``; empty for frames.
        parts: Hashes of the parts of all its words, ``(M,)``; empty without words.
        frames: ``(T, F)``; empty for symbols.
    """

    symbols: NDArray[np.uint64]
    pieces: NDArray[np.uint64]
    parts: NDArray[np.uint64]
    frames: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.symbols) or len(self.frames)

    @property
    def arrays(self) -> tuple[NDArray[Any], ...]:
        """All of them, by `AXES`."""
        return self.symbols, self.pieces, self.parts, self.frames


AXES = {"symbols": 1, "pieces": 2, "parts": 1, "frames": 2}
"""The arrays of a sequence, and how many axes each has."""


NO_SYMBOLS = np.zeros(0, np.uint64)
NO_FRAMES = np.zeros((0, 0), np.float32)


def of_words(words: Sequence[str]) -> Steps:
    """Return a sequence of words, each looked at in several ways."""
    seen = [_looked_at(word) for word in words]
    pieces = joined_hashes(b"".join([pieces for pieces, _ in seen])).reshape(-1, PIECES)
    parts = joined_hashes(b"".join([parts for _, parts in seen]))
    return Steps(np.ascontiguousarray(pieces[:, LOWER]), pieces, parts, NO_FRAMES)


def joined_hashes(written: bytes) -> NDArray[np.uint64]:
    """Return hashes that were written as bytes."""
    return np.frombuffer(bytearray(written), np.uint64)


def of_symbols(symbols: Iterable[object]) -> Steps:
    """Return a sequence of symbols that have no parts: characters, or items of a list."""
    hashes = np.array([hash_of(str(symbol)) for symbol in symbols], np.uint64)
    return Steps(hashes, hashes.reshape(-1, 1), NO_SYMBOLS, NO_FRAMES)


def of_frames(frames: NDArray[np.float32]) -> Steps:
    """Return a sequence of frames ``(T, F)``."""
    return Steps(NO_SYMBOLS, NO_SYMBOLS.reshape(0, 1), NO_SYMBOLS, frames)


def of_points(text: str) -> Steps:
    """Return a text as it stands, a step for each of its code points."""
    points = np.array([*map(ord, text)], np.uint64)
    return Steps(points, points.reshape(-1, 1), NO_SYMBOLS, NO_FRAMES)


def points_of(steps: Steps) -> str:
    """Return the text of which `of_points` made a sequence."""
    return "".join(map(chr, steps.symbols.tolist()))


def words_of(text: str) -> list[str]:
    """Return the words and marks of a text."""
    return TOKEN.findall(text)


@lru_cache(REMEMBERED)
def hash_of(text: str) -> int:
    """Return a hash of a text, the same in every process, and never 0."""
    return crc32(text.encode("utf-8", "surrogatepass")) + 1


@lru_cache(REMEMBERED)
def _looked_at(word: str) -> tuple[bytes, bytes]:
    """Return the hashes of what a word is looked at as, and of its parts, as bytes.

    Bytes are joined in a fraction of the time that an array of Python's numbers takes.
    """
    small = word.lower()
    pieces = (word, small, shape_of(word), small[:3], small[-3:], small[:2], small[-2:])
    marked = f"<{small}>"
    parts = [
        marked[start : start + length]
        for length in GRAMS
        for start in range(max(1, len(marked) - length + 1))
    ]
    looks = [hash_of(f"{kind}{piece}") for kind, piece in enumerate(pieces)]
    found = [hash_of(part) for part in parts]
    return np.array(looks, np.uint64).tobytes(), np.array(found, np.uint64).tobytes()


def shape_of(word: str) -> str:
    """Return a word with each run of capitals as A, of small letters as a, of digits as 0."""
    shape = ""
    for character in word:
        kind = "0" if character.isdigit() else character
        if character.isalpha():
            kind = "A" if character.isupper() else "a"
        if not shape.endswith(kind):
            shape += kind
    return shape
