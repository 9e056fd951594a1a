"""One partition's unit of work: restore, then record by record predict and learn, and commit."""

import time
from collections.abc import Iterable, Mapping
from typing import Protocol

from streamrnn.checkpoints.snapshot import Snapshot
from streamrnn.codecs import encode
from streamrnn.errors import RecordError, SnapshotError
from streamrnn.learner.learner import Lesson
from streamrnn.records import DeadLetter, Record
from streamrnn.tasks.forecast import Answer, ForecastTask
from streamrnn.transports.base import Transport


class Observer(Protocol):
    """Is told what happens; changes nothing."""

    def answered(
        self, answer: Answer, lesson: Lesson | None, predict_seconds: float, learn_seconds: float
    ) -> None:
        """A record was answered by a prediction, and perhaps learned."""
        ...

    def set_aside(self, letter: DeadLetter) -> None:
        """A record was answered by a dead letter."""
        ...


class Processor:
    """Answers each record of a transport exactly once.

    1. Restore: the newest snapshot, or a first one before anything is sent.
    2. Each record: predict, then learn; the answer is a prediction or a dead letter.
    3. After each batch: commit the answers; every so many records with a snapshot.

    Args:
        task: What is learned.
        transport: Where records come from and answers go.
        configuration: What the state depends on, as JSON holds it.
        every: Records from one snapshot to the next.
        observers: Are told of each record.
    """

    def __init__(
        self,
        task: ForecastTask,
        transport: Transport,
        configuration: Mapping[str, object],
        every: int,
        observers: Iterable[Observer] = (),
    ) -> None:
        self._task, self._transport = task, transport
        self._configuration, self._every = configuration, every
        self._observers = tuple(observers)
        self._offset = self._snapshot_offset = 0

    def restore(self) -> None:
        """Take over the newest snapshot.

        Raises:
            SnapshotError: It belongs to another configuration, or is damaged.
        """
        snapshot = self._transport.restore()
        if snapshot is None:
            self._commit(snapshot=True)
            return
        _check_same(snapshot.configuration, self._configuration)
        self._task.restore(snapshot.tensors, snapshot.details)
        self._offset = self._snapshot_offset = snapshot.offset

    def process(self, records: list[Record]) -> None:
        """Answer and commit a batch of records."""
        for record in records:
            self._check_place(record)
            try:
                started = time.perf_counter()
                answer = self._task.predict(record)
                predicted = time.perf_counter()
                lesson = self._task.learn()
                learned = time.perf_counter()
            except RecordError as error:
                letter = DeadLetter(record, error.reason, str(error))
                self._transport.send_dead_letter(letter)
                for observer in self._observers:
                    observer.set_aside(letter)
            else:
                self._transport.send(encode(answer.prediction))
                for observer in self._observers:
                    observer.answered(answer, lesson, predicted - started, learned - predicted)
            self._offset = record.offset + 1
        if records:
            self._commit(snapshot=self._offset - self._snapshot_offset >= self._every)

    def _check_place(self, record: Record) -> None:
        """Check that no record was passed over or comes twice.

        Raises:
            SnapshotError: It is not the one that comes next.
        """
        if record.offset != self._offset:
            raise SnapshotError(
                f"partition {record.partition}: expected the record at offset {self._offset}, "
                f"got {record.offset}; the input has changed since the last snapshot"
            )

    def close(self) -> None:
        """Keep a last snapshot."""
        self._commit(snapshot=True)

    def _commit(self, *, snapshot: bool) -> None:
        if not snapshot:
            self._transport.commit(None)
            return
        task = self._task
        self._transport.commit(
            Snapshot(self._offset, task.step, self._configuration, task.tensors(), task.details())
        )
        self._snapshot_offset = self._offset


def _check_same(saved: Mapping[str, object], wanted: Mapping[str, object]) -> None:
    """Check that a snapshot serves a configuration.

    Raises:
        SnapshotError: Names each difference.
    """
    differences = [
        f"{name}: {saved.get(name)!r} in the snapshot, {wanted.get(name)!r} in the configuration"
        for name in sorted({*saved, *wanted})
        if saved.get(name) != wanted.get(name)
    ]
    if differences:
        raise SnapshotError(
            "the snapshot belongs to another configuration: "
            + "; ".join(differences)
            + "; set these back, or remove the snapshots to start over"
        )
