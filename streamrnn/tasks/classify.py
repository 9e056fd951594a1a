"""The label of each sequence: each record is answered by what it is taken for."""

from collections.abc import Mapping

from msgspec import Struct

from streamrnn.codecs import Codec
from streamrnn.learner.sequences.classifier import SequenceClassifier
from streamrnn.learner.sequences.hyperparameters import Hyperparameters
from streamrnn.learner.sequences.labels import Label
from streamrnn.learner.sequences.sequence import Steps
from streamrnn.tasks.answering import Answer, Place
from streamrnn.tasks.reading import SequenceFields, label_of
from streamrnn.tasks.sequences import SequenceTask
from streamrnn.tasks.trials import trial


class Classified(Struct, frozen=True, gc=False):
    """A prediction record; its fields are those of the JSON object that is sent.

    Attributes:
        key: The stream; None where neither a field nor the record's own key names one.
        partition: The record's.
        offset: The same.
        time: As it came.
        prediction: The label, made before the record's own was seen; None before any is known.
        probabilities: Of each label that is known.
        step: Learning steps before the record.
    """

    key: str | None
    partition: int
    offset: int
    time: object
    prediction: Label | None
    probabilities: dict[str, float]
    step: int


class ClassifyTask(SequenceTask[Label, SequenceClassifier]):
    """Answers each sequence with its label.

    Args:
        fields: What is read.
        codec: Reads it.
        hyperparameters: Of what learns.
        wait: See `SequenceTask`.
    """

    def __init__(
        self, fields: SequenceFields, codec: Codec, hyperparameters: Hyperparameters, wait: int
    ) -> None:
        super().__init__(
            fields, codec, wait, lambda width: SequenceClassifier(hyperparameters, width)
        )

    @property
    def shares(self) -> dict[str, float]:
        """What each opinion weighs; those that count against a label count for nothing here."""
        return positive_shares(self._mine.weights)

    def prepare(self) -> None:
        """Compile what is compiled at first use; the task is then no longer fresh."""
        steps = trial(self._fields.steps)
        self._begin(steps)
        for label in ("a", "b", "a"):
            self._mine.learn(steps, self._mine.answer(steps), label)

    def _target(self, values: Mapping[str, object], steps: int) -> Label | None:
        return label_of(self._fields.target, values.get(self._fields.target))

    def _predict(self, steps: Steps, target: Label | None, place: Place) -> Answer:
        mine, step = self._mine, self.step
        answer = mine.answer(steps)
        labels = list(mine.labels)
        if target is not None:
            mine.learn(steps, answer, target)
        return classified(place, labels, answer.shares.tolist(), step, target)


def positive_shares(weights: Mapping[str, float]) -> dict[str, float]:
    """Return weights as shares of 1; those below 0 count for nothing."""
    positive = {name: max(0.0, weight) for name, weight in weights.items()}
    whole = sum(positive.values())
    return {name: weight / whole for name, weight in positive.items()} if whole else {}


def classified(
    place: Place, labels: list[Label], shares: list[float], step: int, target: Label | None
) -> Answer:
    """Return the answer to a record whose label was predicted.

    Args:
        place: The record's.
        labels: Those that were known.
        shares: How likely each was.
        step: Learning steps before the record.
        target: The label, None where it is not known.
    """
    best = labels[shares.index(max(shares))] if shares else None
    probabilities = {str(label): share for label, share in zip(labels, shares, strict=True)}
    made = Classified(
        place.key, place.partition, place.offset, place.time, best, probabilities, step
    )
    judged = target is not None and best is not None
    return Answer(made, judged, judged and best == target, target=target)
