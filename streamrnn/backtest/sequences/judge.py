"""What scores answers, whatever the task."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from streamrnn.backtest.sequences.figures import Judged, Score
from streamrnn.tasks.answering import Answer

FIRST = "What was asked before anything was known counts as wrong."


@dataclass(frozen=True, slots=True)
class Case:
    """A sequence whose target is known.

    Attributes:
        sent: What it was answered.
        brought: The answer to the record that brought its target, the same where both came at once.
        guess: What `Judge.guess` returned when it was answered.
        late: Whether it stands in the last half.
    """

    sent: Answer
    brought: Answer
    guess: Any
    late: bool


class Judge(ABC):
    """Scores the answers of a task."""

    needs_target = True
    """Whether only sequences count whose target comes."""

    def guess(self) -> Any:
        """Return what could be said of the next sequence without learning anything."""
        return None

    @abstractmethod
    def add(self, case: Case) -> None:
        """Count an answer."""

    @property
    @abstractmethod
    def judged(self) -> Judged:
        """How much was scored."""

    @abstractmethod
    def scores(self) -> Iterator[Score]:
        """Yield all figures."""

    def notes(self) -> Iterator[str]:
        """Yield what is to be known about them."""
        yield FIRST
