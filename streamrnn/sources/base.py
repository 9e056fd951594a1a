"""What every source of records offers, and what those share that read whole sequences."""

from collections.abc import Callable, Iterator
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from streamrnn.errors import ConfigurationError

SLICE_SECONDS = 0.1
"""How soon a wait notices that it is to stop."""
SHOWN = 60
"""Characters of what came that an error shows."""

Stopped = Callable[[], bool]


class Source(Protocol):
    """Lines that are to be sent."""

    size: int | None
    """The file's bytes; None where its end is not known."""

    @property
    def position(self) -> int:
        """Bytes of the lines that were yielded since the start."""
        ...

    def lines(self, stopped: Stopped) -> Iterator[tuple[int, bytes]]:
        """Yield ``(number, text)`` of each line; the first number is 1."""
        ...

    def rewind(self) -> None:
        """Go back to the first line.

        Raises:
            ConfigurationError: There is no going back.
        """
        ...

    def close(self) -> None:
        """Close the file; standard input stays open."""
        ...


class StoredSequences:
    """What is the same for files of sequences that are no text; each format adds `Source.lines`.

    Args:
        name: A path.

    Attributes:
        size: None: how far it is, is not measured in bytes.
        position: 0, for the same reason.

    Raises:
        ConfigurationError: It is ``-``, for standard input.
    """

    size: int | None = None
    position = 0

    def __init__(self, name: str) -> None:
        if name == "-":
            raise ConfigurationError(
                "-: expected a path, as this format is not read from standard input; "
                "write it to a file first"
            )

    def rewind(self) -> None:
        """Do nothing: each call of `Source.lines` begins with the first sequence."""

    def close(self) -> None:
        """Do nothing: no file stays open."""


def decoded(name: str, number: int, line: bytes) -> str:
    """Return a line of a text file, without a carriage return and a mark of the byte order.

    Args:
        name: The file's, for the error.
        number: The line's, from 1.
        line: Its bytes.

    Raises:
        ConfigurationError: It is not UTF-8.
    """
    try:
        return line.decode("utf-8-sig" if number == 1 else "utf-8").removesuffix("\r")
    except UnicodeDecodeError as error:
        raise ConfigurationError(
            f"{name}: line {number}: expected UTF-8: {error}; convert the file, as with iconv"
        ) from error


def shown(text: str) -> str:
    """Return a text as an error shows it: quoted, and not too much of it."""
    return repr(text if len(text) <= SHOWN else f"{text[:SHOWN]}...")


def plain(array: NDArray[Any]) -> Any:
    """Return an array as lists, its numbers in the fewest digits that still tell them apart.

    Args:
        array: Numbers, truth values or text, of any shape; of no axes, it becomes one value.
    """
    if array.dtype.kind == "f" and array.dtype != np.float64:
        # As a float64, 0.1 of fewer bits would show all the digits of its error.
        array = array.astype(str).astype(np.float64)
    return array.tolist()
