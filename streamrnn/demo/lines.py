"""Lines of text as they are learned: what was unexpected in them is coloured."""

import time
from collections import deque

import numpy as np
from numpy.typing import NDArray
from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from streamrnn.demo.view import bars
from streamrnn.observer import Answered, Observer
from streamrnn.tasks.text import Answer
from streamrnn.visible import visible

SHOWN, HISTORY = 14, 60
COLOURS = ((2.0, "bright_black"), (5.0, "white"), (9.0, "yellow"), (14.0, "bright_red"))
"""What costs fewer bits than this has the colour; what costs more is reversed."""
MOST_BITS = 8.0
PLAIN_LINES = 1000
"""Without a terminal, lines from one report to the next."""


class LinesView(Observer):
    """Shows the newest lines, coloured by their bits, and how the bits of a byte fall.

    Args:
        started: When the program began, on the monotonic clock.
        seconds: On a terminal, how long so many ``lines`` are to take, to be watched.
        lines: How many there will be.

    Attributes:
        bits: Of all lines so far.
        network_bits: The same, by the network alone.
        bytes: The same.
        first_prediction: Seconds from the start of the program to the first answer.
    """

    def __init__(self, started: float, seconds: float, lines: int) -> None:
        self.console = Console()
        self._live = Live(console=self.console, refresh_per_second=10)
        self._pause = seconds / lines if self.console.is_terminal and lines else 0.0
        self._every = max(1, lines // HISTORY)
        self._program_started, self._started = started, time.monotonic()
        self._newest: deque[Answer] = deque(maxlen=SHOWN)
        self._heights: list[float] = []
        self._part_bits = self._part_bytes = 0.0
        self.bits = self.network_bits = 0.0
        self.bytes = self.lines = 0
        self.first_prediction: float | None = None
        if self.console.is_terminal:
            self._live.start()

    def answered(self, answered: Answered) -> None:
        """Show each line; dead letters are in their file."""
        for answer in answered.answers:
            if isinstance(answer, Answer):
                self._add(answer)
                self._show()

    def _add(self, answer: Answer) -> None:
        if self.first_prediction is None:
            self.first_prediction = time.monotonic() - self._program_started
        self._newest.append(answer)
        self.lines += 1
        self.bits += answer.prediction.bits
        self.network_bits += answer.prediction.network_bits
        self.bytes += len(answer.bits)
        self._part_bits += answer.prediction.bits
        self._part_bytes += len(answer.bits)
        if self.lines % self._every == 0:
            self._heights.append(self._part_bits / self._part_bytes)
            self._part_bits = self._part_bytes = 0.0

    def _show(self) -> None:
        if self.console.is_terminal:
            self._live.update(self._panel())
            due = self._started + self.lines * self._pause
            time.sleep(max(0.0, due - time.monotonic()))
        elif self.lines & (self.lines - 1) == 0 or self.lines % PLAIN_LINES == 0:
            self.console.print(self._headline(), highlight=False, soft_wrap=True)

    def _headline(self) -> str:
        rate = self.bytes / max(time.monotonic() - self._started, 1e-9)
        return (
            f"{self.lines:>6} lines  {self.bytes:>8,} bytes  "
            f"{self.bits / self.bytes:.3f} bits a byte  "
            f"network alone {self.network_bits / self.bytes:.3f}  {rate:9,.0f} bytes/s"
        )

    def _panel(self) -> Group:
        width = self.console.width
        lines = [coloured(answer.text, answer.bits, width) for answer in self._newest]
        return Group(
            Text(self._headline()),
            Text("bits a byte  ") + Text(bars(self._heights, 0, MOST_BITS), style="cyan"),
            Text(),
            *lines,
        )

    def close(self) -> None:
        """Leave the last view where it is."""
        self._live.stop()


def coloured(text: bytes, bits: NDArray[np.float64], width: int) -> Text:
    """Return a line, cut to a width, in which what was unexpected has colours.

    Args:
        text: Its bytes.
        bits: Of each byte; those of a character are added up.
        width: The most characters.
    """
    shown, place = Text(no_wrap=True, overflow="crop"), 0
    for character in text.decode("utf-8", "surrogateescape")[:width]:
        raw = character.encode("utf-8", "surrogateescape")
        shown.append(visible(raw), style_of(float(bits[place : place + len(raw)].sum())))
        place += len(raw)
    return shown


def style_of(bits: float) -> str:
    """Return how a character is shown that costs so many bits."""
    for most, colour in COLOURS:
        if bits < most:
            return colour
    return "bright_red reverse"
