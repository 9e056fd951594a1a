"""What all tasks on whole sequences share: a record is a sequence, or brings the target of one."""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Generic, Protocol, TypeVar

import msgspec

from streamrnn.codecs import Codec
from streamrnn.errors import RecordError
from streamrnn.learner.learning import Learning
from streamrnn.learner.sequences.sequence import Steps
from streamrnn.learner.sequences.waiting import Waiting
from streamrnn.learner.state import State
from streamrnn.tasks.answering import Acknowledgement, Answer, Place, RecordTask
from streamrnn.tasks.reading import SequenceFields, name_of, shown, steps_of


class Learns(Learning, Protocol):
    """What learns sequences, and can be saved."""

    def state(self) -> State:
        """Return what to go on from."""
        ...

    def restore(self, state: State) -> None:
        """Take over a whole state."""
        ...


Target = TypeVar("Target")
Mine = TypeVar("Mine", bound=Learns)


class SequenceTask(RecordTask[SequenceFields], Generic[Target, Mine]):
    """Answers each sequence, then learns it from its target, at once or when it comes.

    Args:
        fields: What is read.
        codec: Reads it.
        wait: Records that a sequence waits for its target, if that comes by itself.
        make: Makes what learns, for frames of so many numbers.
    """

    def __init__(
        self, fields: SequenceFields, codec: Codec, wait: int, make: Callable[[int], Mine]
    ) -> None:
        super().__init__(fields, codec)
        self._waiting, self._width = Waiting(wait), 0
        self._make, self._mine = make, make(0)

    @property
    def learner(self) -> Mine:
        """What learns."""
        return self._mine

    def _read(self, values: Mapping[str, object], place: Place) -> Answer:
        name = self._fields.name
        self._waiting.forget(place.offset)
        sequence = values.get(self._fields.sequence)
        if sequence is None:
            if name is None:
                field = self._fields.sequence
                raise RecordError("missing", f"{field}: expected a sequence, got nothing")
            return self._acknowledge(name_of(name, values), values, place)
        steps = self._steps(sequence)
        target = self._target(values, len(steps))
        waits = name_of(name, values) if name is not None and target is None else None
        self._begin(steps)
        answer = self._predict(steps, target, place)
        if waits is not None:
            self._waiting.put(waits, place.offset, steps)
        return msgspec.structs.replace(answer, shown=sequence)

    def _steps(self, value: object) -> Steps:
        """Return a sequence as it is learned.

        Raises:
            RecordError: See `steps_of`.
        """
        return steps_of(self._fields, value, self._width)

    def _acknowledge(self, name: str, values: Mapping[str, object], place: Place) -> Answer:
        """Learn the target of a sequence that waits for it.

        Raises:
            RecordError: There is no target, or no such sequence.
        """
        if values.get(self._fields.target) is None:
            raise self._missing(name)
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
            if target is None:
                raise self._missing(name)
            answer = self._predict(steps, target, place)
        except RecordError:
            self._waiting.put(name, place.offset, steps)
            raise
        told = Acknowledgement(place.key, place.partition, place.offset, place.time, name, before)
        return msgspec.structs.replace(answer, prediction=told)

    def _missing(self, name: str) -> RecordError:
        return RecordError(
            "missing",
            f"expected {self._fields.sequence} or {self._fields.target} beside "
            f"{self._fields.name} {shown(name)}, got neither",
        )

    def _begin(self, steps: Steps) -> None:
        """Take note of the width of the first frames."""
        if self._fields.steps == "numbers" and not self._width:
            self._width = steps.frames.shape[1]
            self._mine = self._make(self._width)

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

    def state(self, since: int = 0) -> State:
        """Return what to go on from; it is always whole."""
        state = self._mine.state()
        details = {**state.details, "width": self._width, "waiting": self._waiting.details}
        return replace(state, tensors={**state.tensors, **self._waiting.tensors()}, details=details)

    def restore(self, state: State) -> None:
        """Take over a whole state."""
        self._width = state.details["width"]
        if self._width:
            self._mine = self._make(self._width)
        self._waiting.restore(state.details["waiting"], state.tensors)
        self._mine.restore(state)
