"""The time of a record as a number."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.clock import DAY, WEEK, YEAR

MILLISECONDS, MICROSECONDS, NANOSECONDS = 1e11, 1e14, 1e17
"""A number from here on cannot be seconds since 1970, but must be parts of them."""

PERIODS = {"day": DAY, "week": WEEK, "year": YEAR}
"""In seconds; those that a clock may tell of."""


def seconds_of(value: object) -> float:
    """Return the seconds since 1970 of a time; NaN where it cannot be read.

    It may be a number, or its text, of seconds or parts of them, or ISO 8601, of which a month is
    enough. Without a zone it is that of UTC.
    """
    if isinstance(value, str):
        try:
            return _seconds_of_text(value)
        except ValueError:
            return math.nan
    if isinstance(value, bool) or not isinstance(value, int | float):
        return math.nan
    return _seconds_of_number(float(value))


def _seconds_of_text(text: str) -> float:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        if len(text) == len("2026-01") and text[4] == "-":
            time = datetime.fromisoformat(f"{text}-01")
        else:
            return _seconds_of_number(float(text))
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()


def _seconds_of_number(number: float) -> float:
    size = abs(number)
    if not math.isfinite(number):
        return math.nan
    if size >= NANOSECONDS:
        return number / 1e9
    if size >= MICROSECONDS:
        return number / 1e6
    return number / 1e3 if size >= MILLISECONDS else number


def clock_features(seconds: NDArray[np.float64], periods: Sequence[str]) -> NDArray[np.float64]:
    """Return where times lie in each of P periods, ``(E, 2 P)``: the sines, then the cosines.

    They are NaN where a time is not known. A day begins at midnight in UTC.
    """
    lengths = np.array([PERIODS[name] for name in periods])
    angles = 2 * math.pi * np.mod(seconds[:, np.newaxis] / lengths, 1)
    return np.hstack([np.sin(angles), np.cos(angles)])
