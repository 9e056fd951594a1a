"""Transcripts, beside the last one again."""

import math
from collections.abc import Iterator

from streamrnn.backtest.sequences.figures import Judged, Score
from streamrnn.backtest.sequences.judge import Case, Judge
from streamrnn.backtest.sequences.sums import Halves
from streamrnn.kernels.edits import edits_between


class TextScores:
    """Errors in the characters of texts, and texts that are wholly right.

    Attributes:
        judged: Texts.
    """

    def __init__(self) -> None:
        self.judged = self._right = self._characters = self._errors = 0

    def add(self, prediction: str | None, text: str) -> None:
        """Count a text and what was predicted; None is as wrong as an empty text."""
        self.judged += 1
        self._right += prediction == text
        self._characters += len(text)
        self._errors += edits_between(prediction or "", text)

    @property
    def error_rate(self) -> float:
        """Characters to be changed, put in or left out, as a share of those of the texts.

        It may be more than 1 (Levenshtein 1966); NaN where there are none.
        """
        return self._errors / self._characters if self._characters else math.nan

    @property
    def right(self) -> float:
        """The share of texts without an error."""
        return self._right / self.judged


class TranscriptJudge(Judge):
    """Of the text that is said in each sequence."""

    def __init__(self) -> None:
        self._texts, self._last_texts = Halves(TextScores), Halves(TextScores)
        self._last: str | None = None

    def guess(self) -> str | None:
        """Return the last transcript."""
        return self._last

    def add(self, case: Case) -> None:
        """Count a transcript."""
        text = case.brought.target
        assert isinstance(text, str)
        for part in self._texts.at(case.late):
            part.add(case.sent.prediction.prediction, text)
        for part in self._last_texts.at(case.late):
            part.add(case.guess, text)
        self._last = text

    @property
    def judged(self) -> Judged:
        """The transcripts."""
        return self._texts.judged("transcripts")

    def scores(self) -> Iterator[Score]:
        """Yield the character error rate, and the share of transcripts that are wholly right."""
        both = (self._texts, None), (self._last_texts, "the last transcript again")
        for halves, by in both:
            yield halves.score("character error rate", lambda part: part.error_rate, by)
        for halves, by in both:
            yield halves.score("whole transcripts right", lambda part: part.right, by)

    def notes(self) -> Iterator[str]:
        """Yield what is to be known about them."""
        yield (
            "Character errors are characters to be changed, put in or left out, as a share of "
            "those of the transcripts."
        )
        yield from super().notes()
