"""The one place that picks concrete parts for a configuration."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import msgspec

from streamrnn.checkpoints.changelog import Changelog
from streamrnn.checkpoints.directory import read_newest
from streamrnn.checkpoints.snapshot import Snapshot
from streamrnn.codecs import Codec, codec_for
from streamrnn.configuration import Configuration
from streamrnn.configuration.schema import Forecast, Kafka
from streamrnn.errors import ConfigurationError, nearest
from streamrnn.health import Health
from streamrnn.learner import text
from streamrnn.learner.forecaster import Forecaster, Hyperparameters
from streamrnn.learner.generation import Generator
from streamrnn.learner.optimization import Optimization
from streamrnn.learner.text import TextReader
from streamrnn.observer import Observer
from streamrnn.processor import Processor, check_same
from streamrnn.tasks.forecast import Fields, ForecastTask, Listener
from streamrnn.tasks.task import Task
from streamrnn.tasks.text import Fields as TextFields
from streamrnn.tasks.text import TextTask
from streamrnn.transports.base import Transport
from streamrnn.transports.client import Client, Topic
from streamrnn.transports.files import FileTransport
from streamrnn.transports.lines import LineReader
from streamrnn.transports.topics import TopicTransport
from streamrnn.worker import Worker

if TYPE_CHECKING:
    # kafka-python is imported only where a topic is used.
    from streamrnn.transports.kafka.connection import Connection
    from streamrnn.transports.kafka.topics import TopicAdministrator, Topics

STOP_SECONDS = 20.0
"""How long a stop may take: less than the 30 seconds after which a pod is killed."""


def build(
    configuration: Configuration,
    observers: Iterable[Observer] = (),
    path: str = "CONFIG",
    *,
    client: Client | None = None,
) -> Worker:
    """Return the worker of a configuration.

    Args:
        configuration: What is to be run.
        observers: Are told what happens.
        path: Of the configuration, for what an error says is to be done.
        client: Reads and writes the topics, in place of one for Apache Kafka.

    Raises:
        ConfigurationError: A file is missing or cannot be written, or a topic is missing.
    """
    c, observers = configuration, tuple(observers)
    codec = codec_for(c.input_format)

    def make_task() -> Task:
        return task_of(c, codec)

    transport = (
        _topics(c, client or _prepared(c, path, make_task)) if c.input.topic else _files(c, codec)
    )

    def make_processor(partition: int) -> Processor:
        return Processor(
            partition,
            make_task,
            state_of(c),
            c.snapshots.every,
            incremental=transport.incremental,
            observers=observers,
        )

    limit = STOP_SECONDS if c.input.topic else None
    return Worker(transport, make_processor, limit, observers=observers)


def task_of(c: Configuration, codec: Codec) -> Task:
    """Return what answers the records of a configuration, as it is before the first."""
    if isinstance(c.task, Forecast):
        return forecast_task_of(c, codec, forecaster_of(c))
    fields = TextFields(c.task.target, c.input.key, c.input.time, c.task.longest_record)
    return TextTask(fields, codec, text_reader_of(c), spans=c.task.spans)


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
    return ForecastTask(_fields(c), codec, forecaster, strict=c.input.topic is None, heard=heard)


def _fields(c: Configuration) -> Fields:
    return Fields(
        c.task.target,
        c.input.features,
        c.input.key,
        c.input.time,
        tuple(dict.fromkeys(c.input.clock)),
    )


def generator_of(
    c: Configuration, partition: int, key: str | None, temperature: float, seed: int
) -> Generator:
    """Return what writes text from the newest snapshot of a configuration.

    Args:
        c: The configuration; the service that has it may go on meanwhile.
        partition: Of a topic.
        key: The stream that is gone on with; None for the one that had the newest record.
        temperature: See `Generator`.
        seed: The same.

    Raises:
        ConfigurationError: The task is another one, there is no snapshot yet, or it has no such
            stream.
        SnapshotError: The snapshot belongs to another configuration, or is damaged.
    """
    reader = text_reader_of(c, learning=False)
    snapshot = _newest_snapshot(c, partition)
    if snapshot is None:
        raise ConfigurationError(
            "there is no snapshot yet: one is made after each "
            f"{c.snapshots.every:,} records (snapshots.every), and when the service stops"
        )
    check_same(snapshot.configuration, state_of(c))
    reader.restore(snapshot.state)
    streams = list(reader.streams.keys())
    if key is not None and key not in streams:
        raise ConfigurationError(f"--key: there is no stream {key!r}{nearest(key, streams)}")
    return Generator(reader, streams[-1] if key is None else key, temperature, seed)


def _newest_snapshot(c: Configuration, partition: int) -> Snapshot | None:
    """Return the newest snapshot of a configuration, None if there is none yet."""
    if c.input.topic:
        from streamrnn.transports.kafka.newest import read_newest as read_topic

        newest = read_topic(connection_of(c.kafka), c.changelog_topic, partition)
        return Changelog().read(newest)
    if c.snapshots_directory is None:
        raise ConfigurationError(
            "snapshots.directory: expected a directory, as standard output keeps no snapshots"
        )
    found = read_newest(Path(c.snapshots_directory))
    return found[0] if found else None


def reader_of(c: Configuration, codec: Codec) -> LineReader:
    """Return what reads the records of a configuration's file.

    Raises:
        ConfigurationError: It cannot be read; later, a field that is to be read is not there.
    """
    assert c.input.file
    on_header = _header_check(c, codec)
    return LineReader(c.input.file, has_header=codec.has_header, on_header=on_header)


def _header_check(c: Configuration, codec: Codec) -> Callable[[bytes], None]:
    def on_header(line: bytes) -> None:
        codec.read_header(line)
        _fields(c).check(codec.columns or [], f"{c.input.file}: header")

    return on_header


def _network(c: Configuration) -> dict[str, Any]:
    """Return the hyperparameters that the networks of all tasks have."""
    return {
        "cell": c.model.cell,
        "hidden": c.model.hidden,
        "layers": c.model.layers,
        "norm": c.model.norm,
        "own_weights": c.model.weights == "own",
        "optimization": Optimization(
            optimizer=c.learn.optimizer,
            learning_rate=c.learn.learning_rate,
            schedule=c.learn.schedule,
            decay=c.learn.decay,
            beta1=c.learn.beta1,
            clip=c.learn.clip,
        ),
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
            features=_fields(c).width,
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
            enabled=learning and c.learn.enabled,
            alarm_rate=task.alarm_rate,
        )
    )


def _files(c: Configuration, codec: Codec) -> Transport:
    assert c.input.file
    assert c.output.file
    return FileTransport(
        c.input.file,
        c.output.file,
        c.dead_letters_file,
        c.snapshots_directory,
        has_header=codec.has_header,
        on_header=_header_check(c, codec),
        every_line=codec.every_line,
    )


def _topics(c: Configuration, client: Client) -> Transport:
    assert c.input.topic
    return TopicTransport(
        client,
        c.input.topic,
        commit_interval=c.kafka.commit_interval,
        on_lost_input=c.kafka.on_lost_input,
        patience=30.0 + 2 * c.kafka.session_timeout,
    )


def _prepared(c: Configuration, path: str, make_task: Callable[[], Task]) -> Client:
    administrator = administrator_of(c)
    try:
        administrator.check(path)
    finally:
        administrator.close()
    # Kernels compile for many seconds at first; a group would take its member for dead.
    make_task().prepare()
    return kafka_client_of(c)


def kafka_client_of(c: Configuration) -> Client:
    """Return a new member of the group that a configuration names."""
    from streamrnn.transports.kafka.client import Group, KafkaClient

    topics = _topics_of(c)
    group = Group(
        c.group,
        f"{c.app.id}-{c.kafka.instance or uuid4().hex[:12]}",
        topics.input,
        topics.written,
        c.kafka.session_timeout,
    )
    return KafkaClient(connection_of(c.kafka), group)


@contextmanager
def watched(configuration: Configuration, worker: Worker) -> Iterator[Health]:
    """Watch over a worker meanwhile."""
    if not configuration.input.topic:
        yield Health(worker.processors)
        return
    from streamrnn.transports.kafka.probe import EndProbe

    probe = EndProbe(connection_of(configuration.kafka), configuration.input.topic)
    health = Health(
        worker.processors,
        lambda: worker.transport.status,
        probe,
        stuck_after=configuration.kafka.stuck_after,
    )
    with closing(probe), health.watching():
        yield health


def connection_of(kafka: Kafka) -> "Connection":
    """Return how the brokers are reached."""
    from streamrnn.transports.kafka.connection import Connection

    return Connection(
        kafka.bootstrap_servers,
        kafka.security_protocol,
        kafka.sasl_mechanism,
        kafka.sasl_username,
        kafka.ssl_cafile,
        kafka.ssl_certfile,
        kafka.ssl_keyfile,
        kafka.ssl_check_hostname,
    )


def _topics_of(c: Configuration) -> "Topics":
    from streamrnn.transports.kafka.topics import Topics

    assert c.input.topic
    assert c.output.topic
    written: dict[Topic, str] = {
        "output": c.output.topic,
        "dead_letters": c.dead_letters_topic,
        "changelog": c.changelog_topic,
    }
    return Topics(c.input.topic, written)


def administrator_of(configuration: Configuration) -> "TopicAdministrator":
    """Return who looks after the topics of a configuration.

    Raises:
        ConfigurationError: No broker can be reached.
    """
    from streamrnn.transports.kafka.topics import TopicAdministrator

    return TopicAdministrator(connection_of(configuration.kafka), _topics_of(configuration))


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
    for name in ("learn.enabled", "task.coverage", "task.alarm_rate", "task.spans"):
        state.pop(name, None)
    state |= {"input.key": c.input.key, "input.features": c.input.features}
    return msgspec.json.decode(msgspec.json.encode(state), type=dict[str, object])
