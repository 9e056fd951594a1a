"""The poll loop: from start to the end of the input, or until a signal asks to stop."""

import gc
import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from types import FrameType
from typing import Self

from streamrnn.observer import Observer
from streamrnn.processor import Processor
from streamrnn.states import State
from streamrnn.transports.base import AbortedError, Batch, Outcome, Transport, UnavailableError

POLL_SECONDS = 0.2
TURN_SECONDS = 0.2
"""How long a turn under backlog is to take: a commit of few records costs as much as of many."""
FEWEST, MOST = 100, 20_000
"""Records of a turn."""
RETRY_SECONDS = 0.5
RESTORE_SECONDS = 1.0

log = logging.getLogger(__name__)


class StopSignals:
    """Notes SIGINT and SIGTERM while it is entered, so that work ends between two batches.

    Args:
        within: Seconds after a signal in which all must have ended; else the process does.

    Attributes:
        received: The signal that came, if any.
    """

    def __init__(self, within: float | None = None) -> None:
        self.received: signal.Signals | None = None
        self._within = within

    def __enter__(self) -> Self:
        self._before = {
            number: signal.signal(number, self._note) for number in (signal.SIGINT, signal.SIGTERM)
        }
        return self

    def _note(self, number: int, _frame: FrameType | None) -> None:
        if self.received is None and self._within is not None:
            timer = threading.Timer(self._within, _give_up)
            timer.daemon = True
            timer.start()
        self.received = signal.Signals(number)

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)


class Worker:
    """Works through the partitions that a transport assigns to it.

    Each turn: poll; take up and give up partitions; answer the records; commit all answers as one.
    Between two polls nothing stays open.

    Args:
        transport: Where records come from and answers go.
        make_processor: Makes the processor of a partition.
        stop_within: Seconds in which a stop must have ended, if there is a limit.
        observers: Are told of each transaction.

    Attributes:
        processors: Of the partitions that are assigned, by their numbers.
    """

    def __init__(
        self,
        transport: Transport,
        make_processor: Callable[[int], Processor],
        stop_within: float | None = None,
        *,
        observers: Iterable[Observer] = (),
    ) -> None:
        self.transport, self._make_processor = transport, make_processor
        self._observers = tuple(observers)
        self._stop_within = stop_within
        self.processors: dict[int, Processor] = {}
        self._most, self._restored = FEWEST, -1

    def run(self, until: Callable[[], bool] = lambda: False) -> signal.Signals | None:
        """Work until the input ends or a signal comes; return the signal, if one did.

        Args:
            until: Is asked between two turns whether this is enough.
        """
        # What is loaded by now stays: looking through it again would stop all for a tenth of a
        # second each time.
        gc.collect()
        gc.freeze()
        with StopSignals(self._stop_within) as signals:
            try:
                while not (self.transport.ended or signals.received or until()):
                    self.turn()
                self.stop()
            finally:
                self.transport.close()
            return signals.received

    def turn(self) -> None:
        """Poll once, and commit what it brought."""
        try:
            poll = self.transport.poll(POLL_SECONDS, self._most)
        except UnavailableError as error:
            _wait(error)
            return
        for partition in poll.revoked:
            if revoked := self.processors.pop(partition, None):
                revoked.close(cleanly=False)
        for partition in poll.assigned:
            self.processors[partition] = self._make_processor(partition)
        # What was polled for a partition that waits lies elsewhere than where it is restored to.
        going = {number for number, p in self.processors.items() if not p.waiting}
        self._restore()
        self._commit(self._process([b for b in poll.batches if b.partition in going]))

    def _restore(self) -> None:
        """Restore processors that wait for it, for a while: the others go on after it."""
        waiting = sorted(number for number, p in self.processors.items() if p.waiting)
        # One that cannot be restored just now does not hold up those after it for ever.
        later = [number for number in waiting if number > self._restored]
        until = time.monotonic() + RESTORE_SECONDS
        for partition in later or waiting:
            self._restored, processor = partition, self.processors[partition]
            try:
                restored = self.transport.restore(partition)
            except UnavailableError as error:
                _wait(error)
                return
            processor.restore(restored)
            if restored.snapshot is None:
                self._commit([processor.last_outcome()])
            if time.monotonic() > until:
                return

    def _process(self, batches: Sequence[Batch]) -> list[Outcome]:
        started = time.monotonic()
        outcomes = [self.processors[batch.partition].process(batch) for batch in batches]
        self._pace(sum(len(batch.records) for batch in batches), time.monotonic() - started)
        return [outcome for outcome in outcomes if outcome]

    def _pace(self, records: int, seconds: float) -> None:
        """Choose how many records the next turn is to take at most."""
        if records:
            fitting = int(records * TURN_SECONDS / max(seconds, 1e-6))
            self._most = min(max(fitting, FEWEST), MOST)

    def _commit(self, outcomes: list[Outcome]) -> None:
        if not outcomes:
            return
        started = time.perf_counter()
        try:
            self.transport.commit(outcomes)
        except AbortedError as error:
            log.warning("aborted: %s", error)
            for outcome in outcomes:
                self.processors[outcome.partition].suspend()
            for observer in self._observers:
                observer.aborted()
            return
        for observer in self._observers:
            observer.committed(time.perf_counter() - started)
        for outcome in outcomes:
            self.processors[outcome.partition].confirm(outcome)

    def stop(self) -> None:
        """Commit a last snapshot of each partition, and close it."""
        running = [p for p in self.processors.values() if p.state is State.RUNNING]
        self._commit([processor.last_outcome() for processor in running])
        for processor in self.processors.values():
            processor.close(cleanly=processor.state is State.RUNNING)
        self.processors.clear()


def _wait(error: UnavailableError) -> None:
    log.warning("%s; trying again", error)
    time.sleep(RETRY_SECONDS)


def _give_up() -> None:
    """End a process whose stop is waiting for brokers that do not answer."""
    log.critical("stopped without a last snapshot: what follows the one before is learned again")
    os._exit(1)
