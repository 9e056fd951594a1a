"""The newest events of streams, and those that were forecast worst with what lay around them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BEFORE, AFTER = 40, 20
"""Events that are kept on either side of a moment."""
WORST = 6

COLUMNS = ("value", "forecast", "lower", "upper", "far_forecast", "far_lower", "far_upper")
"""What is kept of an event: its value, and what was forecast of it one step and ``horizon`` before,
with the interval."""


@dataclass(frozen=True, slots=True, eq=False)
class Excerpt:
    """Neighbouring events of one stream.

    Attributes:
        offsets: Their places in the file, ``(n,)``.
        times: Their times.
        numbers: The `COLUMNS` of each, ``(n, columns)``.
        surprises: How far each value lay from its forecast, in units of the mean size of the
            stream's changes, ``(n,)``; NaN where that is not judged.
    """

    offsets: NDArray[np.int64]
    times: Sequence[object]
    numbers: NDArray[np.float64]
    surprises: NDArray[np.float64]

    def between(self, start: int, stop: int) -> "Excerpt":
        """Return a part, as far as there are events."""
        part = slice(max(start, 0), stop)
        return Excerpt(
            self.offsets[part].copy(),
            self.times[part],
            self.numbers[part].copy(),
            self.surprises[part].copy(),
        )

    def followed_by(self, other: "Excerpt") -> "Excerpt":
        """Return both as one."""
        return Excerpt(
            np.concatenate([self.offsets, other.offsets]),
            [*self.times, *other.times],
            np.concatenate([self.numbers, other.numbers]),
            np.concatenate([self.surprises, other.surprises]),
        )


NOTHING = Excerpt(np.empty(0, np.int64), [], np.empty((0, len(COLUMNS))), np.empty(0))


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """An event that was forecast badly.

    Attributes:
        key: The stream.
        index: The event's place among those around it.
        around: It, and what lay before and after.
    """

    key: str | None
    index: int
    around: Excerpt

    @property
    def surprise(self) -> float:
        """How badly."""
        return float(self.around.surprises[self.index])

    @property
    def offset(self) -> int:
        """Where it stands in the file."""
        return int(self.around.offsets[self.index])


class Worst:
    """The worst moments, each far from the others of its stream.

    Attributes:
        moments: From the worst on.
    """

    def __init__(self) -> None:
        self.moments: list[Moment] = []

    def consider(self, key: str | None, events: Excerpt, start: int, stop: int) -> None:
        """Look for moments among ``events[start:stop]``."""
        surprises = events.surprises[start:stop]
        for place in (np.flatnonzero(surprises > self._least()) + start).tolist():
            if events.surprises[place] > self._least():
                around = events.between(place - BEFORE, place + AFTER + 1)
                self._put(Moment(key, min(place, BEFORE), around))

    def _least(self) -> float:
        return self.moments[-1].surprise if len(self.moments) == WORST else 0.0

    def _put(self, moment: Moment) -> None:
        near = [
            other
            for other in self.moments
            if other.key == moment.key and other.offset >= moment.around.offsets[0]
        ]
        if any(other.surprise >= moment.surprise for other in near):
            return
        rest = [other for other in self.moments if other not in near]
        self.moments = sorted([*rest, moment], key=lambda m: -m.surprise)[:WORST]


class Past:
    """The newest events of one stream.

    Args:
        key: The stream's.
        limit: How many events are kept; more than are decided on late.
        worst: Is shown each event once what follows it is known.
    """

    def __init__(self, key: str | None, limit: int, worst: Worst) -> None:
        self.key, self.events = key, NOTHING
        self._limit, self._worst, self._undecided = max(limit, BEFORE + AFTER), worst, 0

    def append(self, new: Excerpt) -> None:
        """Take events."""
        self.events = self.events.followed_by(new)
        self._undecided += len(new.offsets)
        self._decide(later=AFTER)
        end = len(self.events.offsets)
        self.events = self.events.between(end - self._limit, end)

    def end(self) -> None:
        """Decide on the last events, which nothing follows."""
        self._decide(later=0)

    def _decide(self, later: int) -> None:
        end = len(self.events.offsets)
        if self._undecided > later:
            self._worst.consider(self.key, self.events, end - self._undecided, end - later)
            self._undecided = later
