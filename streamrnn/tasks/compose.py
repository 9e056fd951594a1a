"""Sequences from nothing: each record is answered by how unexpected its steps were."""

from collections.abc import Mapping

from msgspec import Struct

from streamrnn.codecs import Codec
from streamrnn.errors import RecordError
from streamrnn.learner.sequences.composer import Composer
from streamrnn.learner.sequences.hyperparameters import Hyperparameters
from streamrnn.learner.sequences.vocabulary import Step
from streamrnn.learner.state import State
from streamrnn.tasks.answering import Answer, Place, RecordTask
from streamrnn.tasks.reading import SequenceFields, shown, symbols_of

SCALARS = str, int, float, bool


class Composed(Struct, frozen=True, gc=False):
    """A prediction record; its fields are those of the JSON object that is sent.

    Attributes:
        key: The stream; None where neither a field nor the record's own key names one.
        partition: The record's.
        offset: The same.
        time: As it came.
        bits: Of the sequence with its end, each symbol before it was learned.
        step: Learning steps before the record.
    """

    key: str | None
    partition: int
    offset: int
    time: object
    bits: float
    step: int


class ComposeTask(RecordTask[SequenceFields]):
    """Answers each sequence with its bits, and learns it.

    Args:
        fields: What is read; there is no target.
        codec: Reads it.
        hyperparameters: Of what learns.
    """

    def __init__(
        self, fields: SequenceFields, codec: Codec, hyperparameters: Hyperparameters
    ) -> None:
        super().__init__(fields, codec)
        self._composer = Composer(hyperparameters)

    @property
    def learner(self) -> Composer:
        """What learns."""
        return self._composer

    def prepare(self) -> None:
        """Compile what is compiled at first use; the task is then no longer fresh."""
        for _ in range(2):
            self._composer.read(["a", "b", "a"])

    def _read(self, values: Mapping[str, object], place: Place) -> Answer:
        field, step = self._fields.sequence, self.step
        value = values.get(field)
        if value is None:
            raise RecordError("missing", f"{field}: expected a sequence, got nothing")
        steps = [_step(field, each) for each in symbols_of(self._fields, value)]
        if self._composer.sets is False and any(isinstance(each, list) for each in steps):
            raise RecordError(
                "type", f"{field}: expected a symbol a step, as in those before, got a list"
            )
        bits, starts = self._composer.read(steps)
        whole = float(bits.sum())
        told = Composed(place.key, place.partition, place.offset, place.time, whole, step)
        return Answer(told, steps=len(starts) - 1, bits=whole, shown=value)

    def state(self, since: int = 0) -> State:
        """Return what to go on from; it is always whole."""
        return self._composer.state()

    def restore(self, state: State) -> None:
        """Take over a whole state."""
        self._composer.restore(state)


def _step(field: str, step: object) -> Step:
    """Return a step: a symbol, or a list of them.

    Raises:
        RecordError: It is neither.
    """
    several = step if isinstance(step, list) else [step]
    if not all(isinstance(each, SCALARS) for each in several):
        raise RecordError(
            "type", f"{field}: expected text, a number or a list of these a step, got {shown(step)}"
        )
    return step  # type: ignore[return-value]
