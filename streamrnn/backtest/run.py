"""Streaming a file through a configuration, without leaving anything behind."""

import time
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass

from streamrnn.backtest.peers import Peers
from streamrnn.backtest.scores import Scores, Setting
from streamrnn.build import forecast_task_of, forecaster_of, reader_of, task_of
from streamrnn.codecs import codec_for
from streamrnn.configuration import Configuration
from streamrnn.errors import ConfigurationError
from streamrnn.observer import Answered, Observer
from streamrnn.records import DeadLetter
from streamrnn.transports.lines import LineReader

POLL_SECONDS = 0.2
SHOWN_LETTERS = 5

Follow = Callable[[Callable[[], tuple[int, int] | None]], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a file came to.

    Attributes:
        scores: What became of the forecasts.
        records: How many there were.
        dead_letters: Those that could not be answered.
        first_letters: The first of them.
        seconds: How long all took.
        learning_seconds: How long predicting and learning took.
    """

    scores: Scores
    records: int
    dead_letters: int
    first_letters: list[DeadLetter]
    seconds: float
    learning_seconds: float


def check(configuration: Configuration, path: str) -> None:
    """Check that there is a file to be read from its start.

    Args:
        configuration: What is to be run.
        path: Where it was read from.

    Raises:
        ConfigurationError: Says what to do.
    """
    given = configuration.input
    if given.topic:
        raise ConfigurationError(
            f"{path}: input.topic: a backtest reads a file, got the topic {given.topic!r}: "
            "write some of its records to a file, and --set input.file"
        )
    if given.file == "-":
        raise ConfigurationError(
            f"{path}: input.file: a backtest reads a file, got standard input: write it to a file "
            "first, and --set input.file"
        )


def stream(
    configuration: Configuration,
    *,
    peers: bool = True,
    observers: Iterable[Observer] = (),
    follow: Follow = lambda _: None,
) -> Outcome:
    """Stream a configuration's file, as a run would from its first record.

    Args:
        configuration: Passed `check`.
        peers: Whether River's methods learn beside it.
        observers: Are told of the answers.
        follow: Is given what tells the bytes read and those in all.

    Raises:
        ConfigurationError: The file cannot be read, lacks a field, or has too few records for any
            forecast to be scored.
    """
    c, observers = configuration, tuple(observers)
    codec = codec_for(c.input_format)
    asked, forecaster = c.forecast, forecaster_of(c)
    scores = Scores(
        Setting(
            forecaster.experts,
            asked.horizon,
            asked.season,
            asked.coverage,
            peers,
            c.learn.max_streams,
        )
    )
    task = forecast_task_of(c, codec, forecaster, scores.hear)
    with closing(reader_of(c, codec)) as reader:
        # What is compiled or loaded at first use is no part of what a record costs.
        task_of(c, codec).prepare()
        if peers:
            Peers(scores.setting.steps, scores.setting.seasons)
        follow(lambda: _progress(reader))
        started, letters, dead = time.perf_counter(), list[DeadLetter](), 0
        while not reader.ended:
            records = reader.poll(POLL_SECONDS)
            answers = task.answer(records)
            for answer in answers:
                if isinstance(answer, DeadLetter):
                    dead += 1
                    letters += [answer] if len(letters) < SHOWN_LETTERS else []
            answered = Answered(0, records, answers, 0.0, 0.0, 0.0)
            for observer in observers:
                observer.answered(answered)
        scores.end()
        seconds = time.perf_counter() - started
    outcome = Outcome(scores, reader.offset, dead, letters, seconds, task.learning_seconds)
    _check_enough(configuration, outcome)
    return outcome


def _progress(reader: LineReader) -> tuple[int, int] | None:
    return None if reader.size is None else (reader.position, reader.size)


def _check_enough(c: Configuration, outcome: Outcome) -> None:
    file, scores = c.input.file, outcome.scores
    setting = scores.setting
    if not outcome.records:
        raise ConfigurationError(f"{file}: expected records, found none")
    if outcome.dead_letters == outcome.records:
        first = outcome.first_letters[0]
        raise ConfigurationError(
            f"{file}: none of the {outcome.records:,} records can be read; the first, "
            f"{first.record.offset}: {first.message}"
        )
    needed = setting.first + setting.horizon + 1
    if scores.longest < needed:
        why = "task.season" if c.forecast.season else "the first records are not scored"
        raise ConfigurationError(
            f"{file}: expected a stream of at least {needed:,} records to score forecasts: "
            f"{setting.first:,} ({why}) and {setting.horizon:,} (task.horizon) before the first "
            f"that is scored; the longest has {scores.longest:,}"
        )
    for step, sums in zip(setting.steps, scores.sums, strict=True):
        if not sums.points:
            names = [
                name for (name, _), told in zip(setting.methods, sums.told, strict=True) if not told
            ]
            raise ConfigurationError(
                f"{file}: no value of {c.task.target!r} is known {step} steps after a forecast of "
                f"all methods{': none comes from ' + ', '.join(names) if names else ''}"
            )
