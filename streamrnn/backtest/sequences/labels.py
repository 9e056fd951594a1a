"""Labels, one for each sequence or one for each step, beside the most frequent one."""

import math
from collections.abc import Iterator
from functools import partial

from streamrnn.backtest.sequences.figures import Judged, Score
from streamrnn.backtest.sequences.judge import Case, Judge
from streamrnn.backtest.sequences.sums import Halves
from streamrnn.scores import LabelScores, Runs, SpanScores, TargetScores, runs_of, spans_of

MOST_FREQUENT = "always the most frequent label"
HINDSIGHT = "Which label is the most frequent, only hindsight tells."
SPANS, RUNS = "F1 of spans", "F1 of runs"


class LabelJudge(Judge):
    """Of a label for each sequence."""

    def __init__(self) -> None:
        self._labels = Halves(LabelScores)

    def add(self, case: Case) -> None:
        """Count a label."""
        for part in self._labels.at(case.late):
            part.add(case.sent.prediction.prediction, case.brought.target)

    @property
    def judged(self) -> Judged:
        """The labels."""
        return self._labels.judged("labels")

    def scores(self) -> Iterator[Score]:
        """Yield accuracy, macro-F1 and kappa."""
        score = self._labels.score
        yield score("accuracy", lambda part: part.accuracy)
        yield score("accuracy", lambda part: part.most_frequent, MOST_FREQUENT)
        yield score("accuracy", lambda part: part.last_again, "the last label again")
        yield score("macro-F1", lambda part: part.macro_f1)
        yield score("kappa", lambda part: part.kappa)

    def notes(self) -> Iterator[str]:
        """Yield what is to be known about them."""
        yield f"{HINDSIGHT} Macro-F1 is the mean over labels."
        yield "Kappa is 0 where the last label again would be as good, 1 where all is right."
        yield from super().notes()


class TagJudge(Judge):
    """Of a label for each step."""

    def __init__(self) -> None:
        runs = {SPANS: Runs(spans_of), RUNS: Runs(runs_of)}
        self._tags = Halves(partial(TargetScores, runs))

    def add(self, case: Case) -> None:
        """Count the labels of a sequence, and their spans."""
        for part in self._tags.at(case.late):
            part.add(case.sent.prediction.prediction, case.brought.target)

    @property
    def judged(self) -> Judged:
        """The labels."""
        return self._tags.judged("labels")

    @property
    def _spans(self) -> bool:
        """Whether labels say where spans begin and go on."""
        seen = self._tags.whole.labels.seen
        return all(isinstance(each, str) and _is_span_label(each) for each in seen)

    def scores(self) -> Iterator[Score]:
        """Yield accuracy, and F1 of what labels come in."""
        yield self._tags.score("accuracy", lambda part: part.labels.accuracy)
        yield self._tags.score("accuracy", lambda part: part.labels.most_frequent, MOST_FREQUENT)
        name = SPANS if self._spans else RUNS
        yield self._tags.score(name, lambda part: _f1(part.spans[name]))

    def notes(self) -> Iterator[str]:
        """Yield what is to be known about them."""
        what = "A span of B-... and I-... labels" if self._spans else "A run of equal labels"
        yield f"{what} is right where its label, its first and its last step are."
        yield HINDSIGHT
        yield from super().notes()


def _f1(spans: SpanScores) -> float:
    """Return F1; NaN where there are no spans, neither true nor predicted."""
    return spans.f1 if spans.said + spans.came else math.nan


def _is_span_label(label: str) -> bool:
    return label == "O" or label.startswith(("B-", "I-"))
