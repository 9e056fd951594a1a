"""An output file that is appended, and cut back to where a snapshot left it."""

import os
import sys
from pathlib import Path
from typing import BinaryIO

from streamrnn.errors import ConfigurationError, SnapshotError


class AppendedFile:
    """A file that grows; ``-`` is standard output, which cannot be cut back.

    Raises:
        ConfigurationError: The file cannot be written.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._standard = name == "-"
        try:
            self._file: BinaryIO = sys.stdout.buffer if self._standard else _open(name)
        except OSError as error:
            raise ConfigurationError(f"{name}: cannot be written: {error.strerror}") from error
        self.length = 0 if self._standard else os.fstat(self._file.fileno()).st_size

    def cut_back(self, length: int) -> None:
        """Drop all that was written after the file had this length.

        Raises:
            SnapshotError: The file is shorter than that.
        """
        if self._standard:
            return
        if self.length < length:
            raise SnapshotError(
                f"{self._name}: expected at least the {length} bytes that the snapshot knows of, "
                f"found {self.length}; put the file back, or remove the snapshots to start over"
            )
        self._file.truncate(length)
        self.length = length

    def append_line(self, line: bytes) -> None:
        """Append a line, which leaves with the next `flush`."""
        self._file.write(line + b"\n")
        self.length += len(line) + 1

    def flush(self, *, durable: bool) -> None:
        """Hand everything to the operating system, and to the disk where ``durable``."""
        self._file.flush()
        if durable and not self._standard:
            os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file; standard output stays open."""
        if not self._standard:
            self._file.close()


def _open(name: str) -> BinaryIO:
    return Path(name).open("ab")
