"""The one place that picks concrete parts for a configuration."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager

from streamrnn.build.cluster import administrator_of, connection_of, kafka_client_of
from streamrnn.build.generation import composer_of, generator_of
from streamrnn.build.tasks import (
    forecast_task_of,
    forecaster_of,
    names_of,
    state_of,
    task_of,
    text_reader_of,
)
from streamrnn.codecs import Codec, codec_for
from streamrnn.configuration import Configuration
from streamrnn.health import Health
from streamrnn.observer import Observer
from streamrnn.processor import Processor
from streamrnn.tasks.keys import check_fields
from streamrnn.tasks.task import Task
from streamrnn.transports.base import Transport
from streamrnn.transports.client import Client
from streamrnn.transports.files import FileTransport
from streamrnn.transports.lines import LineReader
from streamrnn.transports.topics import TopicTransport
from streamrnn.worker import Worker

__all__ = [
    "administrator_of",
    "build",
    "composer_of",
    "connection_of",
    "forecast_task_of",
    "forecaster_of",
    "generator_of",
    "kafka_client_of",
    "reader_of",
    "state_of",
    "task_of",
    "text_reader_of",
    "watched",
]

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
        check_fields(names_of(c), codec.columns or [], f"{c.input.file}: header")

    return on_header


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
