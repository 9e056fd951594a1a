"""One partition's unit of work: restore, then record by record predict and learn."""

import logging
import time
from collections.abc import Callable, Iterable, Mapping

from streamrnn.checkpoints.snapshot import Snapshot
from streamrnn.codecs import encode
from streamrnn.errors import SnapshotError
from streamrnn.learner.learning import Learning
from streamrnn.observer import Answered, Observer
from streamrnn.records import DeadLetter, Prediction, Record
from streamrnn.states import Event, State, after
from streamrnn.tasks.task import Answer, Task
from streamrnn.transports.base import Batch, Outcome, Restored

log = logging.getLogger(__name__)


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
        make_task: Callable[[], Task],
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
        self._answered: Answered | None = None
        self._saved: tuple[int, float] | None = None

    @property
    def waiting(self) -> bool:
        """Whether it has to be restored before it can go on."""
        return self.state in (State.CREATED, State.SUSPENDED)

    @property
    def learner(self) -> Learning:
        """What learns this partition."""
        return self._task.learner

    @property
    def shares(self) -> dict[str, float]:
        """What the network and each expert weigh in the newest forecasts."""
        return self._task.shares

    @property
    def committed(self) -> int:
        """The offset up to which all records are answered."""
        return self._committed

    @property
    def remaining(self) -> int:
        """How far there still is to go until it is restored."""
        return max(0, self._committed - self.offset)

    @property
    def unsaved(self) -> int:
        """How far the present lies behind the last snapshot."""
        return self.offset - self._snapshot_offset

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
            check_same(snapshot.configuration, self._configuration)
            self._task.restore(snapshot.state)
            self._events = snapshot.state.details["events"]
        self.offset = self._snapshot_offset = restored.offset
        self._committed = restored.committed
        for observer in self._observers:
            observer.restored(self.partition)
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
        task, before, started = self._task, self._task.learner.totals, time.perf_counter()
        learning = task.learning_seconds
        answers = task.answer(records)
        answered = time.perf_counter()
        sent = [
            answer if isinstance(answer, DeadLetter) else _sent(record, answer)
            for record, answer in zip(records, answers, strict=True)
        ]
        learning = task.learning_seconds - learning
        self._answered = Answered(
            self.partition,
            records,
            answers,
            decode_seconds=answered - started - learning,
            learn_seconds=learning,
            encode_seconds=time.perf_counter() - answered,
            learned=task.learner.totals.since(before),
        )
        return sent

    def confirm(self, outcome: Outcome) -> None:
        """Take note that an outcome is committed."""
        self._committed = outcome.stop
        for observer in self._observers:
            if self._answered and self._answered.records:
                observer.answered(self._answered)
            if self._saved:
                observer.saved(self.partition, *self._saved)
        self._answered = self._saved = None

    def last_outcome(self) -> Outcome:
        """Return what is to be committed so that nothing has to be learned again."""
        return Outcome(self.partition, self.offset, (), self._snapshot())

    def _snapshot(self) -> Snapshot:
        started = time.perf_counter()
        state = self._task.state(self._events if self._incremental else 0)
        self._events, self._snapshot_offset = state.details["events"], self.offset
        self._saved = state.size, time.perf_counter() - started
        return Snapshot(self.offset, self._task.step, self._configuration, state)

    def suspend(self) -> None:
        """Let go of what was not committed, and with it of all that was learned."""
        self._answered = self._saved = None
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
        facts = {
            "partition": self.partition,
            "state": self.state.value,
            "offset": self.offset,
            "step": self._task.step,
        }
        log.info("partition %d: %s: offset %d, step %d", *facts.values(), extra=facts)


def _sent(record: Record, answer: Answer) -> Prediction:
    key = answer.prediction.key
    return Prediction(record.key if key is None else key.encode(), encode(answer.prediction))


def check_same(saved: Mapping[str, object], wanted: Mapping[str, object]) -> None:
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
