"""A peer for genes: counts of 4-mers for each label, and a path that pays to leave its frame."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from benchmarks.sequences.labels import Judged, scored
from benchmarks.sequences.subjects import Figures, Subject
from streamrnn.records import Record

TITLE = "peer, measured here: 4-mers, switching cost 5"
BASES, LABELS = "ACGT", ".r012abc"
TRACKS = ".", "r", "012", "120", "201", "cba", "bac", "acb"
"""What goes on as long as nothing changes: no gene, one of RNA, or one on either strand in each of
its three frames. Each begins with its label of a message's first base."""
LENGTH = 4
COST = 5.0

Whole = NDArray[np.int64]
Numbers = NDArray[np.float64]


def judge(subject: Subject, records: Sequence[Record]) -> Figures:
    """Return its scores of the whole stream, and of the last half."""
    return scored(subject, _predictions(records), len(records))


def _predictions(records: Sequence[Record]) -> Iterator[Judged]:
    counts = np.zeros((len(BASES) ** LENGTH, len(LABELS)))
    for record in records:
        read = msgspec.json.decode(record.value or b"")
        grams, written = _grams(read["sequence"]), list(read["labels"])
        tracks = _tracks(len(written))
        evidence = np.take_along_axis(_evidence(counts)[grams], tracks, axis=1)
        path = _path(evidence)
        numbers = tracks[np.arange(len(path)), path]
        yield [LABELS[number] for number in numbers], written
        np.add.at(counts, (grams, _numbers(written)), 1)


def _numbers(labels: Iterable[str]) -> Whole:
    return np.array([LABELS.index(label) for label in labels])


def _grams(sequence: str) -> Whole:
    """Return a number for each base and those before it."""
    bases = np.array([0] * (LENGTH - 1) + [BASES.index(base) for base in sequence])
    windows = np.lib.stride_tricks.sliding_window_view(bases, LENGTH)
    return windows @ len(BASES) ** np.arange(LENGTH)


def _tracks(steps: int) -> Whole:
    """Return the label of each step on each track, ``(T, S)``."""
    repeated = ((track * steps)[:steps] for track in TRACKS)
    return np.array([_numbers(track) for track in repeated]).T


def _evidence(counts: Numbers) -> Numbers:
    """Return how much likelier each label is after a 4-mer than anywhere, in logs."""
    chances = (counts.sum(0) + 1) / (counts.sum() + len(LABELS))
    given = (counts + chances) / (counts.sum(1, keepdims=True) + 1)
    # Each base is part of as many 4-mers.
    logs: Numbers = np.log(given / chances)
    return logs / LENGTH


def _path(evidence: Numbers) -> Whole:
    """Return the best track at each step (Viterbi)."""
    steps, many = evidence.shape
    stay, came_from = np.arange(many), np.empty((steps, many), np.int64)
    best = evidence[0]
    for step in range(1, steps):
        top = best.argmax()
        came_from[step] = np.where(best >= best[top] - COST, stay, top)
        best = np.maximum(best, best[top] - COST) + evidence[step]
    path = np.empty(steps, np.int64)
    path[-1] = best.argmax()
    for step in range(steps - 1, 0, -1):
        path[step - 1] = came_from[step, path[step]]
    return path
