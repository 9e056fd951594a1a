"""Reading a configuration, and saying clearly what is wrong with one."""

import os
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any, Literal, TypeVar, get_args, get_origin

import msgspec

from streamrnn.codecs.text import FIELD
from streamrnn.configuration.overrides import Assignment, assign, assignments_of
from streamrnn.configuration.presets import fill_in
from streamrnn.configuration.schema import FORMATS, Configuration, Kafka
from streamrnn.configuration.tasks import TASKS, SequenceTask
from streamrnn.configuration.unread import check_unread
from streamrnn.errors import ConfigurationError, nearest

T = TypeVar("T")

SECRETS = ("sasl_password", "ssl_password")


class KafkaAlone(msgspec.Struct, frozen=True):
    """The one table of what only speaks to a cluster."""

    kafka: Kafka = msgspec.field(default_factory=Kafka)


def load(
    path: str | Path, options: Sequence[str] = (), environment: Mapping[str, str] = os.environ
) -> Configuration:
    """Read a TOML file, lay the environment and then the options over it, and check it all.

    Raises:
        ConfigurationError: Names the file or override, the key, what was expected and what came.
    """
    try:
        document = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        folder = Path(path).parent
        others = [p.name for p in folder.glob("*.toml")] if folder.is_dir() else []
        hint = nearest(Path(path).name, others)
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}{hint}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: not valid TOML: {error}") from error
    origins = _lay_over(document, assignments_of(environment, options))
    return parse(document, str(path), origins)


def _lay_over(document: dict[str, Any], values: Iterable[Assignment]) -> dict[str, str]:
    """Set values of a document in place; return where each came from, by its dotted path."""
    origins = {}
    for origin, keys, value in values:
        assign(document, origin, keys, value)
        origins[".".join(keys)] = origin
    return origins


def kafka_of(
    bootstrap_servers: str | None = None, environment: Mapping[str, str] = os.environ
) -> Kafka:
    """Return how the cluster is reached where there is no configuration file.

    Args:
        bootstrap_servers: Comes before what the environment says.
        environment: Its variables are those of `load`.

    Raises:
        ConfigurationError: Names the variable, what was expected and what came.
    """
    document: dict[str, Any] = {"kafka": {}}
    given = [value for value in assignments_of(environment, ()) if value[1][0] == "kafka"]
    if bootstrap_servers is not None:
        given.append(("--bootstrap-servers", ["kafka", "bootstrap_servers"], bootstrap_servers))
    origins, source = _lay_over(document, given), "environment"
    kafka = _converted(document, KafkaAlone, source, origins).kafka
    _check_login(kafka, source)
    return kafka


def parse(
    document: dict[str, Any], source: str, origins: Mapping[str, str] | None = None
) -> Configuration:
    """Check a document as `load` does.

    Args:
        document: Tables of keys, as from TOML.
        source: What to call it in an error.
        origins: Where single values came from, by dotted path, if not from ``source``.
    """
    configuration = _converted(fill_in(document), Configuration, source, origins or {})
    check_unread(document, configuration.task.kind, source)
    _check_together(configuration, source)
    return configuration


def _converted(
    document: dict[str, Any], kind: type[T], source: str, origins: Mapping[str, str]
) -> T:
    _check_keys(document, source, origins)
    try:
        return msgspec.convert(document, kind)
    except msgspec.ValidationError as error:
        raise ConfigurationError(_message(error, document, source, origins)) from error


def _check_keys(document: dict[str, Any], source: str, origins: Mapping[str, str]) -> None:
    tables = _tables(document)
    for table, entries in document.items():
        if table not in tables:
            raise ConfigurationError(f"{source}: [{table}]: unknown{nearest(table, tables)}")
        known = [f.name for f in msgspec.structs.fields(tables[table])]
        known = ["kind", *known] if table == "task" else known
        for key in entries if isinstance(entries, dict) else ():
            if key in known:
                continue
            origin = origins.get(f"{table}.{key}", source)
            if table == "kafka" and key in SECRETS:
                raise ConfigurationError(
                    f"{origin}: kafka.{key}: secrets do not belong into a configuration; "
                    f"set KAFKA_{key.upper()} in the environment"
                )
            raise ConfigurationError(
                f"{origin}: {table}.{key}: unknown key{nearest(key, known)} "
                f"(known: {', '.join(known)})"
            )


