"""Following a file that grows: its lines as they are written, through rotation."""

import os
import time
from collections.abc import Callable, Iterator
from io import FileIO
from pathlib import Path

from streamrnn.errors import ConfigurationError

Stopped = Callable[[], bool]

CHUNK = 65_536
WAIT_SECONDS = 0.1
"""How long the end of the file is left alone before it is looked at again."""


class Followed:
    """The lines of a file from its first one on, and then as they are written.

    Where another file takes its place, the former is read to its end, then the new one from its
    beginning; where it is cut back, it is read from its beginning. A line counts once it has an
    end, or once its file has been replaced.

    Args:
        name: A path; ``-`` has no name under which another could take its place.
        sleep: Waits so many seconds.

    Attributes:
        size: None: there is no end.

    Raises:
        ConfigurationError: It cannot be read.
    """

    size: int | None = None

    def __init__(self, name: str, sleep: Callable[[float], object] = time.sleep) -> None:
        if name == "-":
            raise ConfigurationError("--follow: expected a file, got standard input")
        self._path, self._sleep = Path(name), sleep
        self._rest, self._number = b"", 0
        try:
            self._file = self._open()
        except OSError as error:
            raise ConfigurationError(f"{name}: cannot be read: {error.strerror}") from error

    def _open(self) -> FileIO:
        return self._path.open("rb", buffering=0)

    @property
    def position(self) -> int:
        """Bytes that were read of the present file."""
        return self._file.tell()

    def lines(self, stopped: Stopped) -> Iterator[tuple[int, bytes]]:
        """Yield ``(number, line)`` until it is to stop; the first number is 1."""
        while not stopped():
            if read := self._file.read(CHUNK):
                *whole, self._rest = (self._rest + read).split(b"\n")
                for line in whole:
                    yield self._next(line)
            elif self._is_replaced():
                # What was written between the last look and the rotation comes first.
                if not self._drained():
                    continue
                if self._rest:
                    yield self._next(self._rest)
                self._rest = b""
                self._go_over()
            else:
                self._sleep(WAIT_SECONDS)

    def _next(self, line: bytes) -> tuple[int, bytes]:
        self._number += 1
        return self._number, line

    def _is_replaced(self) -> bool:
        """Return whether another file has the name now, or this one was cut back."""
        here = os.fstat(self._file.fileno())
        try:
            there = self._path.stat()
        except FileNotFoundError:
            # Rotation is under way: the new file is not there yet.
            return False
        moved = (here.st_dev, here.st_ino) != (there.st_dev, there.st_ino)
        return moved or here.st_size < self._file.tell()

    def _drained(self) -> bool:
        return os.fstat(self._file.fileno()).st_size <= self._file.tell()

    def _go_over(self) -> None:
        try:
            new = self._open()
        except FileNotFoundError:
            return
        self._file.close()
        self._file = new

    def rewind(self) -> None:
        """Fail: what is followed has no end to start again from."""
        raise ConfigurationError("--repeat: expected a file that is not followed")

    def close(self) -> None:
        """Close the file."""
        self._file.close()
