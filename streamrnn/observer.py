"""What is told to whoever watches a worker."""

from collections.abc import Sequence
from dataclasses import dataclass

from streamrnn.learner.lessons import Totals
from streamrnn.records import DeadLetter, Record
from streamrnn.tasks.task import Answer

NOTHING = Totals()


@dataclass(frozen=True, slots=True)
class Answered:
    """Records of a partition that were answered in one go.

    Attributes:
        partition: Whose they are.
        records: In order.
        answers: One for each.
        decode_seconds: How long it took to read the fields of all of them.
        learn_seconds: To predict and learn them.
        encode_seconds: To write the predictions.
        learned: What learning them came to.
    """

    partition: int
    records: Sequence[Record]
    answers: Sequence[Answer | DeadLetter]
    decode_seconds: float
    learn_seconds: float
    encode_seconds: float
    learned: Totals = NOTHING


class Observer:
    """Is told, once it is committed, what happened, and changes nothing; overrides what it needs.

    Its methods are called from the worker's thread, between two polls.
    """

    def answered(self, answered: Answered) -> None:
        """Records of a partition were answered."""

    def saved(self, partition: int, size: int, seconds: float) -> None:
        """A snapshot of so many bytes was saved, which took so long to make."""

    def restored(self, partition: int) -> None:
        """A partition was restored."""

    def committed(self, seconds: float) -> None:
        """A transaction was committed, which took so long."""

    def aborted(self) -> None:
        """A transaction was aborted."""
