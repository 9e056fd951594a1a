"""Text: each record is read byte by byte, and answered by how unexpected it was."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from streamrnn.codecs import Codec
from streamrnn.errors import RecordError
from streamrnn.learner.learner import Learner
from streamrnn.learner.state import State
from streamrnn.learner.text import Span, TextReader
from streamrnn.records import DeadLetter, Record
from streamrnn.tasks.keys import stream_of

END = b"\n"
"""The end of a record, which is foretold and learned like its bytes."""


@dataclass(frozen=True, slots=True)
class Fields:
    """Which fields of a record are read.

    Attributes:
        target: The text.
        key: The stream's name.
        time: Passed through.
        longest: The most bytes that a text may have.
    """

    target: str
    key: str | None = None
    time: str | None = None
    longest: int = 1_000_000


class Surprise(Struct, frozen=True, gc=False):
    """A prediction record; its fields are those of the JSON object that is sent.

    Attributes:
        key: The stream; None where neither a field nor the record's own key names one.
        partition: The record's.
        offset: The same.
        time: As it came.
        step: Learning steps before the record.
        bits: Of the record with its end, each byte before it was learned.
        network_bits: The same, by the network alone.
        anomaly: How unusual the record is, 0 to 1; None for the first ones of a stream.
        alarm: Whether it is the first of a run of records as rare as the user asked for.
        spans: Its unusual parts: the first byte, the byte after the last, the bits; unset where
            they were not asked for.
    """

    key: str | None
    partition: int
    offset: int
    time: object
    step: int
    bits: float
    network_bits: float
    anomaly: float | None
    alarm: bool
    spans: list[tuple[int, int, float]] | msgspec.UnsetType = msgspec.UNSET


class Answer(Struct, frozen=True, gc=False):
    """A prediction as it is sent, and what its record was like.

    Attributes:
        prediction: What is sent.
        text: The record's bytes, without its end.
        bits: Of each byte, and of the end, ``(N + 1,)``.
    """

    prediction: Surprise
    text: bytes
    bits: NDArray[np.float64]


class TextTask:
    """Answers each record with how unexpected it was, and learns it.

    Args:
        fields: What is read.
        codec: Reads it.
        reader: Learns it.
        spans: Whether unusual parts are told.

    Attributes:
        learning_seconds: How long reading and learning took so far, without decoding.
        shares: Always empty: what experts weigh changes from bit to bit.
    """

    def __init__(self, fields: Fields, codec: Codec, reader: TextReader, *, spans: bool) -> None:
        self._fields, self._codec, self._reader, self._spans = fields, codec, reader, spans
        self.learning_seconds = 0.0
        self.shares: dict[str, float] = {}

    @property
    def step(self) -> int:
        """Learning steps so far."""
        return self._reader.learner.step

    @property
    def learner(self) -> Learner:
        """What learns."""
        return self._reader.learner

    def prepare(self) -> None:
        """Compile what is compiled at first use; the task is then no longer fresh."""
        self._reader.read(self._reader.streams.row(""), b"a" * 100 + END)

    def answer(self, records: Sequence[Record]) -> list[Answer | DeadLetter]:
        """Read and learn records in order; return the answer to each."""
        return [self._answer(record) for record in records]

    def _answer(self, record: Record) -> Answer | DeadLetter:
        try:
            if record.value is None:
                raise RecordError("malformed", "expected a value, got a record without one")
            values = self._codec.decode(record.value)
            text = self._text(values)
            key = stream_of(self._fields.key, values, record)
        except RecordError as error:
            return DeadLetter(record, error.reason, str(error))
        started = time.perf_counter()
        row = self._reader.streams.row(key or "")
        reading = self._reader.read(row, text + END)
        spans = self._reader.spans(row, text + END, reading.bits) if self._spans else None
        self.learning_seconds += time.perf_counter() - started
        if reading.undone:
            return DeadLetter(
                record, "learning", f"{reading.undone} steps of this record are not finite"
            )
        prediction = Surprise(
            key,
            record.partition,
            record.offset,
            values.get(self._fields.time) if self._fields.time else None,
            reading.step,
            float(reading.bits.sum()),
            float(reading.network_bits.sum()),
            # Not a number stands for none, and is the only one that differs from itself.
            reading.anomaly if reading.anomaly == reading.anomaly else None,
            reading.alarm,
            msgspec.UNSET if spans is None else [_told(span) for span in spans],
        )
        return Answer(prediction, text, reading.bits)

    def _text(self, values: Mapping[str, object]) -> bytes:
        """Return the bytes of a record's text.

        Raises:
            RecordError: It is absent, no text, or too long.
        """
        name, value = self._fields.target, values.get(self._fields.target)
        if value is None:
            raise RecordError("missing", f"{name}: expected text, got nothing")
        if not isinstance(value, str | bytes):
            raise RecordError("type", f"{name}: expected text, got {value!r}")
        # A JSON string may hold half of a surrogate pair, which UTF-8 does not have.
        text = value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value
        if len(text) > self._fields.longest:
            raise RecordError(
                "range",
                f"{name}: expected at most {self._fields.longest:,} bytes "
                f"(task.longest_record), got {len(text):,}",
            )
        return text

    def state(self, since: int = 0) -> State:
        """Return what to go on from; see `Learner.state`."""
        return self._reader.state(since)

    def restore(self, state: State) -> None:
        """Take over a whole state."""
        self._reader.restore(state)


def _told(span: Span) -> tuple[int, int, float]:
    return span.begin, span.end, span.bits
