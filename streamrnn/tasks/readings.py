"""What goes with each reading of a stream: a label or a number, at once or in a later record."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from streamrnn.codecs import Codec
from streamrnn.errors import RecordError
from streamrnn.learner.learner import Learner
from streamrnn.learner.readings.base import Hyperparameters
from streamrnn.learner.readings.classifier import ReadingClassifier
from streamrnn.learner.readings.regressor import ReadingRegressor
from streamrnn.learner.sequences.labels import Label
from streamrnn.learner.state import State
from streamrnn.tasks.answering import Acknowledgement, Answer, Place, RecordTask
from streamrnn.tasks.classify import classified, positive_shares
from streamrnn.tasks.reading import label_of, name_of, shown
from streamrnn.tasks.regress import regressed

Kept = tuple[str, int, int, int, list[float]]
"""Of a reading that waits: the stream, the offset, its step, the label before it, what was seen."""

Mine = TypeVar("Mine", bound=ReadingClassifier | ReadingRegressor)


@dataclass(frozen=True, slots=True)
class ReadingFields:
    """Which fields of a record are read.

    Attributes:
        features: The numbers of a reading.
        target: What goes with it.
        key: The stream's name.
        time: Passed through.
        name: Names a reading, where its target comes in a record of its own.
    """

    features: tuple[str, ...]
    target: str
    key: str | None = None
    time: str | None = None
    name: str | None = None


class ReadingTask(RecordTask[ReadingFields], Generic[Mine]):
    """Answers readings one by one, and learns each from its target.

    Args:
        fields: What is read.
        codec: Reads it.
        wait: Records that a reading waits for its target, if that comes by itself.
        mine: What learns.
    """

    def __init__(self, fields: ReadingFields, codec: Codec, wait: int, mine: Mine) -> None:
        super().__init__(fields, codec)
        self._mine = mine
        self._wait = wait
        self._waiting: dict[str, Kept] = {}

    @property
    def learner(self) -> Learner:
        """What learns."""
        return self._mine.learner

    @property
    def shares(self) -> dict[str, float]:
        """What each opinion weighs; those that count against a target count for nothing here."""
        return positive_shares(self._mine.weights)

    def _read(self, values: Mapping[str, object], place: Place) -> Answer:
        name, target = self._fields.name, self._target(values)
        self._forget(place.offset)
        known = [values.get(each) is not None for each in self._fields.features]
        if name is not None and not any(known):
            return self._acknowledge(name_of(name, values), place, target)
        number = self._codec.number
        reading = np.array([number(each, values.get(each)) for each in self._fields.features])
        waits = name_of(name, values) if name is not None and target is None else None
        answer, kept = self._take(place, reading, target)
        if waits is not None:
            self._waiting.pop(waits, None)
            self._waiting[waits] = kept
        return answer

    def _acknowledge(self, name: str, place: Place, target: Any) -> Answer:
        """Learn the target of a reading that waits for it.

        Raises:
            RecordError: There is no target, or no such reading.
        """
        if target is None:
            raise RecordError(
                "missing",
                f"expected features or {self._fields.target} beside {self._fields.name} "
                f"{name!r}, got neither",
            )
        if name not in self._waiting:
            raise RecordError(
                "late",
                f"{self._fields.name}: no reading {shown(name)} waits for its target: it is not "
                "known, has its target, or came too many records before (task.wait)",
            )
        before = self.step
        self._teach(self._waiting[name], target)
        del self._waiting[name]
        told = Acknowledgement(place.key, place.partition, place.offset, place.time, name, before)
        return Answer(told, target=target)

    def _forget(self, offset: int) -> None:
        """Forget readings that have waited too long, at the record of this offset."""
        while self._waiting:
            name = next(iter(self._waiting))
            if self._waiting[name][1] + self._wait >= offset:
                return
            del self._waiting[name]

    @abstractmethod
    def _target(self, values: Mapping[str, object]) -> Any:
        """Return a record's target, None where it is absent.

        Raises:
            RecordError: It is of the wrong type.
        """

    @abstractmethod
    def _take(self, place: Place, reading: NDArray[np.float64], target: Any) -> tuple[Answer, Kept]:
        """Predict a reading, learn it if its target is known; return also what waits if not."""

    @abstractmethod
    def _teach(self, kept: Kept, target: Any) -> None:
        """Learn the target of a reading that waited."""

    def state(self, since: int = 0) -> State:
        """Return what to go on from; see `Learner.state`."""
        state = self._mine.state(since)
        waiting: list[list[Any]] = [[name, *kept] for name, kept in self._waiting.items()]
        return replace(state, details={**state.details, "waiting": waiting})

    def restore(self, state: State) -> None:
        """Take over a whole state."""
        self._mine.restore(state)
        self._waiting = {name: tuple(kept) for name, *kept in state.details["waiting"]}


class ClassifyReadingTask(ReadingTask[ReadingClassifier]):
    """Answers each reading with its label.

    Args:
        fields: What is read.
        codec: Reads it.
        hyperparameters: Of what learns.
        wait: See `ReadingTask`.
    """

    def __init__(
        self, fields: ReadingFields, codec: Codec, hyperparameters: Hyperparameters, wait: int
    ) -> None:
        super().__init__(fields, codec, wait, ReadingClassifier(hyperparameters))

    def prepare(self) -> None:
        """Compile what is compiled at first use; the task is then no longer fresh."""
        reading = np.ones(len(self._fields.features))
        for label in ("a", "b") * 10:
            self._mine.take("", reading, self._mine.answer("", reading), label)

    def _target(self, values: Mapping[str, object]) -> Label | None:
        return label_of(self._fields.target, values.get(self._fields.target))

    def _take(
        self, place: Place, reading: NDArray[np.float64], target: Label | None
    ) -> tuple[Answer, Kept]:
        key, step = place.key or "", self.step
        thought = self._mine.answer(key, reading)
        labels = list(self._mine.labels)
        self._mine.take(key, reading, thought, target)
        answer = classified(place, labels, thought.shares.tolist(), step, target)
        return answer, (key, place.offset, thought.step, thought.last, thought.seen.tolist())

    def _teach(self, kept: Kept, target: Label) -> None:
        key, _, step, last, seen = kept
        self._mine.teach(key, step, np.array(seen), last, target)


class RegressReadingTask(ReadingTask[ReadingRegressor]):
    """Answers each reading with its number.

    Args:
        fields: What is read.
        codec: Reads it.
        hyperparameters: Of what learns.
        wait: See `ReadingTask`.
    """

    def __init__(
        self, fields: ReadingFields, codec: Codec, hyperparameters: Hyperparameters, wait: int
    ) -> None:
        super().__init__(fields, codec, wait, ReadingRegressor(hyperparameters))

    def prepare(self) -> None:
        """Compile what is compiled at first use; the task is then no longer fresh."""
        reading = np.ones(len(self._fields.features))
        for number in range(30):
            self._mine.take("", reading, self._mine.answer("", reading), float(number))

    def _target(self, values: Mapping[str, object]) -> float | None:
        name = self._fields.target
        number = self._codec.number(name, values.get(name))
        return None if number != number else number

    def _take(
        self, place: Place, reading: NDArray[np.float64], target: float | None
    ) -> tuple[Answer, Kept]:
        key, step = place.key or "", self.step
        estimate = self._mine.answer(key, reading)
        number = float("nan") if target is None else target
        anomaly = self._mine.take(key, reading, estimate, number)
        answer = regressed(place, estimate.value, estimate.interval, anomaly, step, target)
        return answer, (key, place.offset, estimate.step, 0, estimate.seen.tolist())

    def _teach(self, kept: Kept, target: float) -> None:
        key, _, step, _, seen = kept
        self._mine.teach(key, step, np.array(seen), target)
