"""Translations word by word and by BLEU, beside the most frequent word and the source itself."""

from collections import Counter
from collections.abc import Iterator, Sequence

from streamrnn.backtest.sequences.figures import Judged, Score
from streamrnn.backtest.sequences.judge import Case, Judge
from streamrnn.backtest.sequences.sums import END, Halves
from streamrnn.bleu import INSTALL, Bleu, bleu_known
from streamrnn.learner.sequences.sequence import words_of


class WordScores:
    """Words that are right, and the most frequent one.

    Attributes:
        judged: Words, with the ends of texts.
    """

    def __init__(self) -> None:
        self.judged = self._right = 0
        self._came: Counter[str | None] = Counter()

    def add(self, right: int, words: Sequence[str]) -> None:
        """Count the words of a text and its end, and how many of these are right."""
        self._came.update([*words, END])
        self.judged += len(words) + 1
        self._right += right

    @property
    def right(self) -> float:
        """The share of them that are right."""
        return self._right / self.judged

    @property
    def most_frequent(self) -> float:
        """What always saying the same word, or always ending, would have come to at best."""
        return max(self._came.values()) / self.judged


class TranslationJudge(Judge):
    """Of a text in another language for each."""

    def __init__(self) -> None:
        self._words = Halves(WordScores)
        self._texts = (Halves(Bleu), Halves(Bleu)) if bleu_known() else None

    def add(self, case: Case) -> None:
        """Count the words of a translation, and those in a row that it shares with the answer."""
        text = case.brought.target
        assert isinstance(text, str)
        for words in self._words.at(case.late):
            words.add(case.brought.right, words_of(text))
        if self._texts:
            said = case.sent.prediction.prediction, str(case.sent.shown)
            for halves, each in zip(self._texts, said, strict=True):
                for part in halves.at(case.late):
                    part.add(each, text)

    @property
    def judged(self) -> Judged:
        """The words."""
        return self._words.judged("words")

    def scores(self) -> Iterator[Score]:
        """Yield the share of words that are right, and BLEU where it is known."""
        right = "words right"
        yield self._words.score(right, lambda part: part.right)
        yield self._words.score(right, lambda part: part.most_frequent, "the most frequent word")
        if self._texts:
            for halves, by in zip(self._texts, (None, "the source as it stands"), strict=True):
                yield halves.score("BLEU", lambda part: part.score, by)

    def notes(self) -> Iterator[str]:
        """Yield what is to be known about them."""
        yield "Each word is asked for after the true ones before it; the end counts as a word."
        if not self._texts:
            yield f"BLEU is scored where sacrebleu is installed: {INSTALL}"
        yield from super().notes()
