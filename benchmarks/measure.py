"""Timing subjects in turn, so that what else the machine does falls on all of them alike."""

import gc
import math
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from benchmarks.data import Events, walk
from benchmarks.settings import WINDOW

Run = Callable[[Events], object]
"""Go through some events, and carry on where the last call ended."""


@dataclass(frozen=True)
class Subject:
    """Something to time.

    Attributes:
        scenario: The table that it belongs to.
        name: Its name in the table.
        hidden: Hidden units.
        inputs: Features of an event.
        start: Makes it; None where its library is not installed.
    """

    scenario: str
    name: str
    hidden: int
    inputs: int
    start: Callable[[int, int], Run] | None


@dataclass
class Result:
    """The microseconds per event of a subject in each round; none where it is not installed."""

    subject: Subject
    events: int = 0
    times: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        """The median over the rounds, NaN without any."""
        return statistics.median(self.times) if self.times else math.nan


def seconds(run: Run, events: Events) -> float:
    """Return the time that a run takes."""
    started = time.perf_counter()
    run(events)
    return time.perf_counter() - started


def measure(subjects: list[Subject], rounds: int, least: float, block: int) -> list[Result]:
    """Time every subject once a round.

    Args:
        subjects: What to time; those of different scenarios take turns too.
        rounds: How many times each.
        least: Seconds that a subject is to take in each round.
        block: Events are given in multiples of this many; a multiple of the window.
    """
    if block % WINDOW:
        raise ValueError(f"a block of {block} events does not hold whole windows of {WINDOW}")
    results = [Result(subject) for subject in subjects]
    ready: list[tuple[Result, Run, Events]] = []
    for result in results:
        subject = result.subject
        if subject.start is None:
            continue
        run = subject.start(subject.hidden, subject.inputs)
        trial = walk(block, subject.inputs)
        for _ in range(2):
            seconds(run, trial)
        spent = min(seconds(run, trial) for _ in range(2))
        result.events = block * max(1, math.ceil(least / spent))
        events = walk(result.events, subject.inputs)
        if subject.scenario.startswith("one"):
            # The dictionaries are the subject's input, not its work.
            _ = events.pairs
        ready.append((result, run, events))
    gc.collect()
    gc.freeze()
    for _ in range(rounds):
        for result, run, events in ready:
            result.times.append(seconds(run, events) / result.events * 1e6)
    return results
