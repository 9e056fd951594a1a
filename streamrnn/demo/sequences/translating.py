"""What translations have come to, beside two simpler things that could have been said."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise

from rich.table import Table
from rich.text import Text

from streamrnn.bleu import bleu_known, bleu_of
from streamrnn.demo.sequences.similar import Sentences
from streamrnn.demo.sequences.summary import Summary, share
from streamrnn.learner.sequences.sequence import words_of
from streamrnn.tasks.answering import Answer

LAST = 200
"""Sentences of the running share."""
END = ""
"""Stands after the last word, and before the first."""


class TranslatingSummary(Summary):
    """Scores of translations, of all and of the last half.

    Args:
        name: Of the example.
        sequences: How many there will be.

    Attributes:
        running: The share of words that were right in the last sentences, after each one.
    """

    def __init__(self, name: str, sequences: int) -> None:
        super().__init__(name, sequences)
        self._half = sequences // 2
        self._judged, self._right, self._followed = [list[int]() for _ in range(3)]
        self._said, self._true, self._alike = [list[str]() for _ in range(3)]
        self._followers = defaultdict[str, Counter[str]](Counter)
        self._sentences = Sentences()
        self.running: list[float] = []

    def add(self, answer: Answer) -> None:
        """Count the translation of a sentence."""
        self.count += 1
        if not isinstance(answer.target, str):
            return
        self._judged.append(answer.judged)
        self._right.append(answer.right)
        self._said.append(answer.prediction.prediction or "")
        words = [END, *words_of(answer.target), END]
        # What the network was not asked for, the other one is not, either.
        self._followed.append(self._foreseen(words) if answer.judged else 0)
        for word, following in pairwise(words):
            self._followers[word][following] += 1
        source = words_of(str(answer.shown))
        alike = self._sentences.most_alike(source)
        self._alike.append(self._true[alike] if alike is not None else "")
        self._sentences.add(source)
        self._true.append(answer.target)
        self.running.append(share(self._right[-LAST:], self._judged[-LAST:]))

    def _foreseen(self, words: Sequence[str]) -> int:
        """Return how many words are those that most often came after the ones before them."""
        right = 0
        for word, following in pairwise(words):
            known = self._followers.get(word)
            right += known is not None and known.most_common(1)[0][0] == following
        return right

    def headline(self) -> str:
        """Return where it stands, in a line."""
        last = self.running[-1] if self.running else 0.0
        return (
            f"{self.count:>5} sentences  words right: {last:.3f} in the last {LAST}, "
            f"{share(self._right, self._judged):.3f} in all"
        )

    def table(self) -> Table:
        """Return all scores."""
        known = bleu_known()
        table = Table(caption=None if known else Text(MISSING))
        for name in ("", "all", "last half"):
            table.add_column(name, justify="right" if name else "left")
        parts = slice(0, None), slice(self._half, None)
        rows = {
            "words right, each after the true ones before it": self._right,
            "the word that most often followed the one before": self._followed,
        }
        for name, counts in rows.items():
            shares = (share(counts[part], self._judged[part]) for part in parts)
            table.add_row(name, *(f"{each:.3f}" for each in shares))
        texts = {
            "BLEU": self._said,
            "BLEU of the translation of the most similar sentence": self._alike,
        }
        for name, said in texts.items() if known else ():
            scores = [bleu_of(said[part], self._true[part]) for part in parts]
            table.add_row(name, *(f"{score:.1f}" for score in scores))
        return table


MISSING = "BLEU is told where sacrebleu is: pip install 'streamrnn[demo]'"
