"""The topics of an application: what is to be there, what is missing, and starting over."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from kafka import KafkaAdminClient, TopicPartition
from kafka.errors import KafkaError, RetriableError, TopicAlreadyExistsError

from streamrnn.errors import ConfigurationError, nearest
from streamrnn.transports.client import Topic
from streamrnn.transports.kafka.calls import LARGEST_BYTES
from streamrnn.transports.kafka.connection import Connection

# A whole stream must fit into a record, and the input's record with what is said about it.
LARGE = {"max.message.bytes": str(LARGEST_BYTES)}
COMPACTED = {
    "cleanup.policy": "compact",
    # A segment that is written to is never compacted: small ones keep a restore short.
    "min.cleanable.dirty.ratio": "0.1",
    "delete.retention.ms": "86400000",
    "segment.bytes": "67108864",
    "segment.ms": "3600000",
    **LARGE,
}
SETTINGS: Mapping[Topic, Mapping[str, str]] = {
    "output": {},
    "dead_letters": LARGE,
    "changelog": COMPACTED,
}
DEFAULT_PARTITIONS = 1
BROKERS_CHOICE = -1
COORDINATOR_SECONDS = 20.0
REMOVAL_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Topics:
    """The names of an application's topics.

    Attributes:
        input: What is read.
        written: What is written, by what it is for.
    """

    input: str
    written: Mapping[Topic, str]


class TopicAdministrator:
    """Looks at topics, and makes them.

    Args:
        connection: Where the brokers are.
        topics: Which are looked at.
    """

    def __init__(self, connection: Connection, topics: Topics) -> None:
        self._topics = topics
        self._names = [topics.input, *topics.written.values()]
        self._admin = connection.make(KafkaAdminClient)

    def close(self) -> None:
        """Let go of the connection."""
        self._admin.close()

    def partitions(self) -> dict[str, int | None]:
        """Return how many partitions each topic has; None for one that is not there."""
        with _said("look at topics"):
            known = set(self._admin.list_topics())
            there = [name for name in self._names if name in known]
            described = self._admin.describe_topics(there) if there else []
        counts = {topic["name"]: len(topic["partitions"]) for topic in described}
        return {name: counts.get(name) for name in self._names}

    def check(self, configuration: str) -> None:
        """Check that input and output fit each other; make the others where they are missing.

        Args:
            configuration: The path of the configuration, for what is to be done.

        Raises:
            ConfigurationError: A topic is missing, or has another number of partitions.
        """
        counts, topics = self.partitions(), self._topics
        create = f"streamrnn topics {configuration} --create"
        for name in (topics.input, topics.written["output"]):
            if counts[name] is None:
                with _said("look at topics"):
                    others = self._admin.list_topics()
                raise ConfigurationError(
                    f"kafka: there is no topic {name!r}{nearest(name, others)}; "
                    f"this makes what is missing: {create}"
                )
        for purpose in ("dead_letters", "changelog"):
            if counts[topics.written[purpose]] is None:
                self._create(purpose, counts[topics.input] or 0)
                counts[topics.written[purpose]] = counts[topics.input]
        if len(set(counts.values())) > 1:
            raise ConfigurationError(
                "kafka: expected equal numbers of partitions, got "
                + ", ".join(f"{name}: {count}" for name, count in counts.items())
                + "; a record's answer goes to the partition of its own number: make the topics "
                f"anew, or give them other names and: {create}"
            )

    def create(self, partitions: int | None, replication: int | None) -> None:
        """Make each topic that is missing.

        Args:
            partitions: Of each; by default as many as the input has.
            replication: Copies of each; by default what the brokers are set to.
        """
        counts = self.partitions()
        count = counts[self._topics.input] or partitions or DEFAULT_PARTITIONS
        if partitions and partitions != count:
            raise ConfigurationError(
                f"--partitions: topic {self._topics.input!r} has {count} already, got {partitions}"
            )
        if counts[self._topics.input] is None:
            self._make(self._topics.input, count, {}, replication)
        for purpose, name in self._topics.written.items():
            if counts[name] is None:
                self._create(purpose, count, replication)

    def _create(self, purpose: Topic, partitions: int, replication: int | None = None) -> None:
        name, settings = self._topics.written[purpose], SETTINGS[purpose]
        self._make(name, partitions, settings, replication)

    def _make(
        self, name: str, partitions: int, settings: Mapping[str, str], replication: int | None
    ) -> None:
        topic = {
            "num_partitions": partitions,
            "replication_factor": replication or BROKERS_CHOICE,
            "configs": settings,
        }
        try:
            with _said(f"make topic {name!r}"):
                self._admin.create_topics({name: topic}, wait_for_metadata=True)
        except TopicAlreadyExistsError:
            # Another worker was faster.
            with _said(f"see topic {name!r}"):
                self._admin.wait_for_topics([name])

    def remove(self) -> None:
        """Remove all topics that are there, with all that they hold."""
        self._remove(self._names)

    def _remove(self, names: Iterable[str]) -> None:
        counts = self.partitions()
        there = [name for name in names if counts[name] is not None]
        if there:
            with _said(f"remove topics {', '.join(there)}"):
                self._admin.delete_topics(there)
        # The brokers do not learn of it all at once.
        until = time.monotonic() + REMOVAL_SECONDS
        while any(self.partitions()[name] for name in there) and time.monotonic() < until:
            time.sleep(0.1)

    def _members(self, group: str) -> Sequence[object]:
        """Return the members of a group; none where there is no such group."""
        until = time.monotonic() + COORDINATOR_SECONDS
        while True:
            try:
                with _said("describe the group"):
                    return self._admin.describe_groups([group])[group].get("members") or []
            except ConfigurationError as error:
                # A cluster that never had a group makes the topic of all groups only now.
                if not isinstance(error.__cause__, RetriableError) or time.monotonic() > until:
                    raise
            time.sleep(0.2)

    def start_over(self, group: str) -> None:
        """Forget a group's offsets and snapshots; what it has sent stays.

        Raises:
            ConfigurationError: A worker of the group is running.
        """
        counts = self.partitions()
        members = self._members(group)
        if members:
            raise ConfigurationError(
                f"kafka: {len(members)} workers of group {group!r} are running: stop them first"
            )
        self._remove([self._topics.written["changelog"]])
        partitions = range(counts[self._topics.input] or 0)
        places = [TopicPartition(self._topics.input, number) for number in partitions]
        with _said("forget the group's offsets"):
            if any(self._admin.list_group_offsets({group: places}).get(group, {}).values()):
                self._admin.delete_group_offsets(group, places)


@contextmanager
def _said(what: str) -> Iterator[None]:
    """Say what could not be done.

    Raises:
        ConfigurationError: It failed.
    """
    try:
        yield
    except TopicAlreadyExistsError:
        raise
    except KafkaError as error:
        raise ConfigurationError(f"kafka: cannot {what}: {error}") from error
