"""A line on standard error that shows how far a run has come."""

import math
import time
from collections.abc import Callable

from rich.console import Console
from rich.live import Live
from rich.text import Text

from streamrnn.observer import Answered, Observer
from streamrnn.records import DeadLetter
from streamrnn.tasks import answering, text

REFRESH_SECONDS = 0.2
FADING = 0.01


class Progress(Observer):
    """Shows events, events a second, what the error or the bits are now, and the time left."""

    def __init__(self) -> None:
        self._live = Live(console=Console(stderr=True), auto_refresh=False, transient=False)
        self._live.start()
        self._started = self._shown = time.monotonic()
        self._events = self._dead = 0
        self._error = self._last_value_error = self._bits = self._bytes = 0.0
        self._steps = self._step_bits = 0.0
        self._judged = self._right = 0
        self._progress: Callable[[], tuple[int, int] | None] = lambda: None

    def follow(self, progress: Callable[[], tuple[int, int] | None]) -> None:
        """Take the time left from what tells the bytes read and those in all, if they are known."""
        self._progress = progress

    def answered(self, answered: Answered) -> None:
        """Count predictions, the errors of those before, and dead letters."""
        for answer in answered.answers:
            if isinstance(answer, DeadLetter):
                self._dead += 1
            elif isinstance(answer, text.Answer):
                self._bits += FADING * (answer.prediction.bits - self._bits)
                self._bytes += FADING * (len(answer.bits) - self._bytes)
            elif isinstance(answer, answering.Answer):
                self._judged += answer.judged
                self._right += answer.right
                self._steps += FADING * (answer.steps - self._steps)
                self._step_bits += FADING * (answer.bits - self._step_bits)
            elif not math.isnan(answer.error):
                self._error += FADING * (answer.error - self._error)
                last = answer.last_value_error
                self._last_value_error += FADING * (last - self._last_value_error)
        self._count(len(answered.answers))

    def _count(self, events: int) -> None:
        self._events += events
        now = time.monotonic()
        if now - self._shown >= REFRESH_SECONDS:
            self._shown = now
            self._live.update(self._line(now), refresh=True)

    def _line(self, now: float) -> Text:
        spent = max(now - self._started, 1e-9)
        parts = [f"{self._events:,} events", f"{self._events / spent:,.0f}/s"]
        if self._last_value_error:
            parts.append(f"error {self._error / self._last_value_error:.3f} x last value's")
        if self._bytes:
            parts.append(f"{self._bits / self._bytes:.3f} bits a byte")
        if self._judged:
            parts.append(f"{100 * self._right / self._judged:.1f} % of labels right")
        if self._steps:
            parts.append(f"{self._step_bits / self._steps:.2f} bits a step")
        if self._dead:
            parts.append(f"{self._dead:,} dead letters")
        progress = self._progress()
        if progress and progress[0]:
            done, whole = progress
            parts.append(f"{100 * done / whole:.0f} %, {spent * (whole - done) / done:.0f} s left")
        return Text("  ".join(parts))

    def close(self) -> None:
        """Show the last state, and leave the line as it is."""
        self._live.update(self._line(time.monotonic()), refresh=True)
        self._live.stop()
