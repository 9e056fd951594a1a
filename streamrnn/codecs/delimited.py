"""Comma- and tab-separated values, one record a line (RFC 4180, without line breaks in fields)."""

import csv
import math
from collections.abc import Mapping

from streamrnn.codecs.base import in_range
from streamrnn.errors import ConfigurationError, RecordError


class DelimitedCodec:
    """Fields by the names in the header; an empty field is absent.

    Args:
        delimiter: What stands between two fields.
    """

    has_header = True
    every_line = False

    def __init__(self, delimiter: str) -> None:
        self._delimiter = delimiter
        self._columns: list[str] | None = None

    @property
    def columns(self) -> list[str] | None:
        return self._columns

    def read_header(self, line: bytes) -> None:
        try:
            columns = [name.strip() for name in self._split(line)]
        except RecordError as error:
            raise ConfigurationError(f"header: {error}") from error
        if len(set(columns)) < len(columns):
            raise ConfigurationError(f"header: expected names that differ, got {columns}")
        self._columns = columns

    def decode(self, value: bytes) -> Mapping[str, object]:
        fields, columns = self._split(value), self._columns or []
        if len(fields) != len(columns):
            raise RecordError(
                "malformed", f"expected {len(columns)} fields as in the header, got {len(fields)}"
            )
        return dict(zip(columns, fields, strict=True))

    def _split(self, line: bytes) -> list[str]:
        try:
            return next(csv.reader([line.decode("utf-8")], delimiter=self._delimiter, strict=True))
        except UnicodeDecodeError as error:
            raise RecordError("malformed", f"expected UTF-8: {error}") from error
        except csv.Error as error:
            raise RecordError("malformed", f"expected one record on one line: {error}") from error

    def number(self, name: str, value: object) -> float:
        text = str(value).strip() if value is not None else ""
        if not text:
            return math.nan
        try:
            # Python reads more than data files mean: 1_000, and digits of any script.
            number = float(text) if text.isascii() and "_" not in text else None
        except ValueError:
            number = None
        if number is None:
            raise RecordError("type", f"{name}: expected a number, got {text!r}")
        return in_range(name, number, text)
