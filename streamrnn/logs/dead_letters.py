"""Tells of dead letters: how many, why and where; what they hold only if it is asked for."""

import logging
import time
from collections import Counter
from collections.abc import Callable

from streamrnn.observer import Answered, Observer
from streamrnn.records import DeadLetter

PAUSE_SECONDS = 10.0

log = logging.getLogger(__name__)
contents = logging.getLogger("streamrnn.contents")
"""What quotes records."""


class DeadLetterLog(Observer):
    """Tells at once of the first, then sums up every few seconds while there are more."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._told = clock, -PAUSE_SECONDS
        self._reasons: Counter[str] = Counter()

    def answered(self, answered: Answered) -> None:
        """Tell of those among the answers."""
        letters = [answer for answer in answered.answers if isinstance(answer, DeadLetter)]
        for letter in letters:
            self._reasons[letter.reason] += 1
            record = letter.record
            contents.info(
                "partition %d: offset %d: %s", record.partition, record.offset, letter.message
            )
        if letters and self._clock() - self._told >= PAUSE_SECONDS:
            self._told = self._clock()
            self._tell(letters[-1])

    def _tell(self, last: DeadLetter) -> None:
        place = {"partition": last.record.partition, "offset": last.record.offset}
        log.warning(
            "dead letters: %d (%s), the last at partition %d, offset %d",
            self._reasons.total(),
            ", ".join(f"{reason} {count}" for reason, count in sorted(self._reasons.items())),
            *place.values(),
            extra={"reasons": dict(self._reasons), **place},
        )
        self._reasons.clear()
