"""One contract for every client: the cluster in memory, and Apache Kafka."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest

from streamrnn.build import administrator_of, kafka_client_of
from streamrnn.records import Record
from streamrnn.transports.base import AbortedError, Poll
from streamrnn.transports.client import Client, Topic
from streamrnn.transports.memory import MemoryClient, MemoryCluster
from tests.test_topics import configured

Sent = tuple[bytes | None, bytes | None]


@dataclass
class Cluster:
    """What a test does around the clients: two partitions, fed and looked at.

    Attributes:
        feed: Puts a key and a value at the end of a partition of the input.
        sent: Returns what was committed to a topic's partition, from its first record on.
        member: Returns a new member of the group.
    """

    feed: Callable[[int, bytes, bytes], None]
    sent: Callable[[Topic, int], list[Sent]]
    member: Callable[[], Client]


def in_memory() -> Iterator[Cluster]:
    cluster = MemoryCluster(2)

    def sent(topic: Topic, partition: int) -> list[Sent]:
        return [(record.key, record.value) for record in cluster.topics[topic][partition]]

    yield Cluster(
        lambda partition, key, value: cluster.feed(partition, key, value),
        sent,
        lambda: MemoryClient(cluster),
    )


def on_kafka(bootstrap: str) -> Iterator[Cluster]:
    from kafka import KafkaConsumer, KafkaProducer, TopicPartition

    name = f"contract-{uuid4().hex[:8]}"
    configuration = configured(
        app__id=name,
        input__topic=f"{name}-in",
        output__topic=f"{name}-out",
        kafka__bootstrap_servers=bootstrap,
        kafka__session_timeout=2.0,
    )
    administrator = administrator_of(configuration)
    administrator.create(2, None)
    administrator.close()
    producer = KafkaProducer(bootstrap_servers=bootstrap)
    reader = KafkaConsumer(
        bootstrap_servers=bootstrap,
        isolation_level="read_committed",
        auto_offset_reset="earliest",
    )

    def feed(partition: int, key: bytes, value: bytes) -> None:
        producer.send(f"{name}-in", value, key, partition=partition).get(10)

    def sent(topic: Topic, partition: int) -> list[Sent]:
        names = {"output": "out", "dead_letters": "dead-letters", "changelog": "changelog"}
        place = TopicPartition(f"{name}-{names[topic]}", partition)
        reader.assign([place])
        reader.seek_to_beginning(place)
        found: list[Any] = []
        end = reader.end_offsets([place])[place]
        while reader.position(place) < end:
            found += reader.poll(timeout_ms=200).get(place, [])
        return [(record.key, record.value) for record in found]

    yield Cluster(feed, sent, lambda: kafka_client_of(configuration))
    producer.close()
    reader.close()


@pytest.fixture(params=["memory", "kafka"])
def cluster(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    if request.param == "memory":
        yield from in_memory()
    else:
        yield from on_kafka(request.getfixturevalue("kafka"))


@pytest.fixture
def join(cluster: Cluster) -> Iterator[Callable[[], Client]]:
    """Makes members, which leave at the end of the test."""
    members: list[Client] = []

    def member() -> Client:
        members.append(cluster.member())
        return members[-1]

    yield member
    for each in members:
        each.close()


def poll_until(client: Client, done: Callable[[Poll], bool]) -> Poll:
    """Poll until something came, within so many tries that no cluster needs them."""
    for _ in range(100):
        poll = client.poll(0.2, 1000)
        if done(poll):
            return poll
    raise AssertionError("it never came")


def assigned(client: Client, partitions: int) -> set[int]:
    found: set[int] = set()
    while len(found) < partitions:
        found |= set(poll_until(client, lambda poll: bool(poll.assigned)).assigned)
    return found


def records_of(client: Client) -> list[Record]:
    (batch,) = poll_until(client, lambda poll: bool(poll.batches)).batches
    assert batch.start <= batch.records[0].offset
    assert batch.stop > batch.records[-1].offset
    return list(batch.records)


def test_records_come_from_where_they_are_read_from(
    cluster: Cluster, join: Callable[[], Client]
) -> None:
    for n in range(5):
        cluster.feed(1, b"k%d" % n, b"v%d" % n)
    client = join()
    assert assigned(client, 2) == {0, 1}
    assert not client.poll(0.5, 1000).batches
    assert client.range_of(1) == (0, 5)
    for offset in (3, 1):
        client.read_from(1, offset)
        records = records_of(client)
        assert [(r.partition, r.offset, r.key, r.value) for r in records] == [
            (1, n, b"k%d" % n, b"v%d" % n) for n in range(offset, 5)
        ]


def test_a_transaction_is_seen_whole_or_not_at_all(
    cluster: Cluster, join: Callable[[], Client]
) -> None:
    client = join()
    assigned(client, 2)
    assert client.committed(0) is None
    for end in (client.abort, client.commit, client.abort, client.commit):
        client.begin()
        client.send("output", 0, b"k", b"answer")
        client.send("changelog", 0, b"a", b"1")
        client.send("dead_letters", 0, None, b"bad", (("why", b"so"),))
        client.send_offsets({0: 7})
        end()
    assert client.committed(0) == 7
    assert client.committed(1) is None
    assert cluster.sent("output", 0) == [(b"k", b"answer")] * 2
    assert cluster.sent("dead_letters", 0) == [(None, b"bad")] * 2
    assert cluster.sent("output", 1) == []


def test_the_newest_value_of_each_key_counts(join: Callable[[], Client]) -> None:
    client = join()
    assigned(client, 2)
    assert client.read_changelog(1) == {}
    for pairs in ([(b"a", b"1"), (b"b", b"1")], [(b"b", None), (b"c", b"2"), (b"a", b"3")]):
        client.begin()
        for key, value in pairs:
            client.send("changelog", 1, key, value)
        client.send_offsets({1: 1})
        client.commit()
    assert client.read_changelog(1) == {b"a": b"3", b"c": b"2"}


def test_partitions_are_shared_and_go_to_those_who_stay(join: Callable[[], Client]) -> None:
    first, second = join(), join()
    mine = assigned(first, 2)
    theirs: set[int] = set()
    for _ in range(100):
        poll = first.poll(0.1, 10)
        mine = (mine - set(poll.revoked)) | set(poll.assigned)
        poll = second.poll(0.1, 10)
        theirs = (theirs - set(poll.revoked)) | set(poll.assigned)
        if len(mine) == len(theirs) == 1:
            break
    assert mine | theirs == {0, 1}
    second.close()
    assert set(poll_until(first, lambda poll: bool(poll.assigned)).assigned) == theirs


def test_one_that_was_taken_for_dead_cannot_commit(
    cluster: Cluster, join: Callable[[], Client]
) -> None:
    zombie = join()
    assigned(zombie, 2)
    zombie.begin()
    zombie.send("output", 0, None, b"late")
    silence(zombie)
    heir = join()
    assert assigned(heir, 2) == {0, 1}
    assert heir.committed(0) is None
    heir.begin()
    heir.send("output", 0, None, b"in time")
    heir.send_offsets({0: 1})
    heir.commit()
    with pytest.raises(AbortedError):
        zombie.send_offsets({0: 1})
    zombie.abort()
    assert heir.committed(0) == 1
    assert [value for _, value in cluster.sent("output", 0)] == [b"in time"]


def silence(client: Client) -> None:
    """Let the group take a member for dead."""
    if isinstance(client, MemoryClient):
        client._cluster.remove(client)
    else:
        # It leaves as the broker would make it leave, but does not know.
        consumer: Any = client._consumer  # type: ignore[attr-defined]
        consumer.close(autocommit=False)
