"""The figures of a backtest on whole sequences, as JSON holds them; NaN becomes null there."""

from msgspec import Struct

from streamrnn.backtest.figures import DeadLetters

FORMAT = 1


class Judged(Struct, frozen=True):
    """What scores are shares or means of.

    Attributes:
        of: Their name: labels, numbers, transcripts, words or steps.
        whole: How many there are in the whole stream.
        last_half: The same in its last half.
    """

    of: str
    whole: int
    last_half: int


class Score(Struct, frozen=True):
    """How good predictions were, or what would have been said without learning anything.

    Attributes:
        measure: What is measured.
        by: What is said in place of the predictions; None for the predictions themselves.
        whole: Over the whole stream.
        last_half: Over the last half of its records.
    """

    measure: str
    by: str | None
    whole: float
    last_half: float


class Seconds(Struct, frozen=True):
    """How long it took: in all, and to predict and learn."""

    all: float
    learning: float


class Microseconds(Struct, frozen=True):
    """How long predicting and learning took: a record, and a step of the sequences."""

    record: float
    step: float


class Figures(Struct, frozen=True):
    """All of them.

    Attributes:
        file: What was read.
        task: What was asked.
        target: The field that was predicted; None where there is none.
        records: Of the file, with dead letters.
        sequences: Those that were answered.
        steps: Of these.
        dead_letters: Those among the records.
        reasons: How many there are of each reason.
        judged: What the scores are of.
        scores: Each followed by what is obvious.
        notes: What is to be known about them.
        seconds: How long it took.
        microseconds: The same, a record and a step.
        version: That of streamrnn.
        format: The version of this format.
    """

    file: str
    task: str
    target: str | None
    records: int
    sequences: int
    steps: int
    dead_letters: DeadLetters
    reasons: dict[str, int]
    judged: Judged
    scores: list[Score]
    notes: list[str]
    seconds: Seconds
    microseconds: Microseconds
    version: str
    format: int = FORMAT
