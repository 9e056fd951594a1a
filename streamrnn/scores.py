"""Scores of labels that are honest where some are frequent, and where labels come in runs."""

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Span = tuple[int, int, Hashable]
"""The first step, the step after the last, and the label."""


class LabelScores:
    """Accuracy, the mean F1 of all labels, and kappa against taking the last label again.

    A prediction of None counts as wrong.
    """

    def __init__(self) -> None:
        self.judged = self.right = self._last_right = 0
        self._hits: Counter[Hashable] = Counter()
        self._came: Counter[Hashable] = Counter()
        self._said: Counter[Hashable] = Counter()
        self._last: Hashable | None = None

    def add(self, prediction: Hashable | None, label: Hashable) -> None:
        """Count a label and what was predicted."""
        self.judged += 1
        self.right += prediction == label
        self._last_right += self._last == label
        self._hits[label] += prediction == label
        self._came[label] += 1
        self._said[prediction] += prediction is not None
        self._last = label

    @property
    def accuracy(self) -> float:
        """The share of right predictions."""
        return self.right / max(self.judged, 1)

    @property
    def most_frequent(self) -> float:
        """What always saying the most frequent label would have come to."""
        return max(self._came.values(), default=0) / max(self.judged, 1)

    @property
    def last_again(self) -> float:
        """What always saying the label that came last would have come to."""
        return self._last_right / max(self.judged, 1)

    @property
    def seen(self) -> Collection[Hashable]:
        """The labels that came."""
        return self._came.keys()

    @property
    def macro_f1(self) -> float:
        """The mean over labels of ``2 hits / (said + came)``."""
        each = [
            2 * self._hits[label] / (self._said[label] + came) for label, came in self._came.items()
        ]
        return sum(each) / max(len(each), 1)

    @property
    def kappa(self) -> float:
        """How far accuracy is from that of the last label (0) to 1; below 0 it is worse.

        Bifet et al. 2015, kappa temporal.
        """
        chance = self.last_again
        return (self.accuracy - chance) / (1 - chance) if chance < 1 else 0.0


class SpanScores:
    """Precision and recall of spans, and their harmonic mean.

    Args:
        overlap: The least share of both spans together that they have in common, to be the same; 1
            for spans that must begin and end at the same steps.
    """

    def __init__(self, overlap: float = 1.0) -> None:
        self._overlap = overlap
        self.hits = self.said = self.came = 0

    def add(self, predicted: Sequence[Span], spans: Sequence[Span]) -> None:
        """Count the spans of a sequence; each is met by one of the predicted ones at most."""
        self.said += len(predicted)
        self.came += len(spans)
        if self._overlap == 1.0:
            # Sequences may have thousands of spans, too many to compare each with all others.
            self.hits += (Counter(predicted) & Counter(spans)).total()
            return
        left = list(spans)
        for span in predicted:
            best = max(left, key=lambda other: common(span, other), default=None)
            if best is not None and common(span, best) >= self._overlap:
                left.remove(best)
                self.hits += 1

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        return 2 * self.hits / max(self.said + self.came, 1)


@dataclass(frozen=True, slots=True)
class Runs:
    """Which runs of labels are scored as one.

    Attributes:
        of: Returns those of a sequence's labels.
        overlap: See `SpanScores`.
    """

    of: Callable[[list[Any]], list[Span]]
    overlap: float = 1.0


class TargetScores:
    """Scores of labels, one for each sequence or one for each of its steps, and of their runs.

    Args:
        runs: Those that are scored, by name.

    Attributes:
        labels: The scores of the labels.
        spans: Of the runs, by name.
    """

    def __init__(self, runs: Mapping[str, Runs]) -> None:
        self.labels, self._runs = LabelScores(), runs
        self.spans = {name: SpanScores(each.overlap) for name, each in runs.items()}

    @property
    def judged(self) -> int:
        """Labels that came."""
        return self.labels.judged

    def add(self, prediction: Any, target: Any) -> None:
        """Count a target, a label or a list of them, and what was predicted; None for nothing."""
        if not isinstance(target, list):
            self.labels.add(prediction, target)
            return
        made = [None] * len(target) if prediction is None else prediction
        for one, other in zip(made, target, strict=True):
            self.labels.add(one, other)
        for name, runs in self._runs.items():
            self.spans[name].add(runs.of(made), runs.of(target))


def common(one: Span, other: Span) -> float:
    """Return the share of two spans together that they have in common; 0 for other labels."""
    if one[2] != other[2]:
        return 0.0
    both = min(one[1], other[1]) - max(one[0], other[0])
    return max(0, both) / (max(one[1], other[1]) - min(one[0], other[0]))


def spans_of(tags: Sequence[Hashable]) -> list[Span]:
    """Return the spans of BIO tags; an I that nothing began begins one (CoNLL 2000)."""
    spans, begin, kind = list[Span](), -1, ""
    for step, tag in enumerate([*map(str, tags), "O"]):
        goes_on = tag.startswith("I-") and begin >= 0 and tag[2:] == kind
        if begin >= 0 and not goes_on:
            spans.append((begin, step, kind))
            begin = -1
        if tag[:2] in ("B-", "I-") and not goes_on:
            begin, kind = step, tag[2:]
    return spans


def runs_of(labels: Sequence[Hashable]) -> list[Span]:
    """Return the runs of equal labels; None is no label."""
    runs, begin = list[Span](), 0
    for step in range(1, len(labels) + 1):
        if step == len(labels) or labels[step] != labels[begin]:
            if labels[begin] is not None:
                runs.append((begin, step, labels[begin]))
            begin = step
    return runs
