"""Compositions: pieces are learned in one pass, then others are read, with learning and without."""

import math
from collections.abc import Sequence
from typing import Any

import msgspec

from benchmarks.sequences.subjects import CODEC, Figures, Settings, Subject
from streamrnn.build import task_of
from streamrnn.records import Record
from streamrnn.tasks.compose import ComposeTask

NATS = "nats a step"
WHILE_LEARNED = "nats a step, pieces that are learned from"

Piece = list[Any]


def judge(subject: Subject, records: Sequence[Record], settings: Settings) -> Figures:
    """Return the nats of a step of the pieces that are kept back, frozen and while learning.

    Beside them stands what the pieces came to that were learned from, all and the last half. The
    decision that ends a piece is left out, as others do not make it.
    """
    objects = [msgspec.json.decode(record.value or b"") for record in records]
    learned, kept_back = (
        [each["chords"] for each in objects if each["part"] == part] for part in ("train", "test")
    )
    task = _task(subject, settings)
    each = [_nats(task, piece) for piece in learned]
    half = len(learned) // 2
    frozen = _task(subject, {**settings, "learn.enabled": False})
    frozen.restore(task.state())
    return {
        NATS: (
            _a_step([_nats(frozen, piece) for piece in kept_back], kept_back),
            _a_step([_nats(task, piece) for piece in kept_back], kept_back),
        ),
        WHILE_LEARNED: (_a_step(each, learned), _a_step(each[half:], learned[half:])),
    }


def _task(subject: Subject, settings: Settings) -> ComposeTask:
    task = task_of(subject.configuration(settings), CODEC)
    assert isinstance(task, ComposeTask)
    return task


def _nats(task: ComposeTask, piece: Piece) -> float:
    """Return the nats of a piece without its end."""
    bits, _ = task.learner.read(piece)
    return float(bits[:-1].sum()) * math.log(2)


def _a_step(nats: Sequence[float], pieces: Sequence[Piece]) -> float:
    return sum(nats) / sum(len(piece) for piece in pieces)
