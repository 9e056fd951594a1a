"""Exactly once on Apache Kafka, in short: aborts, and a worker that ends without a snapshot."""

from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any, cast
from uuid import uuid4

import pytest
from kafka import KafkaProducer, TopicPartition
from msgspec.structs import replace

from streamrnn.build import administrator_of, build, connection_of, kafka_client_of
from streamrnn.configuration import Configuration, parse
from streamrnn.transports.base import AbortedError, Batch
from streamrnn.transports.kafka.client import KafkaClient
from streamrnn.worker import Worker
from tests.kafka.checks import check_exactly_once, finish
from tests.kafka.soak_worker import disturbed
from tests.streams import feed

PARTITIONS = 2
RECORDS = 600


@pytest.fixture
def configuration(kafka: str) -> Configuration:
    """Return an application of its own on the shared broker, with its input."""
    name = f"once-{uuid4().hex[:8]}"
    document: dict[str, Any] = {
        "app": {"id": name},
        "input": {"topic": f"{name}-sensors", "key": "pump", "features": ["vibration"]},
        "task": {"kind": "forecast", "target": "temperature", "horizon": 2},
        "model": {"hidden": 4},
        "learn": {"window": 4, "stride": 2},
        "output": {"topic": f"{name}-predictions"},
        "snapshots": {"every": 100},
        "kafka": {"bootstrap_servers": kafka, "commit_interval": 0.0, "session_timeout": 2.0},
    }
    configuration = parse(document, "test")
    administrator = administrator_of(configuration)
    administrator.create(PARTITIONS, 1)
    administrator.close()
    producer = connection_of(configuration.kafka).make(KafkaProducer)
    for partition in range(PARTITIONS):
        for key, value in feed(RECORDS, seed=partition):
            if value is not None:
                producer.send(f"{name}-sensors", value, key, partition=partition)
    producer.close()
    return configuration


def disturbed_worker(configuration: Configuration, seed: int) -> Worker:
    client = disturbed(kafka_client_of(configuration), Random(seed), every=5)
    worker = build(configuration, client=client)
    # Few records a turn, so that there are many transactions.
    worker._most = 25
    worker._pace = lambda records, seconds: None  # type: ignore[method-assign]
    return worker


def test_aborts_and_a_crash_leave_no_trace(configuration: Configuration, tmp_path: Path) -> None:
    for seed, until in ((1, 150), (2, 350)):
        worker = disturbed_worker(configuration, seed)
        reached: dict[int, int] = {}
        while len(reached) < PARTITIONS or min(reached.values()) < until:
            worker.turn()
            reached |= {number: p.offset for number, p in worker.processors.items()}
        worker.transport.close()
    finish(configuration, PARTITIONS)
    answered = check_exactly_once(configuration, PARTITIONS, tmp_path)
    assert answered > 1100


def test_offsets_that_were_refused_are_not_committed_later(configuration: Configuration) -> None:
    # As long a session as no slow machine lets end: what is refused here is so for its generation.
    patient = replace(configuration, kafka=replace(configuration.kafka, session_timeout=60.0))
    client = cast(KafkaClient, kafka_client_of(patient))
    try:
        assigned: set[int] = set()
        while len(assigned) < PARTITIONS:
            assigned.update(client.poll(0.2, 1).assigned)
        current = client._membership
        # As after a rebalance: partition 0 went to another worker before it could be committed.
        client._membership = current._replace(generation_id=current.generation_id - 1)
        client.begin()
        with pytest.raises(AbortedError, match="CommitFailedError"):
            client.send_offsets({0: 5})
        client.abort()
        client._membership = current
        client.begin()
        client.send_offsets({1: 7})
        client.commit()
        assert client.committed(1) == 7
        assert client.committed(0) is None
    finally:
        client.close()


def test_a_partition_that_was_held_is_read_on_beside_another(configuration: Configuration) -> None:
    client = cast(KafkaClient, kafka_client_of(configuration))
    try:
        assigned: set[int] = set()
        while len(assigned) < PARTITIONS:
            assigned.update(client.poll(0.2, 1).assigned)
        for partition in assigned:
            client.read_from(partition, 0)
        batches: Sequence[Batch] = ()
        while not batches:
            batches = client.poll(0.2, 5).batches
        # As after a rebalance: it is held while some of its records are fetched and not yet polled.
        held = batches[0].partition
        client._rebalances.hold(TopicPartition(configuration.input.topic, held))
        client.poll(1.0, 5)
        client.read_from(held, 100)
        # What has been fetched of the other comes first.
        later = [batch for _ in range(RECORDS // 5) for batch in client.poll(0.1, 5).batches]
        assert [b.start for b in later if b.partition == held][:1] == [100]
    finally:
        client.close()
