"""What a network was given while a task learned, so that a peer can be given the same."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from unittest import mock

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.products import Array
from streamrnn.learner.sequence_network import SequenceNetwork
from streamrnn.learner.sequences.reader import Reader, Reading
from streamrnn.records import Record
from streamrnn.tasks.task import Task


@dataclass(frozen=True, slots=True)
class Lesson:
    """A sequence that was learned.

    Attributes:
        reading: What the network was given.
        doutputs: The loss's gradient by its outputs, ``(T, O)``.
    """

    reading: Reading
    doutputs: NDArray[np.floating]


@dataclass(slots=True)
class Script:
    """What was asked of a network, in order.

    Attributes:
        steps: Readings that were predicted, and lists of the lessons of one learning step.
        reader: The network with its vectors, as it was at last; None if nothing was asked.
    """

    steps: list[Reading | list[Lesson]] = field(default_factory=list)
    reader: Reader | None = None


def script_of(task: Task, records: Sequence[Record]) -> Script:
    """Return what the network of a task is asked while it answers records.

    They are answered twice and told of the second time: all labels are then known, and the network
    has its last size.
    """
    task.answer(records)
    with _overheard() as script:
        task.answer(records)
    return script


@contextmanager
def _overheard() -> Iterator[Script]:
    script, lessons = Script(), list[Lesson]()
    latest: list[Reading] = []
    run, learn, update = Reader.outputs, Reader.learn, SequenceNetwork.update

    def outputs(self: Reader, reading: Reading, key: int = 0, *, learning: bool = False) -> Array:
        script.reader, latest[:] = self, [reading]
        if not learning:
            script.steps.append(reading)
        return run(self, reading, key, learning=learning)

    def learned(self: Reader, doutputs: Array) -> None:
        lessons.append(Lesson(latest[0], doutputs.copy()))
        learn(self, doutputs)

    def updated(self: SequenceNetwork) -> float:
        script.steps.append(lessons.copy())
        lessons.clear()
        return update(self)

    with (
        mock.patch.object(Reader, "outputs", outputs),
        mock.patch.object(Reader, "learn", learned),
        mock.patch.object(SequenceNetwork, "update", updated),
    ):
        yield script
