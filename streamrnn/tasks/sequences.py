"""What all tasks on whole sequences share: a record is a sequence, or brings the target of one."""

import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Generic, TypeVar

import msgspec
from msgspec import Struct

from streamrnn.codecs import Codec
from streamrnn.errors import RecordError
from streamrnn.learner.learning import Learning
from streamrnn.learner.sequences.sequence import Steps
from streamrnn.learner.sequences.waiting import Waiting
from streamrnn.learner.state import State
from streamrnn.records import DeadLetter, Record
from streamrnn.tasks.keys import stream_of
from streamrnn.tasks.reading import SequenceFields, name_of, shown, steps_of

Target = TypeVar("Target")


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
        steps: Of the sequence, whose bits were counted.
        bits: Of these.
        shown: The steps as they were written, for whoever draws them.
        target: What the record brought, the same.
    """

    prediction: Any
    judged: int = 0
    right: int = 0
    steps: int = 0
    bits: float = 0.0
    shown: object = None
    target: object = None


class RecordTask(ABC):
    """Answers records one by one.

    Args:
        fields: What is read.
        codec: Reads it.

    Attributes:
        learning_seconds: How long predicting and learning took so far, without decoding.
    """

    def __init__(self, fields: SequenceFields, codec: Codec) -> None:
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
        """Predict and learn the sequence of a record.

        Raises:
            RecordError: Something is wrong with it.
        """

    @abstractmethod
    def state(self, since: int = 0) -> State:
        """Return what to go on from; it is always whole."""

    @abstractmethod
    def restore(self, state: State) -> None:
        """Take over a whole state."""


class SequenceTask(RecordTask, Generic[Target]):
    """Answers each sequence, then learns it from its target, at once or when it comes.

    Args:
        fields: What is read.
        codec: Reads it.
        wait: Records that a sequence waits for its target, if that comes by itself.
    """

    def __init__(self, fields: SequenceFields, codec: Codec, wait: int) -> None:
        super().__init__(fields, codec)
        self._waiting, self._width = Waiting(wait), 0

    def _read(self, values: Mapping[str, object], place: Place) -> Answer:
        name = self._fields.name
        self._waiting.forget(place.offset)
        sequence = values.get(self._fields.sequence)
        if sequence is None:
            if name is None:
                field = self._fields.sequence
                raise RecordError("missing", f"{field}: expected a sequence, got nothing")
            return self._acknowledge(name_of(name, values), values, place)
        steps = steps_of(self._fields, sequence, self._width)
        target = self._target(values, len(steps))
        waits = name_of(name, values) if name is not None and target is None else None
        self._begin(steps)
        answer = self._predict(steps, target, place)
        if waits is not None:
            self._waiting.put(waits, place.offset, steps)
        return msgspec.structs.replace(answer, shown=sequence)

    def _acknowledge(self, name: str, values: Mapping[str, object], place: Place) -> Answer:
        """Learn the target of a sequence that waits for it.

        Raises:
            RecordError: There is no target, or no such sequence.
        """
        if values.get(self._fields.target) is None:
            raise RecordError(
                "missing",
                f"expected {self._fields.sequence} or {self._fields.target} beside "
                f"{self._fields.name} {name!r}, got neither",
            )
        steps = self._waiting.take(name)
        if steps is None:
            raise RecordError(
                "late",
                f"{self._fields.name}: no sequence {shown(name)} waits for its target: it is not "
                "known, has its target, or came too many records before (task.wait)",
            )
        before = self.step
        try:
            target = self._target(values, len(steps))
            assert target is not None
            answer = self._predict(steps, target, place)
        except RecordError:
            self._waiting.put(name, place.offset, steps)
            raise
        told = Acknowledgement(place.key, place.partition, place.offset, place.time, name, before)
        return msgspec.structs.replace(answer, prediction=told)

    def _begin(self, steps: Steps) -> None:
        """Take note of the width of the first frames."""
        if self._fields.steps == "numbers" and not self._width:
            self._width = steps.frames.shape[1]
            self._make(self._width)

    def _make(self, width: int) -> None:
        """Make what learns frames of this width."""

    @abstractmethod
    def _target(self, values: Mapping[str, object], steps: int) -> Target | None:
        """Return a record's target, None where it is absent.

        Raises:
            RecordError: It is of the wrong type or length.
        """

    @abstractmethod
    def _predict(self, steps: Steps, target: Target | None, place: Place) -> Answer:
        """Predict a sequence, and learn it if its target is known.

        Raises:
            RecordError: There are too many labels; nothing was learned.
        """

    @abstractmethod
    def _learned(self) -> State:
        """Return what the learner goes on from."""

    @abstractmethod
    def _restore(self, state: State) -> None:
        """Let the learner take over its state."""

    def state(self, since: int = 0) -> State:
        """Return what to go on from; it is always whole."""
        state = self._learned()
        details = {**state.details, "width": self._width, "waiting": self._waiting.details}
        return replace(state, tensors={**state.tensors, **self._waiting.tensors()}, details=details)

    def restore(self, state: State) -> None:
        """Take over a whole state."""
        self._width = state.details["width"]
        if self._width:
            self._make(self._width)
        self._waiting.restore(state.details["waiting"], state.tensors)
        self._restore(state)
