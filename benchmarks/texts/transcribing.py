"""What a transcriber's network was given while a task learned, so that a peer can be given it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

from numpy.typing import NDArray

from streamrnn.kernels.products import Array
from streamrnn.learner.sequence_network import SequenceArchitecture, SequenceNetwork
from streamrnn.learner.sequences.reader import Reader, Reading
from streamrnn.learner.sequences.transcriber import Transcriber
from streamrnn.records import Record
from streamrnn.tasks.task import Task


@dataclass(frozen=True, slots=True)
class Lesson:
    """An utterance that was learned.

    Attributes:
        frames: What the network was given, ``(T, F)``.
        transcript: Numbers of its characters, from 1 on.
    """

    frames: Array
    transcript: NDArray[Any]


@dataclass(slots=True)
class Script:
    """What was asked of a network, in order.

    Attributes:
        steps: Frames that were transcribed, and lists of the lessons of one learning step.
        architecture: Of the network, as it was at last; None if nothing was asked.
        frames: Of all utterances that were transcribed, the first among them.
    """

    steps: list[Array | list[Lesson]] = field(default_factory=list)
    architecture: SequenceArchitecture | None = None
    frames: int = 0


def script_of(task: Task, records: Sequence[Record]) -> Script:
    """Return what the network of a task that transcribes is asked while it answers records."""
    with _overheard() as script:
        task.answer(records)
    return script


@contextmanager
def _overheard() -> Iterator[Script]:
    script, lessons = Script(), list[Lesson]()
    outputs, lesson = Reader.outputs, Transcriber._lesson
    learn, update = Transcriber.learn, SequenceNetwork.update

    def heard(self: Reader, reading: Reading, key: int = 0, *, learning: bool = False) -> Array:
        script.architecture = self.network.architecture
        if not learning:
            script.steps.append(reading.numbers.copy())
        return outputs(self, reading, key, learning=learning)

    def lessoned(self: Transcriber, reading: Reading, targets: NDArray[Any]) -> float:
        lessons.append(Lesson(reading.numbers.copy(), targets.copy()))
        return lesson(self, reading, targets)

    def updated(self: SequenceNetwork) -> float:
        script.steps.append(lessons.copy())
        lessons.clear()
        return update(self)

    def learned(self: Transcriber, steps: Any, heard: Any, text: str) -> None:
        script.frames += len(steps)
        learn(self, steps, heard, text)

    with (
        mock.patch.object(Reader, "outputs", heard),
        mock.patch.object(Transcriber, "_lesson", lessoned),
        mock.patch.object(Transcriber, "learn", learned),
        mock.patch.object(SequenceNetwork, "update", updated),
    ):
        yield script
