"""Streaming a file through a configuration, without leaving anything behind."""

import time
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass

from streamrnn.backtest.answers import DeadLetters, Follow, answers, check_answered, progress_of
from streamrnn.backtest.peers import Peers
from streamrnn.backtest.scores import Scores, Setting
from streamrnn.build import forecast_task_of, forecaster_of, reader_of, task_of
from streamrnn.codecs import codec_for
from streamrnn.configuration import Configuration
from streamrnn.errors import ConfigurationError
from streamrnn.observer import Observer


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a file came to.

    Attributes:
        scores: What became of the forecasts.
        records: How many there were.
        letters: Those that could not be answered.
        seconds: How long all took.
        learning_seconds: How long predicting and learning took.
    """

    scores: Scores
    records: int
    letters: DeadLetters
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
        follow(lambda: progress_of(reader))
        started, letters = time.perf_counter(), DeadLetters()
        for _ in answers(reader, task, letters, observers):
            pass
        scores.end()
        seconds = time.perf_counter() - started
    outcome = Outcome(scores, reader.offset, letters, seconds, task.learning_seconds)
    _check_enough(configuration, outcome)
    return outcome


def _check_enough(c: Configuration, outcome: Outcome) -> None:
    file, scores = c.input.file, outcome.scores
    setting = scores.setting
    check_answered(c, outcome.records, outcome.letters)
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
