"""The answers to a file's records, and what went wrong with some."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from streamrnn.backtest import figures as f
from streamrnn.configuration import Configuration
from streamrnn.errors import ConfigurationError
from streamrnn.observer import Answered, Observer
from streamrnn.records import DeadLetter, Record
from streamrnn.tasks.task import Task
from streamrnn.transports.lines import LineReader

POLL_SECONDS = 0.2
SHOWN_LETTERS = 5

Follow = Callable[[Callable[[], tuple[int, int] | None]], None]


@dataclass(slots=True)
class DeadLetters:
    """Those of a file.

    Attributes:
        reasons: How many there are of each reason.
        first: The first of them.
    """

    reasons: Counter[str] = field(default_factory=Counter)
    first: list[DeadLetter] = field(default_factory=list)

    def add(self, letter: DeadLetter) -> None:
        """Count one."""
        self.reasons[letter.reason] += 1
        if len(self.first) < SHOWN_LETTERS:
            self.first.append(letter)

    @property
    def count(self) -> int:
        """How many there are."""
        return self.reasons.total()

    @property
    def figures(self) -> f.DeadLetters:
        """The same as JSON holds them."""
        first = [f.Letter(one.record.offset, one.reason, one.message) for one in self.first]
        return f.DeadLetters(self.count, first)


def answers(
    reader: LineReader, task: Task, letters: DeadLetters, observers: Iterable[Observer]
) -> Iterator[tuple[Record, Any]]:
    """Yield the records that a task answers, each with its answer.

    Args:
        reader: Yields all records.
        task: Answers them.
        letters: Count those that cannot be answered.
        observers: Are told of all answers.
    """
    while not reader.ended:
        records = reader.poll(POLL_SECONDS)
        answered = Answered(0, records, task.answer(records), 0.0, 0.0, 0.0)
        for observer in observers:
            observer.answered(answered)
        for record, answer in zip(records, answered.answers, strict=True):
            if isinstance(answer, DeadLetter):
                letters.add(answer)
            else:
                yield record, answer


def progress_of(reader: LineReader) -> tuple[int, int] | None:
    """Return the bytes read and those in all, if they are known."""
    return None if reader.size is None else (reader.position, reader.size)


def check_answered(c: Configuration, records: int, letters: DeadLetters) -> None:
    """Check that some records were answered.

    Raises:
        ConfigurationError: There are none.
    """
    if not records:
        raise ConfigurationError(f"{c.input.file}: expected records, found none")
    if letters.count == records:
        first = letters.first[0]
        raise ConfigurationError(
            f"{c.input.file}: none of the {records:,} records can be read; the first, "
            f"{first.record.offset}: {first.message}"
        )
