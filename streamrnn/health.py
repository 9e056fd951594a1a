"""Whether a worker does what it should: each partition's progress, not that of the loop alone."""

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from streamrnn.processor import Processor
from streamrnn.states import State
from streamrnn.transports.base import Status, UnavailableError

CHECK_SECONDS = 1.0
HANGING_EXIT_CODE = 70

Probe = Callable[[Sequence[int]], Mapping[int, int]]
"""Asks the brokers, past the worker's own client, where the records of partitions end."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Report:
    """An answer to whoever asks about the worker.

    Attributes:
        good: Whether all is well.
        problems: What is not, in words.
        partitions: What each is doing.
    """

    good: bool
    problems: Sequence[str] = ()
    partitions: Mapping[int, str] = field(default_factory=dict)


class Health:
    """Compares what there is to read with what is read.

    Args:
        processors: Those of the worker, by partition.
        status: What the worker's transport is doing.
        probe: Where the records end; None where nobody is to be asked.
        stuck_after: Seconds without any progress that are too many, while the brokers answer.
        clock: Counts seconds.

    Attributes:
        hanging: The call that the client waits for too long, if it does.
        ends: Where the records of each partition end, when it was last asked.
    """

    def __init__(
        self,
        processors: Mapping[int, Processor],
        status: Callable[[], Status] = Status,
        probe: Probe | None = None,
        *,
        stuck_after: float = 60.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._processors, self._status, self._probe = processors, status, probe
        self._stuck_after, self._clock = stuck_after, clock
        self._answering_since: float | None = None if probe else clock()
        self._places: dict[int, tuple[tuple[int, int], float]] = {}
        self._stuck: list[str] = []
        self._read = 0
        self.hanging: str | None = None
        self.ends: Mapping[int, int] = {}

    def check(self) -> None:
        """Look once; to be called every few seconds."""
        if self._probe is None:
            return
        processors = self._known()
        try:
            ends = self._probe(list(processors))
        except UnavailableError as error:
            if self._answering_since is not None:
                log.warning("the brokers do not answer: %s", error)
            # Without them nothing can move: the time starts anew when they are back.
            self._answering_since = None
            self._places.clear()
            self._stuck, self.hanging = [], None
            return
        now, self.ends = self._clock(), ends
        self._answering_since = self._answering_since or now
        self._look_at_places(processors, ends, now)
        self._look_at_call(self._answering_since, now)

    def _look_at_places(
        self, processors: Mapping[int, Processor], ends: Mapping[int, int], now: float
    ) -> None:
        places = {}
        stuck = []
        # The worker does one thing at a time: what waits gets on where something else does.
        read, self._read = self._read, self._status().read
        busy = read != self._read or any(
            processor.progress > self._places[partition][0]
            for partition, processor in processors.items()
            if partition in self._places
        )
        for partition, processor in processors.items():
            # What is learned, aborted and learned again has moved, and does not get on.
            place = processor.progress
            known, since = self._places.get(partition, (place, now))
            behind = ends.get(partition, 0) - place[0]
            done = behind <= 0 and processor.state is State.RUNNING
            if place > known or done or (busy and processor.waiting):
                since = now
            places[partition] = max(place, known), since
            if now - since > self._stuck_after:
                stuck.append(
                    f"partition {partition}: {processor.state.value} at offset {place[0]} "
                    f"for {now - since:.0f} s, with {behind} records to read"
                )
        self._places, self._stuck = places, stuck

    def _look_at_call(self, answering_since: float, now: float) -> None:
        call = self._status().waiting
        self.hanging = None
        if call and now - max(call[1], answering_since) > self._stuck_after:
            self.hanging = f"the client waits for {call[0]!r} since {now - call[1]:.0f} s"

    def alive(self) -> Report:
        """Return whether it makes progress; without brokers it cannot, and need not."""
        problems = [*self._stuck, *([self.hanging] if self.hanging else [])]
        return Report(not problems, problems, self._doing())

    def ready(self) -> Report:
        """Return whether it predicts right now."""
        doing, problems = self._doing(), []
        if self._answering_since is None:
            problems.append("the brokers do not answer")
        if not self._status().joined:
            problems.append("it is not told yet which partitions are its own")
        problems += [
            f"partition {partition}: {state}"
            for partition, state in doing.items()
            if state != State.RUNNING.value
        ]
        return Report(not problems, problems, doing)

    def _doing(self) -> dict[int, str]:
        return {number: p.state.value for number, p in self._known().items()}

    def _known(self) -> dict[int, Processor]:
        """Return the processors of this moment; the worker adds and removes some meanwhile."""
        return dict(list(self._processors.items()))

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Check every few seconds meanwhile, and end the process where a call hangs.

        A client's call that waits without limit cannot be ended otherwise; nothing is lost by it,
        as at any kill, and whoever watches over the process starts it again.
        """
        done = threading.Event()
        thread = threading.Thread(target=self._watch, args=[done], name="health", daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def _watch(self, done: threading.Event) -> None:
        while not done.wait(CHECK_SECONDS):
            try:
                self.check()
            except Exception:
                # Whatever it is, to watch no more would be worse.
                log.exception("the check of health failed")
            if self.hanging:
                log.critical("%s although the brokers answer; ending the process", self.hanging)
                os._exit(HANGING_EXIT_CODE)
