"""A number for each sequence: each record is answered by what it is expected to be."""

from collections.abc import Mapping

from msgspec import Struct

from streamrnn.codecs import Codec
from streamrnn.learner.sequences.hyperparameters import Hyperparameters
from streamrnn.learner.sequences.regressor import SequenceRegressor
from streamrnn.learner.sequences.sequence import Steps
from streamrnn.tasks.answering import Answer, Place
from streamrnn.tasks.reading import SequenceFields
from streamrnn.tasks.sequences import SequenceTask
from streamrnn.tasks.trials import trial


class Regressed(Struct, frozen=True, gc=False):
    """A prediction record; its fields are those of the JSON object that is sent.

    Attributes:
        key: The stream; None where neither a field nor the record's own key names one.
        partition: The record's.
        offset: The same.
        time: As it came.
        prediction: The number, made before the record's own was seen; None before any is known.
        lower: Where the interval around it begins; None as long as none can be told.
        upper: Where it ends, the same.
        anomaly: How unusual the record's number is, 0 to 1; None for the first ones, and where it
            is not known.
        step: Learning steps before the record.
    """

    key: str | None
    partition: int
    offset: int
    time: object
    prediction: float | None
    lower: float | None
    upper: float | None
    anomaly: float | None
    step: int


class RegressTask(SequenceTask[float, SequenceRegressor]):
    """Answers each sequence with its number.

    Args:
        fields: What is read.
        codec: Reads it.
        hyperparameters: Of what learns.
        wait: See `SequenceTask`.
        coverage: The share of numbers that intervals are to hold.
    """

    def __init__(
        self,
        fields: SequenceFields,
        codec: Codec,
        hyperparameters: Hyperparameters,
        wait: int,
        coverage: float,
    ) -> None:
        super().__init__(
            fields, codec, wait, lambda width: SequenceRegressor(hyperparameters, width, coverage)
        )

    def prepare(self) -> None:
        """Compile what is compiled at first use; the task is then no longer fresh."""
        steps = trial(self._fields.steps)
        self._begin(steps)
        for number in range(30):
            self._mine.learn(steps, self._mine.answer(steps), float(number))

    def _target(self, values: Mapping[str, object], steps: int) -> float | None:
        name = self._fields.target
        number = self._codec.number(name, values.get(name))
        return None if number != number else number

    def _predict(self, steps: Steps, target: float | None, place: Place) -> Answer:
        mine, step = self._mine, self.step
        estimate = mine.answer(steps)
        anomaly = float("nan") if target is None else mine.learn(steps, estimate, target)
        return regressed(place, estimate.value, estimate.interval, anomaly, step, target)


def regressed(
    place: Place,
    value: float,
    interval: tuple[float, float] | None,
    anomaly: float,
    step: int,
    target: float | None,
) -> Answer:
    """Return the answer to a record whose number was predicted.

    Args:
        place: The record's.
        value: The number that was predicted; NaN for none.
        interval: Where it was expected to lie, None where that was not told.
        anomaly: How unusual it was; NaN where that is not known.
        step: Learning steps before the record.
        target: The number, None where it is not known.
    """
    lower, upper = interval or (None, None)
    # Not a number stands for none, and is the only one that differs from itself.
    prediction = value if value == value else None
    unusual = anomaly if anomaly == anomaly else None
    where = place.key, place.partition, place.offset, place.time
    made = Regressed(*where, prediction, lower, upper, unusual, step)
    return Answer(made, target=target)
