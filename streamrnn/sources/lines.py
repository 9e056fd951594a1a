"""The lines of a file, or of standard input."""

from collections.abc import Iterator

from streamrnn.errors import ConfigurationError
from streamrnn.sources.base import SLICE_SECONDS, Stopped
from streamrnn.transports.lines import Lines


class WholeFile:
    """A file that is sent, perhaps again and again, or standard input.

    Args:
        name: A path, or ``-`` for standard input.
        every_line: Each line is sent as it stands; else blank ones are passed over.

    Attributes:
        size: The file's bytes; None where its end is not known.

    Raises:
        ConfigurationError: It cannot be read.
    """

    def __init__(self, name: str, *, every_line: bool = False) -> None:
        self._name, self._lines = name, Lines(name, name, every_line=every_line)
        self.size = self._lines.size

    @property
    def position(self) -> int:
        """Bytes of the lines that were yielded since the start."""
        return self._lines.position

    def lines(self, stopped: Stopped) -> Iterator[tuple[int, bytes]]:
        """Yield ``(number, text)`` of each line; the first number is 1."""
        while not (stopped() or self._lines.ended):
            if self._lines.wait(SLICE_SECONDS):
                for text in self._lines.chunk():
                    yield self._lines.number, text

    def rewind(self) -> None:
        """Go back to the first line.

        Raises:
            ConfigurationError: It is a pipe.
        """
        try:
            self._lines.go_to(0)
        except OSError as error:
            raise ConfigurationError(
                f"--repeat: {self._name}: expected a file, as a pipe is read only once"
            ) from error

    def close(self) -> None:
        """Close the file; standard input stays open."""
        self._lines.close()
