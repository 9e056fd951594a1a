"""What every codec offers to a task."""

import math
from collections.abc import Mapping
from typing import Protocol

import msgspec

from streamrnn.errors import RecordError

LARGEST = 1e100
"""Numbers beyond this are refused: their squares must stay finite."""


class Codec(Protocol):
    """Decodes records of one format."""

    has_header: bool
    """Whether the first line names the columns."""
    every_line: bool
    """Whether each line is a record as it stands, blank ones too."""

    @property
    def columns(self) -> list[str] | None:
        """The names of all fields, where a header gives them."""
        ...

    def read_header(self, line: bytes) -> None:
        """Take the names of the columns from a header."""
        ...

    def decode(self, value: bytes) -> Mapping[str, object]:
        """Return a record's fields.

        Raises:
            RecordError: It is not of this format.
        """
        ...

    def number(self, name: str, value: object) -> float:
        """Return a field as a number, NaN where it is absent.

        Raises:
            RecordError: It is not a number, not finite, or beyond ±1e100.
        """
        ...


def in_range(name: str, number: float, came: object) -> float:
    """Return a number that is finite and not too large.

    Raises:
        RecordError: It is neither.
    """
    if not math.isfinite(number) or abs(number) > LARGEST:
        raise RecordError(
            "range", f"{name}: expected a finite number within ±{LARGEST:g}, got {came!r}"
        )
    return number


_encoder = msgspec.json.Encoder()


def encode(prediction: msgspec.Struct) -> bytes:
    """Return a prediction as one line of JSON."""
    return _encoder.encode(prediction)
