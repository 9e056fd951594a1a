"""What a step costs, to decode, to predict and to learn."""

import statistics
import time
from collections.abc import Sequence

import msgspec

from benchmarks.sequences.subjects import CODEC, Subject
from streamrnn.build import task_of
from streamrnn.learner.sequences.sequence import words_of
from streamrnn.records import Record

RUNS, STEPS = 3, 20_000
WARMING = 20
"""Sequences that are learned before, which compiles all that is used."""


def microseconds(subject: Subject, records: Sequence[Record]) -> float:
    """Return the median time of a step by the defaults, over runs of the first steps."""
    begin, steps = beginning(subject, records)
    _seconds(subject, records[:WARMING])
    return statistics.median(_seconds(subject, begin) for _ in range(RUNS)) / steps * 1e6


def beginning(subject: Subject, records: Sequence[Record]) -> tuple[list[Record], int]:
    """Return the first sequences, and how many steps they have: as many as are timed, or all."""
    found, steps = list[Record](), 0
    for record in records:
        if steps >= STEPS:
            break
        value = msgspec.json.decode(record.value or b"")[subject.given["sequence"]]
        written = isinstance(value, str) and subject.given["steps"] == "words"
        steps += len(words_of(value) if written else value)
        found.append(record)
    return found, steps


def _seconds(subject: Subject, records: Sequence[Record]) -> float:
    """Return how long the processor takes for sequences, whatever else it has to do meanwhile."""
    task, started = task_of(subject.configuration({}), CODEC), time.process_time()
    task.answer(records)
    return time.process_time() - started
