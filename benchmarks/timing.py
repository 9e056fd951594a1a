"""The processor's time of runs that are made in turn."""

import statistics
import time
from collections.abc import Callable, Sequence
from types import TracebackType

RUNS = 3
"""In turn, where nothing else is said."""


def seconds(run: Callable[[], object]) -> float:
    """Return the processor's time that a run takes; what else it has to do is not counted."""
    started = time.process_time()
    run()
    return time.process_time() - started


def medians(makers: Sequence[Callable[[], Callable[[], object]]], runs: int = RUNS) -> list[float]:
    """Return the median seconds of each of some runs.

    They are made anew and run in turn, so that what else the machine does falls on all alike.
    """
    rounds = [[seconds(make()) for make in makers] for _ in range(runs)]
    return [statistics.median(each) for each in zip(*rounds, strict=True)]


class Watch:
    """Adds up the processor's time of all that is done with it.

    Attributes:
        seconds: So far.
    """

    def __init__(self) -> None:
        self.seconds = 0.0

    def __enter__(self) -> None:
        """Go on."""
        self.seconds -= time.process_time()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop."""
        self.seconds += time.process_time()
