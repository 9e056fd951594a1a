"""Streams whose sequences have labels: each is predicted, then learned, in one pass."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from benchmarks.sequences.subjects import CODEC, Figures, Settings, Subject
from streamrnn.build import task_of
from streamrnn.records import Record
from streamrnn.scores import TargetScores
from streamrnn.tasks.answering import Answer

MOST_FREQUENT = "the most frequent label"
HONEST = (MOST_FREQUENT, "accuracy", "macro-F1", "kappa")
"""What is told of the labels of every stream."""

Judged = tuple[Any, Any]
"""A prediction and the target, each a label or one a step; None where nothing is known yet."""


class Scores(TargetScores):
    """Scores of labels and of their runs, by the names that a report has for them."""

    def figures(self) -> dict[str, float]:
        """Return all of them."""
        labels = self.labels
        honest = labels.most_frequent, labels.accuracy, labels.macro_f1, labels.kappa
        spans = {name: scores.f1 for name, scores in self.spans.items()}
        return {**dict(zip(HONEST, honest, strict=True)), **spans}


def judge(subject: Subject, records: Sequence[Record], settings: Settings) -> Figures:
    """Return the scores of the whole stream, and of its last half.

    Raises:
        RuntimeError: A record was not answered.
    """
    return scored(subject, _predictions(subject, records, settings), len(records))


def _predictions(
    subject: Subject, records: Sequence[Record], settings: Settings
) -> Iterator[Judged]:
    task = task_of(subject.configuration(settings), CODEC)
    for answer in task.answer(records):
        if not isinstance(answer, Answer):
            raise RuntimeError(f"{subject.title}: not answered: {answer}")
        yield answer.prediction.prediction, answer.target


def scored(subject: Subject, predictions: Iterable[Judged], count: int) -> Figures:
    """Return the scores of so many predictions, and of the last half of them."""
    whole, last = Scores(subject.runs), Scores(subject.runs)
    for place, (made, target) in enumerate(predictions):
        whole.add(made, target)
        if place >= count // 2:
            last.add(made, target)
    second = last.figures()
    return {name: (figure, second[name]) for name, figure in whole.figures().items()}
