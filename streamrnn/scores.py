"""Scores of labels that are honest where some are frequent, and where labels come in runs."""

from collections import Counter
from collections.abc import Hashable, Sequence

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
        chance = self._last_right / max(self.judged, 1)
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
    """Return the runs of equal labels."""
    runs, begin = list[Span](), 0
    for step in range(1, len(labels) + 1):
        if step == len(labels) or labels[step] != labels[begin]:
            runs.append((begin, step, labels[begin]))
            begin = step
    return runs
