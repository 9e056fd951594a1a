"""One stream's newest points, as they are drawn."""

import math
from collections import deque
from hashlib import blake2b

from msgspec import Struct

from streamrnn.tasks.forecast import Answer

DRAWN = 500
"""Points of a stream that are shown."""
JUDGED = 100
"""Forecasts that the running error is the mean of."""
AHEAD = 100
"""Steps of a forecast that are shown beyond the newest value."""
LONGEST_NAME = 120
LONGEST_TIME = 40
UNUSUAL = 0.999
"""From this on a value is marked as an anomaly."""


class Point(Struct, frozen=True, gc=False):
    """A value, and what was forecast of it; NaN where something is not known."""

    time: str | float | None
    value: float
    forecast: float
    lower: float
    upper: float
    anomaly: float
    error: float
    last_value_error: float


class Ahead(Struct, frozen=True, gc=False):
    """A forecast of the values that follow."""

    forecast: list[float]
    lower: list[float]
    upper: list[float]


class Series:
    """A stream's newest points, bounded in number.

    Attributes:
        identity: Names the stream in an address; the same in every process.
        partition: Where its records come from.
        name: Names it to a reader; None where its records have no key.
        points: The newest ones; the first of them only serve the running error.
        count: Points so far.
        ahead: The forecast of what follows.
        step: Learning steps so far of the model behind it.
        touched: When it was last added to or looked at, in seconds.
    """

    def __init__(self, partition: int, key: str | None) -> None:
        self.identity = _identity(partition, key)
        self.partition, self.name = partition, None if key is None else _shortened(key)
        self.points: deque[Point] = deque(maxlen=DRAWN + JUDGED)
        self.count = self.step = 0
        self.ahead = Ahead([], [], [])
        self.touched = 0.0

    def add(self, answer: Answer) -> None:
        """Add a value, and keep what is forecast of those that follow it."""
        made, ahead = answer.prediction, self.ahead
        self.points.append(
            Point(
                _time(made.time),
                answer.value,
                ahead.forecast[0] if ahead.forecast else math.nan,
                ahead.lower[0] if ahead.lower else math.nan,
                ahead.upper[0] if ahead.upper else math.nan,
                math.nan if made.anomaly is None else made.anomaly,
                answer.error,
                answer.last_value_error,
            )
        )
        self.ahead = Ahead(
            made.prediction[:AHEAD] if made.prediction else [],
            made.lower[:AHEAD] if made.lower else [],
            made.upper[:AHEAD] if made.upper else [],
        )
        self.step = made.step
        self.count += 1


def ratios(points: list[Point], new: int) -> list[float]:
    """Return the running error at the newest points, relative to the last value's.

    It is that of the newest `JUDGED` forecasts up to the point, NaN before any. Each sum is made
    anew: a running one would keep the rounding of a spike for ever.
    """
    judged = [p for p in points if p.error == p.error and p.last_value_error == p.last_value_error]
    errors = [p.error for p in judged]
    last_value_errors = [p.last_value_error for p in judged]
    stop, running = len(judged), []
    for point in reversed(points[len(points) - new :]):
        start = max(stop - JUDGED, 0)
        base = sum(last_value_errors[start:stop])
        running.append(sum(errors[start:stop]) / base if base > 0 else math.nan)
        if stop and point is judged[stop - 1]:
            stop -= 1
    return running[::-1]


def covered(points: list[Point]) -> float:
    """Return the share of values within their intervals; NaN where there are none."""
    hits = [p.lower <= p.value <= p.upper for p in points if not math.isnan(p.value + p.lower)]
    return sum(hits) / len(hits) if hits else math.nan


def _time(time: object) -> str | float | None:
    """Return a record's time where it may be one; what else it may hold is of any size."""
    if isinstance(time, bool):
        return None
    if isinstance(time, int | float):
        return float(time) if abs(time) < 1e15 else None
    return time if isinstance(time, str) and len(time) <= LONGEST_TIME else None


def _shortened(key: str) -> str:
    return key if len(key) <= LONGEST_NAME else f"{key[: LONGEST_NAME - 1]}…"


def _identity(partition: int, key: str | None) -> str:
    named = f"{partition}:{'' if key is None else f'={key}'}"
    return blake2b(named.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
