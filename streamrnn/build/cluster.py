"""How a cluster is reached; kafka-python is imported only where a topic is used."""

from typing import TYPE_CHECKING
from uuid import uuid4

from streamrnn.configuration import Configuration
from streamrnn.configuration.schema import Kafka
from streamrnn.transports.client import Client, Topic

if TYPE_CHECKING:
    from streamrnn.transports.kafka.connection import Connection
    from streamrnn.transports.kafka.topics import TopicAdministrator, Topics


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
