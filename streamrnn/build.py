"""The one place that picks concrete parts for a configuration."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING
from uuid import uuid4

import msgspec

from streamrnn.codecs import Codec, codec_for
from streamrnn.configuration import Configuration
from streamrnn.configuration.schema import Kafka
from streamrnn.health import Health
from streamrnn.learner.forecaster import Forecaster, Hyperparameters
from streamrnn.learner.optimization import Optimization
from streamrnn.observer import Observer
from streamrnn.processor import Processor
from streamrnn.tasks.forecast import Fields, ForecastTask, Listener
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

    def make_task() -> ForecastTask:
        return task_of(c, codec, forecaster_of(c))

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


def task_of(
    c: Configuration, codec: Codec, forecaster: Forecaster, heard: Listener | None = None
) -> ForecastTask:
    """Return what answers the records of a configuration.

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


def forecaster_of(c: Configuration) -> Forecaster:
    """Return what forecasts, as it is before the first event."""
    return Forecaster(_hyperparameters(c))


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


def _hyperparameters(c: Configuration) -> Hyperparameters:
    return Hyperparameters(
        features=_fields(c).width,
        horizon=c.task.horizon,
        season=c.task.season,
        longest_season=c.task.longest_season,
        cell=c.model.cell,
        hidden=c.model.hidden,
        layers=c.model.layers,
        norm=c.model.norm,
        own_weights=c.model.weights == "own",
        optimization=Optimization(
            optimizer=c.learn.optimizer,
            learning_rate=c.learn.learning_rate,
            schedule=c.learn.schedule,
            decay=c.learn.decay,
            clip=c.learn.clip,
        ),
        window=c.learn.window,
        stride=c.learn.stride,
        seed=c.learn.seed,
        max_streams=c.learn.max_streams,
        enabled=c.learn.enabled,
        coverage=c.task.coverage,
        alarm_rate=c.task.alarm_rate,
        experts=c.task.experts,
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


def _prepared(c: Configuration, path: str, make_task: Callable[[], ForecastTask]) -> Client:
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
    del state["learn.enabled"], state["task.coverage"], state["task.alarm_rate"]
    state |= {"input.key": c.input.key, "input.features": c.input.features}
    return msgspec.json.decode(msgspec.json.encode(state), type=dict[str, object])
