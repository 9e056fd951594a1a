"""FASTA: a header ``>name description``, then the letters of a sequence."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import msgspec

from streamrnn.errors import ConfigurationError
from streamrnn.sources.base import Stopped, decoded, shown
from streamrnn.sources.lines import WholeFile

OTHER = re.compile(r"[^A-Z*-]")
"""What is neither a letter, nor a stop, nor a gap."""

Annotate = Callable[[Sequence[int]], str]
"""Returns one label a letter for sequences of these lengths, one after the other."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A sequence and its name.

    Attributes:
        line: The number of its header.
        name: The first word of its header.
        sequence: Its letters, upper case.
    """

    line: int
    name: str
    sequence: str


class Fasta(WholeFile):
    """The sequences of a FASTA file, each as ``{"name": ..., "sequence": "ACGT..."}``.

    Letters are upper case, however they are written. Pieces of a sequence have ``start``, too: how
    many letters of it come before. With labels there are ``labels``, one character a letter.

    Args:
        name: A path, or ``-`` for standard input.
        window: Letters of a piece, of which the last of a sequence may have fewer; None leaves
            sequences whole.
        annotate: Makes the labels; the whole file is then read before the first record.

    Raises:
        ConfigurationError: It cannot be read.
    """

    def __init__(
        self, name: str, *, window: int | None = None, annotate: Annotate | None = None
    ) -> None:
        super().__init__(name)
        self._window, self._annotate = window, annotate

    def lines(self, stopped: Stopped) -> Iterator[tuple[int, bytes]]:
        """Yield ``(number, record)`` of each sequence or piece; the number is its header's line.

        Raises:
            ConfigurationError: A line is neither a header nor letters, an entry has no name or no
                letters, there is no entry, or the labels do not fit.
        """
        if self._annotate is None:
            for entry in self._entries(stopped):
                yield from self._pieces(entry, None)
            return
        entries = list(self._entries(stopped))
        if stopped():
            return
        labels = self._annotate([len(entry.sequence) for entry in entries])
        start = 0
        for entry in entries:
            end = start + len(entry.sequence)
            yield from self._pieces(entry, labels[start:end])
            start = end

    def _pieces(self, entry: Entry, labels: str | None) -> Iterator[tuple[int, bytes]]:
        size = self._window or len(entry.sequence)
        for start in range(0, len(entry.sequence), size):
            piece = slice(start, start + size)
            record: dict[str, str | int] = {"name": entry.name}
            if self._window:
                record["start"] = start
            record["sequence"] = entry.sequence[piece]
            if labels is not None:
                record["labels"] = labels[piece]
            yield entry.line, msgspec.json.encode(record)

    def _entries(self, stopped: Stopped) -> Iterator[Entry]:
        header: tuple[int, str] | None = None
        letters: list[str] = []
        for number, line in super().lines(stopped):
            text = decoded(self._name, number, line).strip()
            if text.startswith(">"):
                if header:
                    yield self._entry(header, letters)
                header, letters = (number, text[1:]), []
            elif header:
                letters.append(self._letters(number, text))
            else:
                raise self._wrong(number, "a header '>name' before the first letters", text)
        # An entry that is cut short because it is to stop is none.
        if stopped():
            return
        if header is None:
            raise ConfigurationError(
                f"{self._name}: expected at least one entry, got none; an entry is a line '>name' "
                "and lines of letters"
            )
        yield self._entry(header, letters)

    def _entry(self, header: tuple[int, str], letters: Sequence[str]) -> Entry:
        line, words = header[0], header[1].split()
        if not words:
            raise self._wrong(line, "a name after '>'", ">")
        if not letters:
            raise ConfigurationError(
                f"{self._name}: line {line}: expected letters after '>{words[0]}', got none; "
                "remove the header, or put its letters below it"
            )
        return Entry(line, words[0], "".join(letters))

    def _letters(self, number: int, text: str) -> str:
        letters = "".join(text.split()).upper()
        if wrong := OTHER.search(letters):
            raise self._wrong(number, "letters, '*' or '-'", wrong[0])
        return letters

    def _wrong(self, number: int, expected: str, came: str) -> ConfigurationError:
        return ConfigurationError(
            f"{self._name}: line {number}: expected {expected}, got {shown(came)}; is it a FASTA "
            "file?"
        )
