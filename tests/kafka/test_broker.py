"""The broker that other tests rely on: it answers, keeps its data, and lets only its user in."""

import uuid
from collections.abc import Iterator

import pytest
from kafka import (
    KafkaAdminClient,
    KafkaConsumer,
    KafkaProducer,
    TopicPartition,
)
from kafka.errors import KafkaTimeoutError

from tests.kafka.broker import MECHANISMS, Broker


def round_trip(**client: object) -> bytes:
    """Write a record to a new topic and return what is read there."""
    topic = uuid.uuid4().hex
    create(topic, **client)
    write(topic, b"first", **client)
    return read(topic, 1, **client)[0]


def create(topic: str, **client: object) -> None:
    """Create a topic of one partition."""
    with KafkaAdminClient(**client) as admin:
        admin.create_topics({topic: {"num_partitions": 1}}, wait_for_metadata=True)


def write(topic: str, value: bytes, **client: object) -> None:
    """Write a record and wait until the broker has it."""
    with KafkaProducer(**client) as producer:
        producer.send(topic, value).get(10)


def read(topic: str, count: int, **client: object) -> list[bytes]:
    """Return the first records of a topic."""
    with KafkaConsumer(**client) as consumer:
        partition = TopicPartition(topic, 0)
        consumer.assign([partition])
        consumer.seek_to_beginning(partition)
        return [next(consumer).value for _ in range(count)]


@pytest.fixture(scope="module")
def secure(new_broker: type[Broker]) -> Iterator[Broker]:
    """Give a broker with every listener."""
    with new_broker(security=True, client_certificates="required") as broker:
        yield broker


def login(broker: Broker, protocol: str, mechanism: str) -> dict[str, object]:
    """Return what a client needs to enter by a mechanism."""
    return {
        "bootstrap_servers": broker.bootstrap_for(protocol),
        "security_protocol": protocol,
        "sasl_mechanism": mechanism,
        "sasl_plain_username": broker.user,
        "sasl_plain_password": broker.password,
        "ssl_cafile": str(broker.ca_file),
    }


def test_answers(kafka: str) -> None:
    assert round_trip(bootstrap_servers=kafka) == b"first"


def test_keeps_its_data_when_killed_and_started(broker: Broker) -> None:
    create("numbers", bootstrap_servers=broker.bootstrap)
    write("numbers", b"one", bootstrap_servers=broker.bootstrap)
    broker.kill()
    broker.start()
    write("numbers", b"two", bootstrap_servers=broker.bootstrap)
    assert read("numbers", 2, bootstrap_servers=broker.bootstrap) == [b"one", b"two"]


@pytest.mark.slow
@pytest.mark.parametrize("protocol", ["SASL_PLAINTEXT", "SASL_SSL"])
@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_lets_its_user_in(secure: Broker, protocol: str, mechanism: str) -> None:
    assert round_trip(**login(secure, protocol, mechanism)) == b"first"


@pytest.mark.slow
@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256"])
def test_refuses_a_wrong_password(secure: Broker, mechanism: str) -> None:
    wrong = login(secure, "SASL_SSL", mechanism) | {"sasl_plain_password": "wrong"}
    with pytest.raises(KafkaTimeoutError):
        KafkaAdminClient(**wrong, bootstrap_timeout_ms=500)


@pytest.mark.slow
def test_lets_its_own_certificate_in(secure: Broker) -> None:
    client = {
        "bootstrap_servers": secure.bootstrap_for("SSL"),
        "security_protocol": "SSL",
        "ssl_cafile": str(secure.ca_file),
    }
    certificate = {
        "ssl_certfile": str(secure.certificate_file),
        "ssl_keyfile": str(secure.key_file),
    }
    assert round_trip(**client, **certificate) == b"first"
    with pytest.raises(KafkaTimeoutError):
        KafkaAdminClient(**client, bootstrap_timeout_ms=500)
