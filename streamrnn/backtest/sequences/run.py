"""Streaming a file of whole sequences: each is answered, then learned, and scored by its target."""

import time
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from streamrnn.backtest.answers import DeadLetters, Follow, answers, check_answered, progress_of
from streamrnn.backtest.run import check as check_file
from streamrnn.backtest.sequences.compositions import CompositionJudge
from streamrnn.backtest.sequences.judge import Case, Judge
from streamrnn.backtest.sequences.labels import LabelJudge, TagJudge
from streamrnn.backtest.sequences.numbers import NumberJudge
from streamrnn.backtest.sequences.transcripts import TranscriptJudge
from streamrnn.backtest.sequences.translations import TranslationJudge
from streamrnn.build import reader_of, task_of
from streamrnn.codecs import Codec, codec_for
from streamrnn.configuration import Configuration, tasks
from streamrnn.errors import ConfigurationError
from streamrnn.learner.sequences.sequence import words_of
from streamrnn.observer import Observer
from streamrnn.records import Record
from streamrnn.tasks.answering import Acknowledgement, Answer
from streamrnn.tasks.reading import name_of

POLL_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a file came to.

    Attributes:
        judge: Scored the answers.
        records: How many there were.
        letters: Those that could not be answered.
        sequences: Those that were.
        steps: Of these.
        seconds: How long all took.
        learning_seconds: How long predicting and learning took.
    """

    judge: Judge
    records: int
    letters: DeadLetters
    sequences: int
    steps: int
    seconds: float
    learning_seconds: float


def check(configuration: Configuration, path: str) -> None:
    """Check that there are whole sequences in a file that can be read twice.

    Args:
        configuration: What is to be run.
        path: Where it was read from.

    Raises:
        ConfigurationError: Says what to do.
    """
    check_file(configuration, path)
    kind, given = configuration.task.kind, configuration.input
    if not isinstance(configuration.task, tasks.SEQUENCE_TASKS):
        raise ConfigurationError(
            f"{path}: task.kind: a backtest is of forecasts and of tasks on whole sequences, "
            f"got {kind}"
        )
    if given.sequence is None:
        raise ConfigurationError(
            f"{path}: input.sequence: a backtest of the task {kind} is of whole sequences, "
            "got single readings"
        )
    # The half is found by counting the records first.
    if Path(str(given.file)).is_fifo():
        raise ConfigurationError(
            f"{path}: input.file: {given.file}: expected a file that can be read twice, got a "
            "pipe: write it to a file first"
        )


def stream(
    configuration: Configuration,
    *,
    observers: Iterable[Observer] = (),
    follow: Follow = lambda _: None,
) -> Outcome:
    """Stream a configuration's file, as a run would from its first record.

    Args:
        configuration: Passed `check`.
        observers: Are told of the answers.
        follow: Is given what tells the bytes read and those in all.

    Raises:
        ConfigurationError: The file cannot be read, lacks a field, or brings no target.
    """
    c, codec, observers = configuration, codec_for(configuration.input_format), tuple(observers)
    scoring = _Scoring(c, codec, _records(c) // 2)
    task, letters = task_of(c, codec), DeadLetters()
    with closing(reader_of(c, codec)) as reader:
        # What is compiled or loaded at first use is no part of what a record costs.
        task_of(c, codec).prepare()
        follow(lambda: progress_of(reader))
        started = time.perf_counter()
        for record, answer in answers(reader, task, letters, observers):
            scoring.add(record, answer)
        seconds = time.perf_counter() - started
    check_answered(c, reader.offset, letters)
    if not scoring.cases:
        raise ConfigurationError(
            f"{c.input.file}: none of the {reader.offset:,} records brings the target of a "
            f"sequence (task.target is {c.task.target!r})"
        )
    return Outcome(
        scoring.judge,
        reader.offset,
        letters,
        scoring.sequences,
        scoring.steps,
        seconds,
        task.learning_seconds,
    )


def _records(c: Configuration) -> int:
    """Return how many records a file has."""
    with closing(reader_of(c, codec_for(c.input_format))) as reader:
        while not reader.ended:
            reader.poll(POLL_SECONDS)
        return reader.offset


class _Scoring:
    """Brings the answer to each sequence and its target together.

    Args:
        c: The configuration.
        codec: Reads records.
        half: The first record of the last half.

    Attributes:
        judge: Scores them.
        sequences: Those that were answered.
        steps: Of these.
        cases: Those that were scored.
    """

    def __init__(self, c: Configuration, codec: Codec, half: int) -> None:
        task = c.sequences
        self.judge, self._codec, self._half = judge_of(task, c.input.steps), codec, half
        self._words = c.input.steps == "words"
        self._name, self._wait = task.label_of, task.wait
        self._waiting: dict[str, tuple[Answer, Any]] = {}
        self.sequences = self.steps = self.cases = 0

    def add(self, record: Record, answer: Answer) -> None:
        """Take the answer to a record."""
        if isinstance(answer.prediction, Acknowledgement):
            sent = self._waiting.pop(answer.prediction.label_of, None)
            if sent is not None:
                self._judge(sent[0], answer, sent[1])
            return
        self.sequences += 1
        self.steps += self._length(answer.shown)
        if answer.target is not None or not self.judge.needs_target:
            self._judge(answer, answer, self.judge.guess())
        elif self._name is not None:
            self._keep(name_of(self._name, self._codec.decode(record.value or b"")), answer)

    def _judge(self, sent: Answer, brought: Answer, guess: Any) -> None:
        self.cases += 1
        self.judge.add(Case(sent, brought, guess, sent.prediction.offset >= self._half))

    def _keep(self, name: str, answer: Answer) -> None:
        """Keep what was answered until its target comes, for as many records as the task does."""
        self._waiting.pop(name, None)
        self._waiting[name] = answer, self.judge.guess()
        first = next(iter(self._waiting))
        while self._waiting[first][0].prediction.offset + self._wait < answer.prediction.offset:
            del self._waiting[first]
            first = next(iter(self._waiting))

    def _length(self, sequence: Any) -> int:
        split = self._words and isinstance(sequence, str)
        return len(words_of(sequence) if split else sequence)


def judge_of(task: tasks.Task, steps: str) -> Judge:
    """Return what scores the answers of a task.

    Args:
        task: One on whole sequences.
        steps: What a step is, as `input.steps` has it.
    """
    if isinstance(task, tasks.Regress):
        return NumberJudge(task.coverage)
    if isinstance(task, tasks.Compose):
        return CompositionJudge(words=steps == "words")
    kinds: dict[str, type[Judge]] = {
        "classify": LabelJudge,
        "tag": TagJudge,
        "transcribe": TranscriptJudge,
        "translate": TranslationJudge,
    }
    return kinds[task.kind]()
