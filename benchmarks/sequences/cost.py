"""What a step costs, to decode, to predict and to learn, and what the network costs in PyTorch."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec

import msgspec

from benchmarks.sequences.peers_torch import follows
from benchmarks.sequences.script import script_of
from benchmarks.sequences.subjects import CODEC, Subject
from benchmarks.timing import medians
from streamrnn.build import task_of
from streamrnn.learner.sequences.sequence import words_of
from streamrnn.records import Record

RUNS, STEPS = 5, 20_000
WARMING = 20
"""Sequences that are learned before, which compiles all that is used."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a step takes, in microseconds of the processor's time, by medians over runs.

    Attributes:
        whole: By the defaults, all that a record needs.
        torch: By PyTorch, the network alone, with the same lessons; None without a network, or
            where PyTorch is not installed.
    """

    whole: float
    torch: float | None


def cost_of(subject: Subject, records: Sequence[Record]) -> Cost:
    """Return what a step costs by the defaults and by the peer, run in turn over the first steps.

    Whatever else the processor has to do meanwhile is not counted.
    """
    begin, steps = beginning(subject, records)
    configuration = subject.configuration({})
    task_of(configuration, CODEC).answer(records[:WARMING])

    def learn() -> Callable[[], object]:
        task = task_of(configuration, CODEC)
        return lambda: task.answer(begin)

    makers = [learn]
    if find_spec("torch") and configuration.model.network:
        script = script_of(task_of(configuration, CODEC), begin)
        makers.append(lambda: follows(script))
    whole, *others = [seconds / steps * 1e6 for seconds in medians(makers, RUNS)]
    return Cost(whole, others[0] if others else None)


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
