"""The live view of an example: how much is right, and the newest sequences."""

import time
from collections.abc import Callable, Sequence
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from streamrnn.demo.sequences.drawings import DRAWINGS
from streamrnn.demo.sequences.summary import Summary
from streamrnn.observer import Answered, Observer
from streamrnn.tasks.answering import Answer

KEPT = {"sentiment": 12, "names": 5, "dna": 3, "translation": 6}
"""How many of the newest sequences are shown; else one."""
PLAIN = 500
"""Without a terminal, sequences from one report to the next."""
WAITING = "Getting ready; the first time it is compiled, which takes a minute or so."


class SequencesView(Observer):
    """Shows the newest sequences as they are drawn, and the scores so far.

    Args:
        name: Of the example.
        summary: Counts what it is told.
        started: When the program began, on the monotonic clock.
        seconds: On a terminal, how long all of them are to take, to be watched.
        records: All of them, as they will come.
        learner: Returns what learns.

    Attributes:
        summary: The same.
        first_prediction: Seconds from the start of the program to the first answer.
    """

    plain = PLAIN
    frame_seconds = 0.1

    def __init__(
        self,
        name: str,
        summary: Summary,
        started: float,
        seconds: float,
        records: Sequence[bytes],
        learner: Callable[[], Any],
    ) -> None:
        self.console = Console()
        self._name, self.summary, self._learner = name, summary, learner
        self._seconds, self._sequences = seconds, len(records)
        self._live = Live(Text(WAITING), console=self.console, auto_refresh=False)
        self._program_started, self._started = started, time.monotonic()
        self._shown = 0.0
        self._newest: list[Answer] = []
        self._current: Any = None
        self.first_prediction: float | None = None
        if self.console.is_terminal:
            self._live.start()

    def answered(self, answered: Answered) -> None:
        """Show each sequence; dead letters are in their file."""
        # At the end there is no processor any more to ask.
        self._current = self._learner()
        for answer in answered.answers:
            if isinstance(answer, Answer):
                self._add(answer)

    def _add(self, answer: Answer) -> None:
        if self.first_prediction is None:
            self.first_prediction = time.monotonic() - self._program_started
        self.summary.add(answer)
        self._newest = [*self._newest, answer][-KEPT.get(self._name, 1) :]
        count = self.summary.count
        if self.console.is_terminal:
            if time.monotonic() - self._shown >= self.frame_seconds:
                self._shown = time.monotonic()
                self._live.update(self.panel(), refresh=True)
            due = self._started + self.due(count)
            time.sleep(max(0.0, due - time.monotonic()))
        elif count & (count - 1) == 0 or count % self.plain == 0:
            self.console.print(self.summary.headline(), highlight=False, soft_wrap=True)

    def due(self, count: int) -> float:
        """Return how many seconds from the start so many sequences are to have been seen."""
        return self._seconds * count / self._sequences

    def panel(self) -> Group:
        """Return the headline and the newest sequences."""
        draw, width = DRAWINGS[self._name], self.console.width
        drawn = [draw(answer, self._current, width) for answer in self._newest]
        return Group(Text(self.summary.headline()), Text(), *drawn)

    def close(self) -> None:
        """Leave the last view where it is."""
        if self._live.is_started:
            if self._newest:
                self._live.update(self.panel(), refresh=True)
            self._live.stop()
        elif self._newest:
            self.console.print(self.panel())
