"""The words of texts that are written: their numbers, their capitals, and how they are joined.

A word at the beginning of a sentence is known by its small letters, unless it is written large
elsewhere, too; so what was learned of ``the`` serves ``The``. Where sentences of a stream begin
with a capital, those that are written do, too.
"""

import unicodedata
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.candidates import FIRST, UNKNOWN

ENDS = frozenset(".!?。")
"""Marks after which another sentence begins."""
CLOSING, OPENING, JOINING = frozenset(".,;:!?%。、"), frozenset("¿¡#@$€£"), frozenset("'-/\u2019")
"""Marks without a space before them, after them, and around them, beside brackets."""
QUOTE = '"'
LONGEST = 100
"""Characters of a word that is given a number; a longer one is hardly a word that comes again."""


def mark_of(word: str) -> str:
    """Return the common form of a mark, which may be wide or made of several."""
    return unicodedata.normalize("NFKC", word)[:1]


def closes(word: str) -> bool:
    """Return whether no space stands before a word."""
    mark = mark_of(word)
    return mark in CLOSING or mark in JOINING or unicodedata.category(mark) in {"Pe", "Pf"}


def opens(word: str) -> bool:
    """Return whether no space stands after a word."""
    mark = mark_of(word)
    return mark in OPENING or mark in JOINING or unicodedata.category(mark) in {"Ps", "Pi"}


class TextWords:
    """Numbers for words, those of the most at most.

    Args:
        most: The largest number of words, with the numbers before `FIRST`.

    Attributes:
        inside: How often each word stood where no sentence begins, ``(most,)``.
        begun: How often a sentence began with a small and with a large letter, ``(2,)``.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._numbers: dict[str, int] = {}
        self._words: list[str] = []
        self.inside: NDArray[np.int64] = np.zeros(most, np.int64)
        self.begun: NDArray[np.int64] = np.zeros(2, np.int64)

    def __len__(self) -> int:
        """Return how many numbers are taken."""
        return FIRST + len(self._words)

    @property
    def words(self) -> list[str]:
        """The words in the order of their numbers."""
        return list(self._words)

    def cut(self, size: int) -> None:
        """Forget all numbers from ``size`` on."""
        for word in self._words[size - FIRST :]:
            del self._numbers[word]
        del self._words[size - FIRST :]

    def restore(self, words: Sequence[str]) -> None:
        """Take over words in place of those that are here."""
        self._words = list(words)
        self._numbers = {word: n for n, word in enumerate(words, FIRST)}

    def word(self, number: int) -> str:
        """Return the word of a number."""
        return self._words[number - FIRST]

    def find(self, word: str) -> int:
        """Return the number of a word; `UNKNOWN` where it has none."""
        return self._numbers.get(word, UNKNOWN)

    def number(self, word: str) -> int:
        """Return the number of a word, which becomes known if there is room for it."""
        found = self._numbers.get(word)
        if found is None:
            if len(self) >= self._most or len(word) > LONGEST:
                return UNKNOWN
            found = self._numbers[word] = len(self)
            self._words.append(word)
        return found

    def plain(self, words: Sequence[str], beginnings: Sequence[int]) -> list[str]:
        """Return the words of a text as they would be written inside of a sentence.

        Args:
            words: Of the text as it stands.
            beginnings: See `beginnings_of`.
        """
        plain = list(words)
        for place in beginnings:
            plain[place] = self._lowered(plain[place])
        return plain

    def _lowered(self, word: str) -> str:
        small = word.lower()
        if small == word:
            return word
        large, low = self._numbers.get(word), self._numbers.get(small)
        if large is None:
            return small
        return small if low is not None and self.inside[low] > self.inside[large] else word

    def count(
        self, words: Sequence[str], beginnings: Sequence[int], numbers: Sequence[int]
    ) -> None:
        """Count where the words of a text are written large.

        Args:
            words: Of the text as it stands.
            beginnings: See `beginnings_of`.
            numbers: Of its plain words.
        """
        for number in numbers:
            self.inside[number] += 1
        for place in beginnings:
            self.inside[numbers[place]] -= 1
            first = words[place][:1]
            if first != first.swapcase():
                self.begun[int(first.isupper())] += 1

    def written(self, plain: Sequence[str], beginnings: Sequence[int]) -> list[str]:
        """Return plain words as they are written, with a capital where a sentence begins.

        Args:
            plain: Of a text.
            beginnings: See `beginnings_of`.
        """
        written = list(plain)
        if self.begun[0] <= self.begun[1]:
            for place in beginnings:
                written[place] = plain[place][:1].upper() + plain[place][1:]
        return written


def beginnings_of(words: Sequence[str]) -> list[int]:
    """Return the places of words where a sentence begins, perhaps after a mark that opens it."""
    found, begun = list[int](), True
    for place, word in enumerate(words):
        if begun:
            found.append(place)
        if word[:1].isalnum():
            begun = False
        elif not (opens(word) or word == QUOTE):
            begun = mark_of(word) in ENDS
    return found


def joined(words: Sequence[str]) -> str:
    """Return the text of some words: marks stand as a person would write them."""
    text, space, quoted = "", False, False
    for word in words:
        if word == QUOTE:
            text += (" " if space and not quoted else "") + word
            space, quoted = quoted, not quoted
            continue
        text += (" " if space and not closes(word) else "") + word
        space = not opens(word)
    return text
