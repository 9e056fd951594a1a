"""The service as an operator meets it: commands, health, signals, on a real Kafka."""

import json
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition

from streamrnn.cli import main
from tests.kafka.broker import Broker

CONFIGURATION = """
[app]
id = "{name}"
[input]
topic = "{name}-in"
[task]
kind = "forecast"
target = "value"
[model]
hidden = 4
[output]
topic = "{name}-out"
[kafka]
bootstrap_servers = "{bootstrap}"
session_timeout = 2
[metrics]
port = 0
"""


class Application:
    """An application of its own name on a cluster, and its running service."""

    def __init__(self, folder: Path, bootstrap: str) -> None:
        self.name, self.bootstrap = f"service-{uuid4().hex[:8]}", bootstrap
        self.path = str(folder / "service.toml")
        text = CONFIGURATION.format(name=self.name, bootstrap=bootstrap)
        Path(self.path).write_text(text, encoding="utf-8")
        self.process: subprocess.Popen[str] | None = None
        self.address = ""

    def create(self, *options: str) -> int:
        return main(["topics", self.path, "--create", *options])

    def start(self, *options: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "streamrnn", "run", self.path, *options],
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stderr
        message = str(msgspec.json.decode(self.process.stderr.readline())["message"])
        assert message.startswith("metrics at "), message
        self.address = message.split()[-1].removesuffix("/metrics")

    def stop(self, number: int = signal.SIGTERM) -> int:
        assert self.process
        self.process.send_signal(number)
        self.process.communicate()
        return self.process.returncode

    def ask(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(self.address + path, timeout=5) as answer:
                return int(answer.status), answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def wait_for(self, path: str, status: int) -> str:
        answer: tuple[int, str] = until(lambda: self.ask(path), lambda seen: seen[0] == status)
        return answer[1]

    def feed(self, records: int, partition: int = 0) -> None:
        producer = KafkaProducer(bootstrap_servers=self.bootstrap)
        for n in range(records):
            value = json.dumps({"value": n % 7}).encode()
            producer.send(f"{self.name}-in", value, b"k", partition=partition)
        producer.flush()
        producer.close()

    def predictions(self, records: int, partition: int = 0) -> list[dict[str, Any]]:
        """Return the predictions once there are so many."""
        reader = KafkaConsumer(
            bootstrap_servers=self.bootstrap,
            isolation_level="read_committed",
            auto_offset_reset="earliest",
        )
        place = TopicPartition(f"{self.name}-out", partition)
        reader.assign([place])
        found: list[dict[str, Any]] = []

        def read() -> int:
            taken = reader.poll(timeout_ms=200).get(place, [])
            found.extend(json.loads(record.value) for record in taken)
            return len(found)

        until(read, lambda count: count >= records)
        reader.close()
        return found


def until(look: Callable[[], Any], good: Callable[[Any], bool]) -> Any:
    """Look again and again until it is good; what takes a minute never comes."""
    end = time.monotonic() + 60
    while not good(seen := look()):
        assert time.monotonic() < end, seen
        time.sleep(0.1)
    return seen


@pytest.fixture
def application(tmp_path: Path, kafka: str) -> Iterator[Application]:
    made = Application(tmp_path, kafka)
    yield made
    if made.process and made.process.poll() is None:
        made.process.kill()
        made.process.communicate()


def test_topics_are_shown_and_made(
    application: Application, capsys: pytest.CaptureFixture[str]
) -> None:
    name = application.name
    assert main(["topics", application.path]) == 1
    assert capsys.readouterr().out.count("missing") == 4
    assert application.create("--partitions", "3") == 0
    assert capsys.readouterr().out.count("3 partitions") == 4
    assert application.create("--partitions", "2") == 2
    assert f"topic '{name}-in' has 3 already, got 2" in capsys.readouterr().err


def test_run_says_what_makes_a_topic_that_is_missing(
    application: Application, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", application.path]) == 2
    assert f"streamrnn topics {application.path} --create" in capsys.readouterr().err


def test_run_refuses_topics_that_do_not_fit_and_makes_those_within(
    application: Application, capsys: pytest.CaptureFixture[str]
) -> None:
    administrator = KafkaAdminClient(bootstrap_servers=application.bootstrap)
    name = application.name
    partitions = {f"{name}-in": {"num_partitions": 2}, f"{name}-out": {"num_partitions": 3}}
    administrator.create_topics(partitions, wait_for_metadata=True)
    administrator.close()
    assert main(["run", application.path]) == 2
    assert f"expected equal numbers of partitions, got {name}-in: 2" in capsys.readouterr().err
    assert main(["topics", application.path]) == 0
    assert capsys.readouterr().out.count("2 partitions") == 3


def test_it_serves_stops_at_a_signal_and_goes_on(
    application: Application, capsys: pytest.CaptureFixture[str]
) -> None:
    application.create()
    application.feed(50)
    application.start()
    assert '"good": true' in application.wait_for("/readyz", 200)
    application.predictions(50)
    assert application.ask("/healthz")[0] == 200
    served = application.ask("/metrics")[1].splitlines()
    counts = [line.split()[1] for line in served if line.startswith("streamrnn_predictions_total")]
    assert sum(map(float, counts)) == 50
    assert application.stop() == 0
    application.feed(25)
    application.start("--set", "learn.enabled=false")
    found = application.predictions(75)
    assert [p["offset"] for p in found] == list(range(75))
    # Fifty records of one stream, of which the first teaches nothing yet.
    assert [p["step"] for p in found[50:]] == [49] * 25
    assert application.stop(signal.SIGINT) == 130
    assert main(["run", application.path, "--set", "model.cell=gru"]) == 2
    assert "model.cell: 'lstm' in the snapshot, 'gru' in the config" in capsys.readouterr().err


def test_reset_starts_over_once_all_workers_are_stopped(
    application: Application, capsys: pytest.CaptureFixture[str]
) -> None:
    application.create()
    application.feed(20)
    application.start()
    application.predictions(20)
    assert main(["reset", application.path]) == 2
    assert "1 workers of group" in capsys.readouterr().err
    application.stop()
    assert main(["reset", application.path]) == 0
    application.start("--set", "model.cell=gru")
    found = application.predictions(40)
    assert [p["offset"] for p in found] == [*range(20), *range(20)]
    assert application.stop() == 0


def test_input_that_retention_removed_stops_it_or_is_skipped(
    application: Application, capsys: pytest.CaptureFixture[str]
) -> None:
    application.create()
    application.feed(50)
    application.start()
    application.predictions(50)
    application.stop(signal.SIGKILL)
    administrator = KafkaAdminClient(bootstrap_servers=application.bootstrap)
    administrator.delete_records({TopicPartition(f"{application.name}-in", 0): 30})
    administrator.close()
    assert main(["run", application.path]) == 2
    error = capsys.readouterr().err
    assert "from offset 0 to 29 are no longer in topic" in error
    assert "(0 of them have no answer)" in error
    application.feed(10)
    application.start("--set", "kafka.on_lost_input=skip")
    assert [p["offset"] for p in application.predictions(60)] == list(range(60))
    assert application.stop() == 0


@pytest.mark.slow
def test_without_a_broker_it_is_not_ready_lives_on_and_loses_nothing(
    tmp_path: Path, broker: Broker
) -> None:
    application = Application(tmp_path, broker.bootstrap)
    application.create()
    application.feed(30)
    application.start()
    application.predictions(30)
    application.wait_for("/readyz", 200)
    broker.kill()
    assert "the brokers do not answer" in application.wait_for("/readyz", 503)
    assert application.ask("/healthz")[0] == 200
    broker.start()
    application.wait_for("/readyz", 200)
    application.feed(30)
    found = application.predictions(60)
    assert [p["offset"] for p in found] == list(range(60))
    assert application.stop() == 0


@pytest.mark.slow
def test_a_stop_has_a_limit_where_the_broker_is_gone(tmp_path: Path, broker: Broker) -> None:
    application = Application(tmp_path, broker.bootstrap)
    application.create()
    application.feed(30)
    application.start()
    application.predictions(30)
    broker.kill()
    application.wait_for("/readyz", 503)
    started = time.monotonic()
    code = application.stop()
    # A pod is killed after thirty seconds.
    assert time.monotonic() - started < 30
    assert code in (0, 1)
