"""JSON objects, one a record (RFC 8259)."""

import math
from collections.abc import Mapping

import msgspec

from streamrnn.codecs.base import in_range
from streamrnn.errors import RecordError


class JsonCodec:
    """Fields by their names in the object; null is absent."""

    has_header = False
    every_line = False
    columns: list[str] | None = None

    def __init__(self) -> None:
        self._decoder = msgspec.json.Decoder(dict[str, object])

    def read_header(self, line: bytes) -> None:
        """Do nothing: there is no header."""

    def decode(self, value: bytes) -> Mapping[str, object]:
        try:
            return self._decoder.decode(value)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise RecordError("malformed", f"expected a JSON object: {error}") from error

    def number(self, name: str, value: object) -> float:
        if value is None:
            return math.nan
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise RecordError("type", f"{name}: expected a number, got {value!r}")
        try:
            return in_range(name, float(value), value)
        except OverflowError as error:
            raise RecordError("range", f"{name}: too large a number") from error
