"""CoNLL: one token a line, and a blank line between sentences."""

from collections.abc import Iterator, Sequence
from itertools import groupby

import msgspec

from streamrnn.errors import ConfigurationError
from streamrnn.sources.base import Stopped, decoded
from streamrnn.sources.lines import WholeFile

DOCUMENT = "-DOCSTART-"


class Conll(WholeFile):
    """The sentences of a CoNLL file, each as ``{"tokens": [...], "tags": [...]}``.

    A line's first column is the token, its last one the tag; a file of one column has no tags. A
    TAB parts columns, or blanks do where a line has none. Lines of ``-DOCSTART-`` part sentences
    as blank ones do.

    Args:
        name: A path, or ``-`` for standard input.

    Raises:
        ConfigurationError: It cannot be read.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name, every_line=True)

    def lines(self, stopped: Stopped) -> Iterator[tuple[int, bytes]]:
        """Yield ``(number, record)`` of each sentence; the number is that of its first line.

        Raises:
            ConfigurationError: A line has other columns than the first one, or there is no token.
        """
        empty = True
        for is_sentence, group in groupby(self._rows(stopped), key=lambda row: bool(row[1])):
            if is_sentence:
                empty = False
                yield _record(list(group))
        if empty and not stopped():
            raise ConfigurationError(
                f"{self._name}: expected at least one token, got none; a line holds a token, a TAB "
                "and its tag"
            )

    def _rows(self, stopped: Stopped) -> Iterator[tuple[int, list[str]]]:
        """Yield ``(number, columns)`` of each line; those between sentences have no columns."""
        width = 0
        for number, line in super().lines(stopped):
            columns = _columns(decoded(self._name, number, line))
            if not columns or columns[0] == DOCUMENT:
                yield number, []
                continue
            width = width or len(columns)
            if len(columns) != width or not (columns[0] and columns[-1]):
                raise ConfigurationError(
                    f"{self._name}: line {number}: expected {width} columns as in the lines "
                    f"before, and neither token nor tag empty, got {columns}; write a token, a TAB "
                    "and its tag, and a blank line between sentences"
                )
            yield number, columns


def _record(rows: Sequence[tuple[int, list[str]]]) -> tuple[int, bytes]:
    """Return a sentence's first line's number, and its record."""
    record = {"tokens": [columns[0] for _, columns in rows]}
    first, columns = rows[0]
    if len(columns) > 1:
        record["tags"] = [columns[-1] for _, columns in rows]
    return first, msgspec.json.encode(record)


def _columns(line: str) -> list[str]:
    """Return the columns of a line; none where it is blank."""
    if not line.strip(" \t"):
        return []
    if "\t" in line:
        # Columns between TABs may hold blanks, and be empty by mistake.
        return [column.strip(" ") for column in line.split("\t")]
    return [column for column in line.split(" ") if column]
