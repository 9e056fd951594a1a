"""A label for each step of a sequence: each record is answered by a list of them."""

from collections.abc import Mapping
from operator import eq

from msgspec import Struct

from streamrnn.codecs import Codec
from streamrnn.learner.sequences.hyperparameters import Hyperparameters
from streamrnn.learner.sequences.labels import Label
from streamrnn.learner.sequences.sequence import Steps
from streamrnn.learner.sequences.tagger import SequenceTagger
from streamrnn.tasks.answering import Answer, Place
from streamrnn.tasks.reading import SequenceFields, labels_of
from streamrnn.tasks.sequences import SequenceTask
from streamrnn.tasks.trials import trial


class Tagged(Struct, frozen=True, gc=False):
    """A prediction record; its fields are those of the JSON object that is sent.

    Attributes:
        key: The stream; None where neither a field nor the record's own key names one.
        partition: The record's.
        offset: The same.
        time: As it came.
        prediction: The label of each step, made before the record's own were seen; None before any
            is known.
        step: Learning steps before the record.
    """

    key: str | None
    partition: int
    offset: int
    time: object
    prediction: list[Label] | None
    step: int


class TagTask(SequenceTask[list[Label], SequenceTagger]):
    """Answers each sequence with a label for each of its steps.

    Args:
        fields: What is read.
        codec: Reads it.
        hyperparameters: Of what learns.
        wait: See `SequenceTask`.
    """

    def __init__(
        self, fields: SequenceFields, codec: Codec, hyperparameters: Hyperparameters, wait: int
    ) -> None:
        super().__init__(fields, codec, wait, lambda width: SequenceTagger(hyperparameters, width))

    def prepare(self) -> None:
        """Compile what is compiled at first use; the task is then no longer fresh."""
        steps = trial(self._fields.steps)
        self._begin(steps)
        labels: list[Label] = ["a", "b"] * (len(steps) // 2)
        for _ in range(2):
            self._mine.learn(steps, self._mine.answer(steps), labels)

    def _target(self, values: Mapping[str, object], steps: int) -> list[Label] | None:
        return labels_of(self._fields.target, values.get(self._fields.target), steps)

    def _predict(self, steps: Steps, target: list[Label] | None, place: Place) -> Answer:
        mine, step = self._mine, self.step
        tags = mine.answer(steps)
        known = list(mine.labels)
        made = [known[number] for number in tags.numbers.tolist()] or None
        if target is not None:
            mine.learn(steps, tags, target)
        told = Tagged(place.key, place.partition, place.offset, place.time, made, step)
        if target is None or made is None:
            return Answer(told, target=target)
        right = sum(map(eq, made, target))
        return Answer(told, len(target), right, target=target)
