"""The live view of the demonstration on a terminal, and plain lines without one."""

import time

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from streamrnn.demo.scores import Scores
from streamrnn.observer import Answered, Observer
from streamrnn.tasks.forecast import Answer

BARS = "▁▂▃▄▅▆▇█"
WIDTH = 72


class View(Observer):
    """Shows value, forecast and running errors as they come.

    Args:
        scores: What is shown, and scored before it is.
        started: When the program began, on the monotonic clock.
        seconds: On a terminal, how long so many ``events`` are to take, to be watched; 0 for no
            waiting.
        events: How many there will be.
    """

    def __init__(self, scores: Scores, started: float, seconds: float, events: int) -> None:
        self._scores, self.console = scores, Console()
        self._pause = seconds / events if self.console.is_terminal and events else 0.0
        self._live = Live(console=self.console, refresh_per_second=10)
        self._program_started, self._started = started, time.monotonic()
        self.first_prediction: float | None = None
        if self.console.is_terminal:
            self._live.start()

    def answered(self, answered: Answered) -> None:
        """Score and show each record; dead letters are in their file."""
        for answer in answered.answers:
            if isinstance(answer, Answer):
                self._scores.score(answer)
                self._show(answer)

    def _show(self, answer: Answer) -> None:
        if self.first_prediction is None:
            self.first_prediction = time.monotonic() - self._program_started
        count = self._scores.events
        if self.console.is_terminal:
            self._live.update(self._panel(answer))
            due = self._started + count * self._pause
            time.sleep(max(0.0, due - time.monotonic()))
        elif count & (count - 1) == 0 or count % 200 == 0:
            self.console.print(self._headline(answer), highlight=False, soft_wrap=True)

    def _headline(self, answer: Answer) -> str:
        forecast, (_, _, relative) = answer.prediction.prediction, self._scores.table()[0]
        following = "-" if forecast is None else f"{forecast[0]:.2f}"
        key = f"{answer.prediction.key:<8}" if answer.prediction.key else ""
        rate = self._scores.events / max(time.monotonic() - self._started, 1e-9)
        return (
            f"{self._scores.events:>6} events  {key}value {answer.value:9.2f}  "
            f"next {following:>9}  error {relative:5.3f} x last value's  {rate:6.0f}/s"
        )

    def _panel(self, answer: Answer) -> Group:
        series = self._scores.newest
        values, forecasts = series.values[-WIDTH:], series.forecasts[-WIDTH:]
        low, high = min(values), max(values)
        return Group(
            Text(self._headline(answer)),
            Text("value    ") + Text(bars(values, low, high), style="cyan"),
            Text("forecast ") + Text(bars(forecasts, low, high), style="magenta"),
            score_table(self._scores),
        )

    def close(self) -> None:
        """Leave the last view where it is."""
        self._live.stop()


def score_table(scores: Scores) -> Table:
    """Return the errors so far as a table."""
    table = Table()
    table.add_column("one step ahead")
    table.add_column("mean absolute error", justify="right")
    table.add_column("x last value's", justify="right")
    for name, error, relative in scores.table():
        table.add_row(name, f"{error:.4f}", f"{relative:.3f}")
    return table


def bars(values: list[float] | list[float | None], low: float, high: float) -> str:
    """Draw one character for each value, at its height between two limits."""
    scale = (len(BARS) - 1) / (high - low) if high > low else 0.0
    return "".join(
        " " if v is None else BARS[round((min(max(v, low), high) - low) * scale)] for v in values
    )
