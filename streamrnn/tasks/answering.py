"""Records that are answered one by one: what each is answered, and what goes wrong with some."""

import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Generic, Protocol, TypeVar

from msgspec import Struct

from streamrnn.codecs import Codec
from streamrnn.errors import RecordError
from streamrnn.learner.learning import Learning
from streamrnn.learner.state import State
from streamrnn.records import DeadLetter, Record
from streamrnn.tasks.keys import stream_of


class Passed(Protocol):
    """What every task reads of a record: names of fields."""

    @property
    def key(self) -> str | None:
        """The stream's name."""
        ...

    @property
    def time(self) -> str | None:
        """Passed through."""
        ...


Fields = TypeVar("Fields", bound=Passed)


class Acknowledgement(Struct, frozen=True, gc=False):
    """The answer to a record that brings the target of a sequence; sent as a JSON object.

    Attributes:
        key: The stream; None where neither a field nor the record's own key names one.
        partition: The record's.
        offset: The same.
        time: As it came.
        label_of: The name of the sequence.
        step: Learning steps so far.
    """

    key: str | None
    partition: int
    offset: int
    time: object
    label_of: str
    step: int


class Place(Struct, frozen=True, gc=False):
    """Where a record stands, as every answer repeats it."""

    key: str | None
    partition: int
    offset: int
    time: object


class Answer(Struct, frozen=True, gc=False):
    """A prediction as it is sent, and what its record showed.

    Attributes:
        prediction: What is sent.
        judged: Labels of the record that were predicted, and are known.
        right: Of these, the right ones.
        characters: Of the record's transcript, where one was predicted.
        errors: Characters by which the prediction differs from it.
        steps: Of the sequence, whose bits were counted.
        bits: Of these.
        shown: The steps as they were written, for whoever draws them.
        target: What the record brought, the same.
    """

    prediction: Any
    judged: int = 0
    right: int = 0
    characters: int = 0
    errors: int = 0
    steps: int = 0
    bits: float = 0.0
    shown: object = None
    target: object = None


class RecordTask(ABC, Generic[Fields]):
    """Answers records one by one.

    Args:
        fields: What is read.
        codec: Reads it.

    Attributes:
        learning_seconds: How long predicting and learning took so far, without decoding.
    """

    def __init__(self, fields: Fields, codec: Codec) -> None:
        self._fields, self._codec = fields, codec
        self.learning_seconds = 0.0

    @property
    @abstractmethod
    def learner(self) -> Learning:
        """What learns."""

    @property
    def step(self) -> int:
        """Learning steps so far."""
        return self.learner.totals.steps

    @property
    def shares(self) -> dict[str, float]:
        """What each opinion weighs, where that is told."""
        return {}

    @abstractmethod
    def prepare(self) -> None:
        """Compile what is compiled at first use; the task is then no longer fresh."""

    def answer(self, records: Sequence[Record]) -> list[Answer | DeadLetter]:
        """Predict and learn records in order; return the answer to each."""
        return [self._answer(record) for record in records]

    def _answer(self, record: Record) -> Answer | DeadLetter:
        try:
            if record.value is None:
                raise RecordError("malformed", "expected a value, got a record without one")
            values = self._codec.decode(record.value)
            key = stream_of(self._fields.key, values, record)
            when = values.get(self._fields.time) if self._fields.time else None
            place = Place(key, record.partition, record.offset, when)
            before, started = self.learner.totals.undone, time.perf_counter()
            found = self._read(values, place)
            self.learning_seconds += time.perf_counter() - started
        except RecordError as error:
            return DeadLetter(record, error.reason, str(error))
        if self.learner.totals.undone > before:
            return DeadLetter(record, "learning", "the gradient of this record is not finite")
        return found

    @abstractmethod
    def _read(self, values: Mapping[str, object], place: Place) -> Answer:
        """Predict and learn what a record holds.

        Raises:
            RecordError: Something is wrong with it.
        """

    @abstractmethod
    def state(self, since: int = 0) -> State:
        """Return what to go on from; see `Task.state`."""

    @abstractmethod
    def restore(self, state: State) -> None:
        """Take over a whole state."""