def _tables(document: dict[str, Any]) -> dict[str, Any]:
    """Return the type of each table; that of the task is told by its kind."""
    task = document.get("task")
    kind = task.get("kind") if isinstance(task, dict) else None
    tables = {f.name: f.type for f in msgspec.structs.fields(Configuration)}
    return {**tables, "task": TASKS.get(str(kind), TASKS["forecast"])}


def _message(
    error: msgspec.ValidationError,
    document: dict[str, Any],
    source: str,
    origins: Mapping[str, str],
) -> str:
    text, _, place = str(error).partition(" - at `$.")
    path = place.rstrip("`")
    dotted = re.sub(r"\[.*", "", path)
    if missing := re.match(r"Object missing required field `(\w+)`", text):
        name = f"{dotted}.{missing[1]}" if dotted else f"[{missing[1]}]"
        return f"{source}: {name}: missing, but it must be written"
    came: Any = document
    for key in dotted.split("."):
        came = came[key]
    expected = text[0].lower() + text[1:].replace("`", "")
    choices = _choices(dotted, document)
    if choices:
        expected = f"expected one of {', '.join(choices)}"
    return (
        f"{origins.get(dotted, source)}: {path}: {expected}, got {came!r}{nearest(came, choices)}"
    )


def _choices(dotted: str, document: dict[str, Any]) -> list[str]:
    """Return the words that a key may have, none if it is not one of a few words."""
    table, _, key = dotted.partition(".")
    tables = _tables(document)
    if table not in tables or not key:
        return []
    if dotted == "task.kind":
        return list(TASKS)
    kinds = {f.name: f.type for f in msgspec.structs.fields(tables[table])}
    options = (kinds[key], *get_args(kinds[key]))
    literals = [option for option in options if get_origin(option) is Literal]
    return [word for literal in literals for word in get_args(literal)]


def _check_together(configuration: Configuration, source: str) -> None:
    features = configuration.input.features
    if len(set(features)) < len(features):
        raise ConfigurationError(f"{source}: input.features: {list(features)} has doubles")
    for table in ("input", "output"):
        place = getattr(configuration, table)
        if (place.file is None) == (place.topic is None):
            found = "neither" if place.file is None else "both"
            raise ConfigurationError(
                f"{source}: [{table}]: expected {table}.file or {table}.topic, got {found}"
            )
    if (configuration.input.file is None) != (configuration.output.file is None):
        raise ConfigurationError(
            f"{source}: expected input and output to be both files or both topics; "
            "streamrnn replay sends a file to a topic"
        )
    if configuration.metrics.page and configuration.metrics.port is None:
        raise ConfigurationError(
            f"{source}: metrics.page: expected metrics.port beside it, which serves the page"
        )
    if configuration.input.clock and not configuration.input.time:
        raise ConfigurationError(
            f"{source}: input.clock: expected input.time beside it, the field that tells the time"
        )
    _check_task(configuration, source)
    if configuration.input.file is None:
        _check_topics(configuration, source)
    else:
        _check_files(configuration, configuration.input.file, source)


def _check_task(configuration: Configuration, source: str) -> None:
    """Check that the input suits the task."""
    c, given = configuration, configuration.input
    if isinstance(c.task, SequenceTask):
        _check_sequences(c, source)
        return
    for key in ("sequence", "points"):
        if getattr(given, key):
            raise ConfigurationError(
                f"{source}: input.{key}: expected none, as task.kind is {c.task.kind!r}, "
                f"got {getattr(given, key)!r}"
            )
    if c.task.kind == "forecast":
        if c.input_format == "text":
            raise ConfigurationError(
                f"{source}: input.format: expected csv, tsv or jsonl, as a forecast is of a field, "
                "got 'text'"
            )
        return
    if c.model.weights == "own" and c.model.ngrams > 1:
        raise ConfigurationError(
            f"{source}: model.ngrams: expected 1, as model.weights is 'own' and each stream would "
            f"have a table of its own, got {c.model.ngrams}"
        )
    unread = {
        "input.features": given.features,
        "input.clock": given.clock,
        "metrics.page": c.metrics.page,
        "metrics.streams": c.metrics.streams,
    }
    if c.input_format == "text":
        unread |= {"input.key": given.key, "input.time": given.time}
    for key, value in unread.items():
        if value:
            why = "text has no fields" if key.startswith("input") else "it shows numbers"
            raise ConfigurationError(f"{source}: {key}: expected none, as {why}, got {value!r}")
    if c.input_format == "text" and c.task.target != FIELD:
        raise ConfigurationError(
            f"{source}: task.target: expected {FIELD!r}, as lines of text have no other "
            f"field, got {c.task.target!r}"
        )


