"""One partition's unit of work: restore, then record by record predict and learn."""

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

from streamrnn.checkpoints.snapshot import Snapshot
from streamrnn.codecs import encode
from streamrnn.errors import SnapshotError
from streamrnn.records import DeadLetter, Prediction, Record
from streamrnn.states import Event, State, after
from streamrnn.tasks.forecast import Answer, ForecastTask
from streamrnn.transports.base import Batch, Outcome, Restored

log = logging.getLogger(__name__)


class Observer(Protocol):
    """Is told what happens; changes nothing."""

    def answered(
        self, partition: int, answers: Sequence[Answer | DeadLetter], seconds: float
    ) -> None:
        """Records were answered, in so many seconds together, and the answers are committed."""
        ...


class Processor:
    """Answers each record of a partition exactly once.

    It makes the outcomes of batches; the worker commits them. Where one is aborted, the processor
    is restored like one whose partition has just been assigned.

    Args:
        partition: Whose records these are.
        make_task: Makes what is learned, as it is before the first record.
        configuration: What the state depends on, as JSON holds it.
        every: Records from one snapshot to the next.
        incremental: Whether a snapshot needs only those streams that had an event since the last.
        observers: Are told of each record once its answer is committed.

    Attributes:
        state: What it is doing.
        offset: The next record.
    """

    def __init__(
        self,
        partition: int,
        make_task: Callable[[], ForecastTask],
        configuration: Mapping[str, object],
        every: int,
        *,
        incremental: bool = False,
        observers: Iterable[Observer] = (),
    ) -> None:
        self.partition, self.state, self.offset = partition, State.CREATED, 0
        self._make_task, self._task = make_task, make_task()
        self._configuration, self._every = configuration, every
        self._incremental, self._observers = incremental, tuple(observers)
        self._committed = self._snapshot_offset = self._events = 0
        self._answered: tuple[Sequence[Answer | DeadLetter], float] | None = None

    @property
    def waiting(self) -> bool:
        """Whether it has to be restored before it can go on."""
        return self.state in (State.CREATED, State.SUSPENDED)

    @property
    def progress(self) -> tuple[int, int]:
        """What only grows as long as it gets on: the committed offset, and how far it restored."""
        return self._committed, self.offset if self.state is State.RESTORING else -1

    def restore(self, restored: Restored) -> None:
        """Take over what a transport has restored.

        Raises:
            SnapshotError: The snapshot belongs to another configuration.
        """
        self._take(Event.ASSIGNED)
        self._events, snapshot = 0, restored.snapshot
        if snapshot:
            _check_same(snapshot.configuration, self._configuration)
            self._task.restore(snapshot.state)
            self._events = snapshot.state.details["events"]
        self.offset = self._snapshot_offset = restored.offset
        self._committed = restored.committed
        self._catch_up()

    def process(self, batch: Batch) -> Outcome | None:
        """Answer a batch; return what is to be committed, None while restoring.

        Raises:
            RuntimeError: A record was passed over or comes twice.
        """
        if batch.start != self.offset:
            raise RuntimeError(
                f"partition {self.partition}: expected to go on from offset {self.offset}, "
                f"not from {batch.start}"
            )
        new = [record for record in batch.records if record.offset >= self._committed]
        self._task.answer(batch.records[: len(batch.records) - len(new)])
        self.offset = batch.stop
        self._catch_up()
        if self.state is not State.RUNNING:
            return None
        answers = self._answer(new)
        due = self.offset - self._snapshot_offset >= self._every
        return Outcome(self.partition, self.offset, answers, self._snapshot() if due else None)

    def _answer(self, records: list[Record]) -> list[Prediction | DeadLetter]:
        started = time.perf_counter()
        answers = self._task.answer(records)
        self._answered = answers, time.perf_counter() - started
        return [
            answer if isinstance(answer, DeadLetter) else _sent(record, answer)
            for record, answer in zip(records, answers, strict=True)
        ]

    def confirm(self, outcome: Outcome) -> None:
        """Take note that an outcome is committed."""
        self._committed = outcome.stop
        if self._answered:
            for observer in self._observers:
                observer.answered(self.partition, *self._answered)
        self._answered = None

    def last_outcome(self) -> Outcome:
        """Return what is to be committed so that nothing has to be learned again."""
        return Outcome(self.partition, self.offset, (), self._snapshot())

    def _snapshot(self) -> Snapshot:
        state = self._task.state(self._events if self._incremental else 0)
        self._events, self._snapshot_offset = state.details["events"], self.offset
        return Snapshot(self.offset, self._task.step, self._configuration, state)

    def suspend(self) -> None:
        """Let go of what was not committed, and with it of all that was learned."""
        self._answered = None
        self._take(Event.ABORTED)
        self._task = self._make_task()

    def close(self, *, cleanly: bool) -> None:
        """End; cleanly after the commit of the last outcome."""
        self._take(Event.CLOSED if cleanly else Event.REVOKED)

    def _catch_up(self) -> None:
        if self.state is State.RESTORING and self.offset >= self._committed:
            self._take(Event.CAUGHT_UP)

    def _take(self, event: Event) -> None:
        self.state = after(self.state, event)
        log.info(
            "partition %d: %s: offset %d, step %d",
            self.partition,
            self.state.value,
            self.offset,
            self._task.step,
        )


def _sent(record: Record, answer: Answer) -> Prediction:
    key = answer.prediction.key
    return Prediction(record.key if key is None else key.encode(), encode(answer.prediction))


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
            + "; set these back, or start over with: streamrnn reset CONFIG"
        )
