"""Keeps what the page shows of the newest answers, in bounded memory."""

import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from secrets import token_hex

from streamrnn.observer import Answered, Observer
from streamrnn.page.series import DRAWN, Ahead, Point, Series
from streamrnn.records import DeadLetter
from streamrnn.tasks.forecast import Answer

HELD = 100
"""Streams that are shown."""
IDLE_SECONDS = 60.0
"""So long a stream must be silent before another one may take its place."""
RATE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Look:
    """A stream as it is just now.

    Attributes:
        identity: Of the stream.
        partition: The same.
        name: The same, for a reader; None where its records have no key.
        count: Points so far.
        points: All that are kept.
        new: How many of them are new.
        ahead: What is forecast next.
        step: Learning steps so far.
    """

    identity: str
    partition: int
    name: str | None
    count: int
    points: list[Point]
    new: int
    ahead: Ahead
    step: int


@dataclass(frozen=True, slots=True)
class Totals:
    """What is counted over all streams.

    Attributes:
        records: Answered so far.
        rate: Records a second, over the last seconds.
        dead_letters: How many, by their reason.
        others: Records of streams that are not shown.
    """

    records: int
    rate: float
    dead_letters: dict[str, int]
    others: int


class Feed(Observer):
    """Notes answers from the worker's thread; is looked at from others.

    The worker never waits for a browser: it appends to rings, and a look copies them.

    Args:
        clock: Counts seconds.

    Attributes:
        run: Tells this process from one before it, whose counts were others.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.run = token_hex(4)
        self._clock, self._lock = clock, threading.Lock()
        self._series: dict[tuple[int, str | None], Series] = {}
        self._records = self._others = 0
        self._dead_letters: Counter[str] = Counter()
        self._marks = deque([(clock(), 0)], maxlen=512)
        self._full_until = 0.0

    def answered(self, answered: Answered) -> None:
        """Note what a batch brought."""
        now = self._clock()
        with self._lock:
            for answer in answered.answers:
                if isinstance(answer, DeadLetter):
                    self._dead_letters[answer.reason] += 1
                    continue
                # The page shows numbers; a configuration of another task cannot ask for it.
                assert isinstance(answer, Answer)
                place = answered.partition, answer.prediction.key
                series = self._series.get(place) or self._admit(place, now)
                if series is None:
                    self._others += 1
                    continue
                series.add(answer)
                series.touched = now
            self._records += len(answered.answers)
            self._marks.append((now, self._records))

    def _admit(self, place: tuple[int, str | None], now: float) -> Series | None:
        """Return a place for a new stream, if there is one.

        One that is silent makes room. Where all are busy the first ones stay: were the idlest
        one to go each time, none of many streams would ever have more than a point.
        """
        if len(self._series) >= HELD:
            if now < self._full_until:
                return None
            idlest = min(self._series, key=lambda other: self._series[other].touched)
            self._full_until = self._series[idlest].touched + IDLE_SECONDS
            if now < self._full_until:
                return None
            del self._series[idlest]
        series = self._series[place] = Series(*place)
        series.touched = now
        return series

    def look(self, wanted: str | None, known: tuple[str | None, int]) -> Look | None:
        """Return what is new of a stream; None as long as there is none.

        Args:
            wanted: The stream's identity; where none has it, it is the first one that is shown.
            known: The stream that was looked at before, and how many points it had.
        """
        with self._lock:
            named = (series for series in self._series.values() if series.identity == wanted)
            series = next(named, None) or next(iter(self._series.values()), None)
            if series is None:
                return None
            series.touched = self._clock()
            identity, count = known
            since = count if identity == series.identity and count <= series.count else 0
            return _look(series, min(series.count - since, DRAWN))

    def streams(self) -> list[Look]:
        """Return all streams."""
        with self._lock:
            return [_look(series, 0) for series in self._series.values()]

    def totals(self) -> Totals:
        """Return what is counted over all streams."""
        now = self._clock()
        with self._lock:
            while len(self._marks) > 1 and self._marks[1][0] < now - RATE_SECONDS:
                self._marks.popleft()
            since, before = self._marks[0]
            spent = max(now - since, 1e-3)
            return Totals(
                self._records,
                (self._records - before) / spent,
                dict(self._dead_letters),
                self._others,
            )


def _look(series: Series, new: int) -> Look:
    return Look(
        series.identity,
        series.partition,
        series.name,
        series.count,
        list(series.points),
        new,
        series.ahead,
        series.step,
    )
