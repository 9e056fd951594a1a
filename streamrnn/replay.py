"""Replaying: the lines of a file become records, which are sent at a steady rate."""

import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import msgspec

from streamrnn.codecs import codec_for
from streamrnn.configuration.schema import FORMATS
from streamrnn.errors import ConfigurationError, RecordError, nearest
from streamrnn.sources import ENDINGS
from streamrnn.sources.base import SLICE_SECONDS, Source, Stopped

JSON_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
FINEST_SECONDS = 0.001
CATCH_UP_SECONDS = 1.0


class Sender(Protocol):
    """Takes records."""

    @property
    def full(self) -> bool:
        """Whether nothing more is to be sent for now."""
        ...

    def send(self, key: bytes | None, value: bytes, line: int) -> None:
        """Send the record of a line."""
        ...


def format_of(name: str, given: str | None) -> str:
    """Return the format that is given, or that of the file's ending; a folder holds recordings.

    Raises:
        ConfigurationError: The ending is not known.
    """
    path, known = Path(name), FORMATS | ENDINGS
    if given or name == "-" or path.suffix in known:
        return given or known.get(path.suffix, "jsonl")
    if path.is_dir():
        return "wav"
    raise ConfigurationError(
        f"{name}: cannot tell the format from the ending (known: {', '.join(known)}); "
        "give it with --format"
    )


class Printer:
    """Sends records to standard output, a line each."""

    full = False

    def send(self, key: bytes | None, value: bytes, line: int) -> None:
        """Print a record at once: whoever reads it waits for it."""
        sys.stdout.buffer.write(value + b"\n")
        sys.stdout.buffer.flush()


class Records:
    """Makes records of lines: rows become JSON objects, other lines stay as they are.

    A line that is not of the format stays as it is, too: whoever reads the topic has to see it.

    Args:
        form: ``csv``, ``tsv``, ``jsonl`` or ``text``.
        key: The field that is the record's key.
    """

    def __init__(self, form: str, key: str | None) -> None:
        if key and form == "text":
            raise ConfigurationError(f"--key {key}: text lines have no fields")
        self._codec = None if form == "text" else codec_for(form)
        self._key, self._checked = key, False

    def make(self, line: bytes) -> tuple[bytes | None, bytes] | None:
        """Return a line's ``(key, value)``; None for a header.

        Raises:
            ConfigurationError: The header, or the first record, has no field of the key's name.
        """
        codec = self._codec
        if codec is None or (self._key is None and not codec.has_header):
            return None, line
        if codec.has_header and codec.columns is None:
            codec.read_header(line)
            self._check(codec.columns or [])
            return None
        try:
            fields = dict(codec.decode(line))
        except RecordError:
            return None, line
        self._check(list(fields))
        value = line
        if codec.has_header:
            value = msgspec.json.encode({n: self._value(n, str(t)) for n, t in fields.items()})
        return self._key_of(fields), value

    def _check(self, names: list[str]) -> None:
        if self._key and not self._checked and self._key not in names:
            raise ConfigurationError(
                f"--key: expected a field {self._key!r}{nearest(self._key, names)} "
                f"(there are: {', '.join(names)})"
            )
        self._checked = True

    def _key_of(self, fields: dict[str, object]) -> bytes | None:
        value = fields.get(self._key) if self._key else None
        if value is None or value == "":
            return None
        return value.encode() if isinstance(value, str) else msgspec.json.encode(value)

    def _value(self, name: str, text: str) -> object:
        """Return a row's field as JSON has it; the digits of a number stay as they are."""
        stripped = text.strip()
        if not stripped:
            return None
        # A name stays one where it is written in digits, such as 007.
        if name == self._key or self._codec is None:
            return text
        try:
            number = self._codec.number(name, stripped)
        except RecordError:
            return text
        return msgspec.Raw(stripped.encode()) if JSON_NUMBER.fullmatch(stripped) else number


class Pace:
    """Holds a rate without drift: a record that is late does not delay those after it.

    Args:
        rate: Records a second; None for as fast as it goes.
        clock: Seconds.
        sleep: Waits so many of them.
    """

    def __init__(
        self,
        rate: float | None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._interval = 1 / rate if rate else None
        self._clock, self._sleep = clock, sleep
        self._due: float | None = None

    def wait(self, sender: Sender, stopped: Stopped) -> None:
        """Wait until the next record is due and the sender takes it, or until it is to stop."""
        while sender.full and not stopped():
            self._sleep(FINEST_SECONDS)
        if self._interval is None:
            return
        now = self._clock()
        # After a long silence what has been missed is not made up for in one burst.
        if self._due is None or now - self._due > CATCH_UP_SECONDS:
            self._due = now
        while (ahead := self._due - self._clock()) >= FINEST_SECONDS and not stopped():
            self._sleep(min(ahead, SLICE_SECONDS))
        self._due += self._interval


def replay(
    source: Source,
    make_records: Callable[[], Records],
    sender: Sender,
    pace: Pace,
    *,
    repeat: bool = False,
    stopped: Stopped = lambda: False,
    on_sent: Callable[[int], object] = lambda count: None,
) -> int:
    """Send all lines, once or again and again; return how many records that were.

    Args:
        source: The lines.
        make_records: Called at each start of the file, to read its header.
        sender: Takes the records.
        pace: Holds the rate.
        repeat: Start again at the end.
        stopped: Whether to stop.
        on_sent: Is told the count after each record.
    """
    if repeat:
        source.rewind()
    sent = 0
    while True:
        before, records = sent, make_records()
        for number, text in source.lines(stopped):
            made = records.make(text)
            if made is None:
                continue
            pace.wait(sender, stopped)
            if stopped():
                return sent
            sender.send(*made, number)
            sent += 1
            on_sent(sent)
        if not repeat or stopped() or sent == before:
            return sent
        source.rewind()
