"""Lines of a file, or of a pipe as they come."""

import os
import select
import sys
from collections.abc import Callable
from io import FileIO
from pathlib import Path

from streamrnn.errors import ConfigurationError, SnapshotError, nearest
from streamrnn.records import Record

CHUNK = 65_536
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class LineReader:
    """Reads records, one a line, from a file descriptor.

    Blank lines are no records. A last line without an end is one.

    Args:
        name: A path, or ``-`` for standard input.
        has_header: The first line that is not blank names the columns and is no record.
        on_header: Called with that line, before any record is returned.
    """

    def __init__(self, name: str, *, has_header: bool, on_header: Callable[[bytes], None]) -> None:
        self._name, self._has_header, self._on_header = name, has_header, on_header
        self._file = None if name == "-" else _open(name)
        self._descriptor = self._file.fileno() if self._file else sys.stdin.fileno()
        self.size = os.fstat(self._descriptor).st_size if self._file else None
        self.position = 0
        self.offset = 0
        self.ended = False
        self._rest = b""
        self._header_read = not has_header

    def go_to(self, position: int, offset: int) -> None:
        """Go on from a byte of the file, which is the start of the record ``offset``.

        Raises:
            SnapshotError: The file does not have a line's start there.
        """
        if position and self._name != "-":
            before = os.pread(self._descriptor, 1, position - 1)
            at_end = position == self.size
            if before != b"\n" and not (before and at_end):
                raise SnapshotError(
                    f"{self._name}: expected the file to go on from a line's start at byte "
                    f"{position}, where it was left, but it has changed (size {self.size}); "
                    "put the former input back, or remove the snapshots to start over"
                )
            while not self._header_read and not self.ended:
                self._read_records()
            os.lseek(self._descriptor, position, os.SEEK_SET)
            self._rest, self.ended = b"", False
        self.position, self.offset = position, offset

    def poll(self, timeout: float) -> list[Record]:
        """Return the records of what can be read now, waiting at most ``timeout`` seconds."""
        if self.ended or not select.select([self._descriptor], [], [], timeout)[0]:
            return []
        return self._read_records()

    def _read_records(self) -> list[Record]:
        chunk = os.read(self._descriptor, CHUNK)
        self.ended = not chunk
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        ends = [b"\n"] * len(lines)
        if self.ended and self._rest:
            lines, ends, self._rest = [*lines, self._rest], [*ends, b""], b""
        records = []
        for line, end in zip(lines, ends, strict=True):
            at_start = self.position == 0
            self.position += len(line) + len(end)
            text = line.removesuffix(b"\r")
            if at_start:
                text = text.removeprefix(BYTE_ORDER_MARK)
            if not text.strip():
                continue
            if not self._header_read:
                self._header_read = True
                self._on_header(text)
                continue
            records.append(Record(0, self.offset, None, text))
            self.offset += 1
        return records

    def close(self) -> None:
        """Close the file; standard input stays open."""
        if self._file:
            self._file.close()


def _open(name: str) -> FileIO:
    path = Path(name)
    try:
        return path.open("rb", buffering=0)
    except OSError as error:
        others = [other.name for other in path.parent.iterdir()] if path.parent.is_dir() else []
        raise ConfigurationError(
            f"input.file: {name}: cannot be read: {error.strerror}{nearest(path.name, others)}"
        ) from error
