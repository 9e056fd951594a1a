"""Text without fields: a record is a line, byte for byte."""

from collections.abc import Mapping

from streamrnn.errors import RecordError

FIELD = "text"
"""What the one field is called."""


class TextCodec:
    """The bytes of a record as they come, be they of any encoding or none."""

    has_header = False
    every_line = True
    columns: list[str] | None = None

    def read_header(self, line: bytes) -> None:
        """Do nothing: there is no header."""

    def decode(self, value: bytes) -> Mapping[str, object]:
        return {FIELD: value}

    def number(self, name: str, value: object) -> float:
        raise RecordError("type", f"{name}: expected a number, got {value!r}")
