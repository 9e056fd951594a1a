"""Streams whose sequences have labels: each is predicted, then learned, in one pass."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from benchmarks.sequences.subjects import CODEC, Figures, Settings, Subject
from streamrnn.build import task_of
from streamrnn.records import Record
from streamrnn.scores import LabelScores, SpanScores
from streamrnn.tasks.answering import Answer

MOST_FREQUENT = "the most frequent label"
HONEST = (MOST_FREQUENT, "accuracy", "macro-F1", "kappa")
"""What is told of the labels of every stream."""

Judged = tuple[Any, Any]
"""A prediction and the target, each a label or one a step; None where nothing is known yet."""


class Scores:
    """Scores of labels and of their runs.

    Args:
        subject: Says which runs are scored.
    """

    def __init__(self, subject: Subject) -> None:
        self._labels, self._runs = LabelScores(), subject.runs
        self._spans = {name: SpanScores(runs.overlap) for name, runs in subject.runs.items()}

    def add(self, judged: Judged) -> None:
        """Count a prediction."""
        made, target = judged
        if not isinstance(target, list):
            self._labels.add(made, target)
            return
        made = made or [None] * len(target)
        for one, other in zip(made, target, strict=True):
            self._labels.add(one, other)
        for name, runs in self._runs.items():
            self._spans[name].add(runs.of(made), runs.of(target))

    def figures(self) -> dict[str, float]:
        """Return all of them, by their names."""
        labels = self._labels
        honest = labels.most_frequent, labels.accuracy, labels.macro_f1, labels.kappa
        spans = {name: scores.f1 for name, scores in self._spans.items()}
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
    whole, last = Scores(subject), Scores(subject)
    for place, judged in enumerate(predictions):
        whole.add(judged)
        if place >= count // 2:
            last.add(judged)
    second = last.figures()
    return {name: (figure, second[name]) for name, figure in whole.figures().items()}
