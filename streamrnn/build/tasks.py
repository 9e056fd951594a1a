"""What learns, and what answers records, by a configuration."""

from typing import Any

import msgspec

from streamrnn.build.sequences import (
    decoding_of,
    optimization_of,
    sequence_fields_of,
    sequence_hyperparameters_of,
    translator_hyperparameters_of,
)
from streamrnn.codecs import Codec
from streamrnn.configuration import Configuration, tasks
from streamrnn.configuration.presets import OF_TEXT
from streamrnn.learner import text
from streamrnn.learner.forecaster import Forecaster, Hyperparameters
from streamrnn.learner.readings import base as readings
from streamrnn.learner.text import TextReader
from streamrnn.tasks.classify import ClassifyTask
from streamrnn.tasks.compose import ComposeTask
from streamrnn.tasks.forecast import Fields, ForecastTask, Listener
from streamrnn.tasks.readings import ClassifyReadingTask, ReadingFields, RegressReadingTask
from streamrnn.tasks.regress import RegressTask
from streamrnn.tasks.tag import TagTask
from streamrnn.tasks.task import Task
from streamrnn.tasks.text import Fields as TextFields
from streamrnn.tasks.text import TextTask
from streamrnn.tasks.transcribe import TranscribeTask
from streamrnn.tasks.translate import TranslateTask

LONGEST_LAG = 100
"""Steps of a stream that a network waits for the labels of its readings."""
OF_SEQUENCES = frozenset(
    {
        "model.network",
        "model.bidirectional",
        "model.convolution",
        "model.hop",
        "model.channels",
        "model.pooling",
        "model.parts",
        "model.dropout",
        "model.memory_inputs",
        "learn.replay",
        "learn.replay_updates",
        "learn.keep",
        "learn.keep_steps",
        "learn.stretch",
        "learn.shift",
        "learn.mirror",
        "learn.transpose",
        "learn.inertia",
    }
)
"""Keys that only tasks on whole sequences read."""
FREE = (
    "learn.enabled",
    *(f"task.{key}" for key in ("coverage", "alarm_rate", "spans", "attention")),
    *(f"task.{key}" for key in ("beams", "spelling_weight", "bonus")),
)
"""Keys that what is saved does not depend on."""
OF_SYMBOLS = frozenset({"learn.embedding_rate"})
"""Keys that the tasks on whole sequences and that on text read."""
OF_STREAMS = frozenset({"model.weights", "learn.window", "learn.stride", "learn.max_streams"})
"""Keys that only tasks on streams read, whose state goes on from record to record."""


def task_of(c: Configuration, codec: Codec) -> Task:
    """Return what answers the records of a configuration, as it is before the first."""
    if isinstance(c.task, tasks.Forecast):
        return forecast_task_of(c, codec, forecaster_of(c))
    if isinstance(c.task, tasks.TextTask):
        fields = TextFields(c.task.target, c.input.key, c.input.time, c.task.longest_record)
        return TextTask(fields, codec, text_reader_of(c), spans=c.task.spans)
    if c.input.sequence is None:
        given = ReadingFields(
            c.input.features, c.task.target, c.input.key, c.input.time, c.task.label_of
        )
        regress = isinstance(c.task, tasks.Regress)
        kind = RegressReadingTask if regress else ClassifyReadingTask
        return kind(given, codec, reading_hyperparameters_of(c), c.task.wait)
    read, wait = sequence_fields_of(c), c.task.wait
    if isinstance(c.task, tasks.Translate):
        translated, told = translator_hyperparameters_of(c), c.task.attention
        return TranslateTask(read, codec, translated, wait, attention=told)
    learned = sequence_hyperparameters_of(c)
    if isinstance(c.task, tasks.Classify):
        return ClassifyTask(read, codec, learned, wait)
    if isinstance(c.task, tasks.Regress):
        return RegressTask(read, codec, learned, wait, c.task.coverage)
    if isinstance(c.task, tasks.Tag):
        return TagTask(read, codec, learned, wait)
    if isinstance(c.task, tasks.Transcribe):
        decoding, inertia = decoding_of(c.task), c.learn.inertia
        return TranscribeTask(read, codec, learned, wait, decoding, inertia)
    return ComposeTask(read, codec, learned)


