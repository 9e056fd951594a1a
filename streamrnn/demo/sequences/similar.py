"""Sentences that were seen, and which of them is most like another."""

from array import array
from collections.abc import Sequence

import numpy as np


class Sentences:
    """Finds the past sentence that shares most of its words with another."""

    def __init__(self) -> None:
        self._places: dict[str, array[int]] = {}
        self._sizes = array("q")

    def add(self, words: Sequence[str]) -> None:
        """Keep the words of a sentence."""
        kept = set(words)
        for word in kept:
            self._places.setdefault(word, array("q")).append(len(self._sizes))
        self._sizes.append(len(kept))

    def most_alike(self, words: Sequence[str]) -> int | None:
        """Return which of the kept sentences is most like one, counted from 0; None of none."""
        given = set(words)
        found = [np.array(self._places[word]) for word in given if word in self._places]
        if not found:
            return None
        shared = np.bincount(np.concatenate(found), minlength=len(self._sizes))
        return int(np.argmax(shared / (np.array(self._sizes) + len(given))))
