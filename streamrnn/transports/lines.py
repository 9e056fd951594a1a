"""Lines of a file, or of a pipe as they come."""

import os
import select
import sys
from collections.abc import Callable, Iterator
from io import FileIO
from pathlib import Path

from streamrnn.errors import ConfigurationError, SnapshotError, nearest
from streamrnn.records import Record

CHUNK = 65_536
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Lines:
    """The lines of a file, or of standard input as they come.

    Args:
        name: A path, or ``-`` for standard input.
        called: What an error calls it.
        every_line: Each line is yielded as it stands, blank ones too.

    Attributes:
        size: The file's bytes; None where its end is not known.
        position: Bytes of the lines that were yielded since the start.
        number: Lines that were yielded or blank, since the last `go_to`.
        ended: Whether the end was reached.

    Raises:
        ConfigurationError: It cannot be read.
    """

    def __init__(self, name: str, called: str, *, every_line: bool = False) -> None:
        self._every_line = every_line
        self._file = None if name == "-" else _open(name, called)
        self.descriptor = self._file.fileno() if self._file else sys.stdin.fileno()
        self.size = os.fstat(self.descriptor).st_size if self._file else None
        self._start_at(0)

    def _start_at(self, position: int) -> None:
        self.position, self.number, self.ended, self._rest = position, 0, False, b""

    def wait(self, timeout: float) -> bool:
        """Return whether there is something to read, waiting at most ``timeout`` seconds."""
        return bool(select.select([self.descriptor], [], [], timeout)[0])

    def chunk(self) -> Iterator[bytes]:
        """Read what there is; yield each line of it that is whole, without its end.

        A last line without an end is one. Unless every line is asked for, blank ones are passed
        over, and a carriage return at a line's end and a mark of the byte order are taken away.
        """
        read = os.read(self.descriptor, CHUNK)
        *whole, rest = (self._rest + read).split(b"\n")
        self._rest, self.ended = rest if read else b"", not read
        lines = [(line, 1) for line in whole]
        if self.ended and rest:
            lines.append((rest, 0))
        for line, end in lines:
            at_start = self.position == 0
            self.position += len(line) + end
            self.number += 1
            if self._every_line:
                yield line
                continue
            text = line.removesuffix(b"\r")
            if at_start:
                text = text.removeprefix(BYTE_ORDER_MARK)
            if text.strip():
                yield text

    def go_to(self, position: int) -> None:
        """Go on from a byte of a file.

        Raises:
            OSError: It is a pipe.
        """
        os.lseek(self.descriptor, position, os.SEEK_SET)
        self._start_at(position)

    def close(self) -> None:
        """Close the file; standard input stays open."""
        if self._file:
            self._file.close()


class LineReader:
    """Reads records, one a line, from a file or a pipe.

    Args:
        name: A path, or ``-`` for standard input.
        has_header: The first line that is not blank names the columns and is no record.
        on_header: Called with that line, before any record is returned.
        every_line: Each line is a record as it stands; else blank ones are none.
    """

    def __init__(
        self,
        name: str,
        *,
        has_header: bool,
        on_header: Callable[[bytes], None],
        every_line: bool = False,
    ) -> None:
        self._name, self._on_header = name, on_header
        self._lines = Lines(name, f"input.file: {name}", every_line=every_line)
        self.size = self._lines.size
        self.offset = 0
        self._header_read = not has_header

    @property
    def position(self) -> int:
        """Bytes of the records, and of what lies between them, that were returned."""
        return self._lines.position

    @property
    def ended(self) -> bool:
        """Whether the end was reached."""
        return self._lines.ended

    def go_to(self, position: int, offset: int) -> None:
        """Go on from a byte of the file, which is the start of the record ``offset``.

        Raises:
            SnapshotError: The file does not have a line's start there.
        """
        if position and self._name != "-":
            before = os.pread(self._lines.descriptor, 1, position - 1)
            at_end = position == self.size
            if before != b"\n" and not (before and at_end):
                raise SnapshotError(
                    f"{self._name}: expected the file to go on from a line's start at byte "
                    f"{position}, where it was left, but it has changed (size {self.size}); "
                    "put the former input back, or remove the snapshots to start over"
                )
            while not self._header_read and not self.ended:
                self._read_records()
            self._lines.go_to(position)
        self.offset = offset

    def poll(self, timeout: float) -> list[Record]:
        """Return the records of what can be read now, waiting at most ``timeout`` seconds."""
        if self.ended or not self._lines.wait(timeout):
            return []
        return self._read_records()

    def _read_records(self) -> list[Record]:
        records = []
        for text in self._lines.chunk():
            if not self._header_read:
                self._header_read = True
                self._on_header(text)
                continue
            records.append(Record(0, self.offset, None, text))
            self.offset += 1
        return records

    def close(self) -> None:
        """Close the file; standard input stays open."""
        self._lines.close()


def _open(name: str, called: str) -> FileIO:
    path = Path(name)
    try:
        return path.open("rb", buffering=0)
    except OSError as error:
        others = [other.name for other in path.parent.iterdir()] if path.parent.is_dir() else []
        raise ConfigurationError(
            f"{called}: cannot be read: {error.strerror}{nearest(path.name, others)}"
        ) from error
