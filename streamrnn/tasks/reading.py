"""A record's fields become a whole sequence and its targets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import cast

import numpy as np
from numpy.typing import NDArray

from streamrnn.errors import RecordError
from streamrnn.learner.sequences.labels import Label
from streamrnn.learner.sequences.sequence import (
    Steps,
    of_frames,
    of_symbols,
    of_words,
    words_of,
)

MOST = 1e30
"""Numbers of frames beyond this are refused: sums of their squares must stay finite."""
EXPECTED: dict[str, tuple[type | tuple[type, ...], str]] = {
    "words": ((str, list), "text, or a list of words"),
    "characters": (str, "text"),
    "items": (list, "a list"),
}
SHOWN = 60
"""Characters of what came that a message shows."""


@dataclass(frozen=True, slots=True)
class SequenceFields:
    """Which fields of a record are read.

    Attributes:
        sequence: The sequence.
        target: Its label, or its labels.
        steps: ``words``, ``characters``, ``items`` or ``numbers``.
        points: 2 where the numbers of a frame are points in the plane.
        key: The stream's name, which is passed through.
        time: Passed through.
        name: Names a sequence, where its target comes in a record of its own.
        longest: The most steps that a sequence may have.
    """

    sequence: str
    target: str
    steps: str = "words"
    points: int = 0
    key: str | None = None
    time: str | None = None
    name: str | None = None
    longest: int = 10_000


def shown(value: object) -> str:
    """Return a value as a message shows it."""
    text = repr(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."


def symbols_of(fields: SequenceFields, value: object) -> Sequence[object]:
    """Return the steps of a sequence as they are written: words, characters, or items.

    Raises:
        RecordError: It is of another type, empty, or too long.
    """
    kind, expected = EXPECTED[fields.steps]
    if not isinstance(value, kind):
        raise RecordError("type", f"{fields.sequence}: expected {expected}, got {shown(value)}")
    found = words_of(value) if fields.steps == "words" and isinstance(value, str) else value
    assert isinstance(found, str | list)
    if fields.steps == "words" and set(map(type, found)) - {str}:
        raise RecordError("type", f"{fields.sequence}: expected {expected}, got {shown(value)}")
    check_length(fields, len(found))
    return found


def check_length(fields: SequenceFields, steps: int) -> None:
    """Check that a sequence has steps, and not too many.

    Raises:
        RecordError: It has none, or more than are allowed.
    """
    if steps == 0:
        raise RecordError("empty", f"{fields.sequence}: expected a sequence, got an empty one")
    if steps > fields.longest:
        raise RecordError(
            "range",
            f"{fields.sequence}: expected at most {fields.longest:,} steps "
            f"(task.longest_sequence), got {steps:,}",
        )


def steps_of(fields: SequenceFields, value: object, width: int) -> Steps:
    """Return a sequence as it is learned.

    Args:
        fields: What is read.
        value: The field.
        width: Numbers of a frame, as those before had; 0 if there was none.

    Raises:
        RecordError: It is none, empty, or too long, or its frames are not of this width.
    """
    if fields.steps == "numbers":
        return of_frames(frames_of(fields, value, width))
    symbols = symbols_of(fields, value)
    if fields.steps == "words":
        return of_words(cast(Sequence[str], symbols))
    return of_symbols(_scalar(fields, symbol) for symbol in symbols)


def _scalar(fields: SequenceFields, symbol: object) -> object:
    """Return a symbol, if it is one.

    Raises:
        RecordError: It is a list or an object.
    """
    if not isinstance(symbol, str | int | float | bool):
        raise RecordError(
            "type", f"{fields.sequence}: expected text or a number a step, got {shown(symbol)}"
        )
    return symbol


def frames_of(fields: SequenceFields, value: object, width: int) -> NDArray[np.float32]:
    """Return frames ``(T, F)``; a list of numbers is one of frames of one number each.

    Raises:
        RecordError: See `steps_of`.
    """
    name = fields.sequence
    if not isinstance(value, list):
        raise RecordError("type", f"{name}: expected a list of frames, got {shown(value)}")
    check_length(fields, len(value))
    first = value[0]
    try:
        frames = np.array(value, np.float64)
    except (TypeError, ValueError, OverflowError):
        frames = np.zeros(())
    if isinstance(first, bool) or frames.ndim not in (1, 2) or not _are_numbers(value):
        raise RecordError(
            "type",
            f"{name}: expected numbers, or lists of equally many of them, got {shown(value)}",
        )
    frames = frames.reshape(len(value), -1)
    if not np.isfinite(frames).all() or np.abs(frames).max(initial=0) > MOST:
        raise RecordError("range", f"{name}: expected finite numbers within ±{MOST:g}")
    if frames.shape[1] == 0 or (width and frames.shape[1] != width):
        expected = f"{width} numbers a frame, as those before have" if width else "numbers"
        raise RecordError("width", f"{name}: expected {expected}, got {frames.shape[1]}")
    if fields.points and frames.shape[1] % fields.points:
        raise RecordError(
            "width", f"{name}: expected x and y of each point, got {frames.shape[1]} numbers"
        )
    return frames.astype(np.float32)


def _are_numbers(value: list[object]) -> bool:
    """Whether all are numbers, or all are lists of numbers; NumPy takes digits and truth, too."""
    if set(map(type, value)) == {list}:
        value = list(chain.from_iterable(cast(list[list[object]], value)))
    return set(map(type, value)) <= {int, float}


def label_of(name: str, value: object) -> Label | None:
    """Return a label; None where it is absent.

    Raises:
        RecordError: It is a list or an object, or not finite.
    """
    if value is None or value == "":
        return None
    if not isinstance(value, str | int | float | bool):
        raise RecordError("type", f"{name}: expected a label, got {shown(value)}")
    return value


def text_of(name: str, value: object) -> str | None:
    """Return a text; None where it is absent. An empty one is a text like others.

    Raises:
        RecordError: It is something else.
    """
    if value is not None and not isinstance(value, str):
        raise RecordError("type", f"{name}: expected a text, got {shown(value)}")
    return value


def labels_of(name: str, value: object, steps: int) -> list[Label] | None:
    """Return the labels of all steps; None where they are absent.

    Raises:
        RecordError: They are not a list of labels or a text, or not as many as there are steps.
    """
    if value is None or (value == "" and steps):
        return None
    if not isinstance(value, str | list):
        raise RecordError(
            "type", f"{name}: expected a list of labels, or a text, got {shown(value)}"
        )
    if len(value) != steps:
        raise RecordError(
            "length", f"{name}: expected {steps:,} labels, one a step, got {len(value):,}"
        )
    if set(map(type, value)) == {str} and "" not in value:
        return [*value]
    labels = [label_of(name, each) for each in value]
    if any(label is None for label in labels):
        place = labels.index(None)
        raise RecordError("type", f"{name}: expected a label for step {place}, got nothing")
    return [label for label in labels if label is not None]


def name_of(name: str, values: Mapping[str, object]) -> str:
    """Return what names a sequence.

    Raises:
        RecordError: It is absent, or neither text nor a whole number.
    """
    value = values.get(name)
    if value is None or value == "":
        raise RecordError("missing", f"{name}: expected the name of a sequence, got nothing")
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise RecordError("type", f"{name}: expected the name of a sequence, got {shown(value)}")
    return str(value)