def reading_hyperparameters_of(c: Configuration) -> readings.Hyperparameters:
    """Return what learns the labels of single readings."""
    task = c.sequences
    network = _network(c)
    return readings.Hyperparameters(
        features=len(c.input.features),
        **network,
        lag=min(task.wait, LONGEST_LAG) if task.label_of else 0,
        most_labels=task.most_labels,
        coverage=task.coverage if isinstance(task, tasks.Regress) else 0.9,
        enabled=c.learn.enabled,
    )


def forecast_task_of(
    c: Configuration, codec: Codec, forecaster: Forecaster, heard: Listener | None = None
) -> ForecastTask:
    """Return what forecasts the records of a configuration.

    Args:
        c: The configuration.
        codec: Reads the records.
        forecaster: Learns them.
        heard: Is told of all events.
    """
    return ForecastTask(
        forecast_fields_of(c), codec, forecaster, strict=c.input.topic is None, heard=heard
    )


def names_of(c: Configuration) -> tuple[str, ...]:
    """Return the fields that records must have, where a header names them all."""
    if isinstance(c.task, tasks.Forecast):
        return tuple(forecast_fields_of(c).names)
    read = (c.input.sequence,) if c.input.sequence else c.input.features or (c.task.target,)
    return tuple(name for name in (*read, c.input.key, c.input.time) if name)


def forecast_fields_of(c: Configuration) -> Fields:
    """Return which fields a forecast reads."""
    return Fields(
        c.task.target,
        c.input.features,
        c.input.key,
        c.input.time,
        tuple(dict.fromkeys(c.input.clock)),
    )


def _network(c: Configuration) -> dict[str, Any]:
    """Return the hyperparameters that the networks of all tasks have."""
    return {
        "cell": c.model.cell,
        "hidden": c.model.hidden,
        "layers": c.model.layers,
        "norm": c.model.norm,
        "own_weights": c.model.weights == "own",
        "optimization": optimization_of(c),
        "window": c.learn.window,
        "stride": c.learn.stride,
        "seed": c.learn.seed,
        "max_streams": c.learn.max_streams,
    }


def forecaster_of(c: Configuration) -> Forecaster:
    """Return what forecasts, as it is before the first event."""
    task = c.forecast
    return Forecaster(
        Hyperparameters(
            features=forecast_fields_of(c).width,
            horizon=task.horizon,
            season=task.season,
            longest_season=task.longest_season,
            **_network(c),
            enabled=c.learn.enabled,
            coverage=task.coverage,
            alarm_rate=task.alarm_rate,
            experts=task.experts,
        )
    )


def text_reader_of(c: Configuration, *, learning: bool = True) -> TextReader:
    """Return what reads text, as it is before the first record, and learns if it is to."""
    task = c.text
    return TextReader(
        text.Hyperparameters(
            contexts="contexts" in task.experts,
            memory=task.memory,
            **_network(c),
            embedding=c.model.embedding,
            ngrams=c.model.ngrams,
            ngram_rows=c.model.ngram_rows,
            embedding_rate=c.learn.embedding_rate,
            enabled=learning and c.learn.enabled,
            alarm_rate=task.alarm_rate,
        )
    )


def state_of(configuration: Configuration) -> dict[str, object]:
    """Return the part of a configuration that saved state depends on, flat, as JSON holds it."""
    c = configuration
    tables = {"task": c.task, "model": c.model, "learn": c.learn}
    state = {
        f"{table}.{key}": value
        for table, part in tables.items()
        for key, value in msgspec.to_builtins(part).items()
    }
    # Turning learning off and on again is what a snapshot is for, and intervals adapt.
    for name in FREE:
        state.pop(name, None)
    state |= {"input.key": c.input.key, "input.features": c.input.features}
    whole = c.input.sequence is not None
    unread = OF_STREAMS if whole else OF_SEQUENCES
    if not isinstance(c.task, tasks.TextTask):
        unread |= OF_TEXT if whole else OF_TEXT | OF_SYMBOLS
    for name in unread:
        state.pop(name, None)
    if whole:
        state |= {
            f"input.{name}": getattr(c.input, name) for name in ("sequence", "steps", "points")
        }
    return msgspec.json.decode(msgspec.json.encode(state), type=dict[str, object])
