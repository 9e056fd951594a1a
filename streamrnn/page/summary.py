"""All streams and the worker in brief, for the list and the numbers beside the chart."""

import math
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from streamrnn.page.feed import Feed
from streamrnn.page.series import DRAWN, UNUSUAL, ratios

SUMMARY_SECONDS = 1.0
"""From one look to the next."""

Message = dict[str, Any]


class Summary:
    """All streams and the worker in brief, looked at once for all pages that are open.

    Args:
        feed: Where the streams are.
        health: By ``alive`` and ``ready``, what reports whether the worker is.
        about: What the page is of.
        clock: Counts seconds.
    """

    def __init__(
        self,
        feed: Feed,
        health: Mapping[str, Callable[[], object]],
        about: Mapping[str, str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._feed, self._health, self._about, self._clock = feed, health, about, clock
        self._lock, self._message, self._until = threading.Lock(), Message(), clock()

    def message(self) -> Message:
        """Return the newest one; it is the same object as long as it is the same message."""
        with self._lock:
            now = self._clock()
            if not self._message or now >= self._until:
                self._until = now + SUMMARY_SECONDS
                message = {
                    "about": self._about,
                    "streams": self._streams(),
                    "worker": self._worker(),
                }
                if message != self._message:
                    self._message = message
            return self._message

    def _streams(self) -> list[Message]:
        return [
            {
                "id": stream.identity,
                "partition": stream.partition,
                "name": stream.name,
                "ratio": _number(ratios(stream.points, 1)[0]),
                "anomalies": sum(point.anomaly >= UNUSUAL for point in stream.points[-DRAWN:]),
            }
            for stream in self._feed.streams()
        ]

    def _worker(self) -> Message:
        totals = self._feed.totals()
        return {
            "records": totals.records,
            "rate": float(f"{totals.rate:.3g}"),
            "deadLetters": totals.dead_letters,
            "others": totals.others,
            "health": {name: report() for name, report in self._health.items()},
        }


def _number(number: float) -> float | None:
    """Return a number, None for not a number, which is never equal to what it was."""
    return None if math.isnan(number) else number
