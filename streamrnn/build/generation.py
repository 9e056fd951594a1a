"""What writes, from the newest snapshot of a configuration."""

from pathlib import Path

from streamrnn.build.cluster import connection_of
from streamrnn.build.sequences import sequence_hyperparameters_of
from streamrnn.build.tasks import state_of, text_reader_of
from streamrnn.checkpoints.changelog import Changelog
from streamrnn.checkpoints.directory import read_newest
from streamrnn.checkpoints.snapshot import Snapshot
from streamrnn.configuration import Configuration
from streamrnn.errors import ConfigurationError, nearest
from streamrnn.learner.generation import Generator
from streamrnn.learner.sequences.composer import Composer
from streamrnn.processor import check_same


def composer_of(c: Configuration, partition: int) -> Composer:
    """Return what composes, as it is in the newest snapshot of a configuration.

    Raises:
        ConfigurationError: The task is another one, there is no snapshot yet, or nothing in it.
        SnapshotError: The snapshot belongs to another configuration, or is damaged.
    """
    composer = Composer(sequence_hyperparameters_of(c, learning=False))
    composer.restore(_snapshot_of(c, partition).state)
    if composer.sets is None:
        raise ConfigurationError("nothing was learned yet: the newest snapshot holds no sequence")
    return composer


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
    reader.restore(_snapshot_of(c, partition).state)
    streams = list(reader.streams.keys())
    if key is not None and key not in streams:
        raise ConfigurationError(f"--key: there is no stream {key!r}{nearest(key, streams)}")
    return Generator(reader, streams[-1] if key is None else key, temperature, seed)


def _snapshot_of(c: Configuration, partition: int) -> Snapshot:
    """Return the newest snapshot, which was made by this configuration."""
    snapshot = _newest_snapshot(c, partition)
    if snapshot is None:
        raise ConfigurationError(
            "there is no snapshot yet: one is made after each "
            f"{c.snapshots.every:,} records (snapshots.every), and when the service stops"
        )
    check_same(snapshot.configuration, state_of(c))
    return snapshot


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
