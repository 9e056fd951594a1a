"""The label of each reading of a stream, at once or when it comes in a record of its own."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamrnn.codecs import Codec
from streamrnn.errors import RecordError
from streamrnn.learner.learner import Learner
from streamrnn.learner.readings import Hyperparameters, ReadingClassifier, Thought
from streamrnn.learner.sequences.labels import Label
from streamrnn.learner.state import State
from streamrnn.records import DeadLetter, Record
from streamrnn.tasks.classify import Classified
from streamrnn.tasks.keys import stream_of
from streamrnn.tasks.reading import label_of, name_of, shown
from streamrnn.tasks.sequences import Acknowledgement, Answer, Place


@dataclass(frozen=True, slots=True)
class ReadingFields:
    """Which fields of a record are read.

    Attributes:
        features: The numbers of a reading.
        target: Its label.
        key: The stream's name.
        time: Passed through.
        name: Names a reading, where its label comes in a record of its own.
    """

    features: tuple[str, ...]
    target: str
    key: str | None = None
    time: str | None = None
    name: str | None = None


class ReadingTask:
    """Answers each reading with its label.

    Args:
        fields: What is read.
        codec: Reads it.
        hyperparameters: Of what learns.
        wait: Records that a reading waits for its label, if that comes by itself.

    Attributes:
        learning_seconds: How long predicting and learning took so far, without decoding.
    """

    def __init__(
        self, fields: ReadingFields, codec: Codec, hyperparameters: Hyperparameters, wait: int
    ) -> None:
        self._fields, self._codec, self._wait = fields, codec, wait
        self._mine = ReadingClassifier(hyperparameters)
        # The stream, the offset and what was thought of each reading that waits, by its name.
        self._waiting: dict[str, tuple[str, int, int, int, list[float]]] = {}
        self.learning_seconds = 0.0

    @property
    def step(self) -> int:
        """Learning steps so far."""
        return self._mine.learner.step

    @property
    def learner(self) -> Learner:
        """What learns."""
        return self._mine.learner

    @property
    def shares(self) -> dict[str, float]:
        """What each opinion weighs; those that count against a label count for nothing here."""
        weights = {name: max(0.0, w) for name, w in self._mine.weights.items()}
        whole = sum(weights.values())
        return {name: weight / whole for name, weight in weights.items()} if whole else {}

    def prepare(self) -> None:
        """Compile what is compiled at first use; the task is then no longer fresh."""
        reading = np.ones(len(self._fields.features))
        for label in ("a", "b") * 10:
            self._mine.take("", reading, self._mine.answer("", reading), label)

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
            label = label_of(self._fields.target, values.get(self._fields.target))
            started = time.perf_counter()
            found = self._read(values, place, label)
            self.learning_seconds += time.perf_counter() - started
        except RecordError as error:
            return DeadLetter(record, error.reason, str(error))
        return found

    def _read(self, values: Mapping[str, object], place: Place, label: Label | None) -> Answer:
        name = self._fields.name
        self._forget(place.offset)
        known = [values.get(each) is not None for each in self._fields.features]
        if name is not None and not any(known):
            return self._acknowledge(name_of(name, values), place, label)
        number = self._codec.number
        reading = np.array([number(each, values.get(each)) for each in self._fields.features])
        waits = name_of(name, values) if name is not None and label is None else None
        key, step = place.key or "", self.step
        thought = self._mine.answer(key, reading)
        self._take(key, reading, thought, label)
        if waits is not None:
            seen = thought.seen.tolist()
            self._waiting.pop(waits, None)
            self._waiting[waits] = key, place.offset, thought.step, thought.last, seen
        return _told(self._mine, thought, place, label, step)

    def _take(
        self, key: str, reading: NDArray[np.float64], thought: Thought, label: Label | None
    ) -> None:
        try:
            self._mine.take(key, reading, thought, label)
        except ValueError as error:
            raise RecordError("labels", f"{error} (task.most_labels)") from error

    def _acknowledge(self, name: str, place: Place, label: Label | None) -> Answer:
        """Learn the label of a reading that waits for it.

        Raises:
            RecordError: There is no label, or no such reading.
        """
        if label is None:
            raise RecordError(
                "missing",
                f"expected features or {self._fields.target} beside {self._fields.name} "
                f"{name!r}, got neither",
            )
        if name not in self._waiting:
            raise RecordError(
                "late",
                f"{self._fields.name}: no reading {shown(name)} waits for its label: it is not "
                "known, has its label, or came too many records before (task.wait)",
            )
        key, _, step, last, seen = self._waiting[name]
        before = self.step
        try:
            self._mine.teach(key, step, np.array(seen), last, label)
        except ValueError as error:
            raise RecordError("labels", f"{error} (task.most_labels)") from error
        del self._waiting[name]
        told = Acknowledgement(place.key, place.partition, place.offset, place.time, name, before)
        return Answer(told, target=label)

    def _forget(self, offset: int) -> None:
        """Forget readings that have waited too long, at the record of this offset."""
        while self._waiting:
            name = next(iter(self._waiting))
            if self._waiting[name][1] + self._wait >= offset:
                return
            del self._waiting[name]

    def state(self, since: int = 0) -> State:
        """Return what to go on from; see `Learner.state`."""
        state = self._mine.state(since)
        waiting: list[list[Any]] = [[name, *kept] for name, kept in self._waiting.items()]
        return replace(state, details={**state.details, "waiting": waiting})

    def restore(self, state: State) -> None:
        """Take over a whole state."""
        self._mine.restore(state)
        self._waiting = {name: tuple(kept) for name, *kept in state.details["waiting"]}


def _told(
    mine: ReadingClassifier, thought: Thought, place: Place, label: Label | None, step: int
) -> Answer:
    shares = thought.shares.tolist()
    best = mine.labels[shares.index(max(shares))] if shares else None
    probabilities = {str(each): share for each, share in zip(mine.labels, shares, strict=False)}
    made = Classified(
        place.key, place.partition, place.offset, place.time, best, probabilities, step
    )
    judged = label is not None and best is not None
    return Answer(made, judged, judged and best == label, target=label)