def _check_sequences(c: Configuration, source: str) -> None:
    """Check what is asked of whole sequences."""
    given, task = c.input, c.sequences
    alone = task.kind in ("classify", "regress")
    if given.features and not given.sequence and alone:
        return
    if not given.sequence:
        hint = ", or input.features for what goes with each reading" * alone
        raise ConfigurationError(
            f"{source}: input.sequence: missing, but it must be written: the field that holds a "
            f"whole sequence{hint}"
        )
    if given.points and given.steps != "numbers":
        raise ConfigurationError(
            f"{source}: input.points: expected none, as input.steps is {given.steps!r}"
        )
    if task.kind == "compose" and given.steps == "numbers":
        raise ConfigurationError(
            f"{source}: input.steps: expected words, characters or items, as a composition is of "
            "symbols, got 'numbers'"
        )
    if task.kind == "transcribe" and given.steps != "numbers":
        raise ConfigurationError(
            f"{source}: input.steps: expected 'numbers', as a transcript is of frames, "
            f"got {given.steps!r}"
        )
    if task.kind == "translate" and given.steps != "words":
        raise ConfigurationError(
            f"{source}: input.steps: expected 'words', as texts are translated, got {given.steps!r}"
        )
    if task.kind in ("transcribe", "translate") and not c.model.network:
        raise ConfigurationError(
            f"{source}: model.network: expected true, as nothing else can {task.kind}"
        )
    lists = given.steps in ("items", "numbers")
    if c.input_format == "text" or (lists and c.input_format != "jsonl"):
        raise ConfigurationError(
            f"{source}: input.format: expected jsonl, which has lists, got {c.input_format!r}"
        )
    unread = {
        "input.features": given.features,
        "input.clock": given.clock,
        "metrics.page": c.metrics.page,
        "metrics.streams": c.metrics.streams,
    }
    for key, value in unread.items():
        if value:
            raise ConfigurationError(
                f"{source}: {key}: expected none, as it is for numbers of streams, got {value!r}"
            )


def _check_files(configuration: Configuration, file: str, source: str) -> None:
    ending = PurePath(file).suffix
    if file != "-" and configuration.input.format is None and ending not in FORMATS:
        raise ConfigurationError(
            f"{source}: input.file: cannot tell the format of {file!r} from its ending "
            f"(known: {', '.join(FORMATS)}); set input.format"
        )
    if configuration.dead_letters.topic:
        raise ConfigurationError(
            f"{source}: dead_letters.topic: expected a file, as the input is one"
        )
    files = [file, configuration.output.file, configuration.dead_letters_file]
    places = [Path(name).resolve() for name in files if name and name != "-"]
    if len(set(places)) < len(places):
        raise ConfigurationError(
            f"{source}: input, output and dead letters must be different files, got {files}"
        )


def _check_topics(configuration: Configuration, source: str) -> None:
    c, kafka = configuration, configuration.kafka
    # Taking over from a worker that was killed takes up to two session timeouts.
    if kafka.stuck_after < 2 * kafka.session_timeout + 20:
        raise ConfigurationError(
            f"{source}: kafka.stuck_after: expected at least 2 x kafka.session_timeout + 20 = "
            f"{2 * kafka.session_timeout + 20:g}, got {kafka.stuck_after:g}"
        )
    if c.input_format not in ("jsonl", "text"):
        raise ConfigurationError(
            f"{source}: input.format: expected jsonl or text, as a topic's records have no header, "
            f"got {c.input_format!r}"
        )
    for key, value in (
        ("dead_letters.file", c.dead_letters.file),
        ("snapshots.directory", c.snapshots.directory),
    ):
        if value:
            raise ConfigurationError(
                f"{source}: {key}: expected none, as the input is a topic, got {value!r}"
            )
    topics = [c.input.topic, c.output.topic, c.dead_letters_topic, c.changelog_topic]
    if len(set(topics)) < len(topics):
        raise ConfigurationError(
            f"{source}: input, output, dead letters and changelog must be different topics, "
            f"got {topics}"
        )
    _check_login(kafka, source)


def _check_login(kafka: Kafka, source: str) -> None:
    if kafka.security_protocol.startswith("SASL") and not (
        kafka.sasl_mechanism and kafka.sasl_username
    ):
        raise ConfigurationError(
            f"{source}: kafka.security_protocol: {kafka.security_protocol} needs "
            "kafka.sasl_mechanism, kafka.sasl_username, and KAFKA_SASL_PASSWORD in the environment"
        )
