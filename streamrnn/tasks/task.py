"""What every task offers to a processor: records in, answers out, and what it has learned."""

from collections.abc import Sequence
from typing import Protocol

from streamrnn.learner.learning import Learning
from streamrnn.learner.state import State
from streamrnn.records import DeadLetter, Record
from streamrnn.tasks import answering, forecast, text

Answer = forecast.Answer | text.Answer | answering.Answer
"""A prediction as it is sent, and what its record showed."""


class Task(Protocol):
    """Answers records, and learns from them."""

    learning_seconds: float
    """How long predicting and learning took so far, without decoding."""

    @property
    def shares(self) -> dict[str, float]:
        """What the network and each expert weigh in the newest predictions, where it is told."""
        ...

    @property
    def step(self) -> int:
        """Learning steps so far."""
        ...

    @property
    def learner(self) -> Learning:
        """What learns."""
        ...

    def prepare(self) -> None:
        """Compile what is compiled at first use; the task is then no longer fresh."""
        ...

    def answer(self, records: Sequence[Record]) -> Sequence[Answer | DeadLetter]:
        """Predict and learn records in order; return the answer to each."""
        ...

    def state(self, since: int = 0) -> State:
        """Return what to go on from; see `Learner.state`."""
        ...

    def restore(self, state: State) -> None:
        """Take over a whole state."""
        ...
