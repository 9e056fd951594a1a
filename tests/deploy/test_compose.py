"""The compose file is right, and its services do together what it says."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from streamrnn.configuration import load
from tests.deploy.dockerfile import stages_of
from tests.deploy.engine import Engine, require, until
from tests.deploy.image import DOCKERFILE, ROOT, Image
from tests.deploy.stack import COMPOSE, SERVICES, Stack, mounts_of
from tests.kafka.broker import POM

LEARNER = ROOT / "deploy" / "compose" / "learner.toml"
CACHED = "find {} -type f -printf '%p %s %T@\\n' | sort"


def option(name: str, command: list[str]) -> str:
    """Return an option's value."""
    (value,) = [word.partition("=")[2] for word in command if word.startswith(f"--{name}=")]
    return value


def test_it_is_what_the_compose_specification_allows() -> None:
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    subprocess.run([*check, str(ROOT / "docker-compose.yml")], check=True)


@pytest.mark.parametrize("name", SERVICES)
def test_each_service_can_do_no_more_than_it_must(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["user"].split(":")[0] not in ("", "0", "root")
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))
    assert not {"privileged", "network_mode", "pid", "ipc", "cap_add"} & set(service)


@pytest.mark.parametrize("name", SERVICES)
def test_each_image_is_pinned_and_each_mount_is_known(name: str) -> None:
    service = SERVICES[name]
    tag = service["image"].partition(":")[2]
    assert re.fullmatch(r"v?\d+\.\d+\.\d+", tag) or (tag == "local" and service["build"] == ".")
    for mount in mounts_of(service):
        if mount.source.startswith("."):
            assert (ROOT / mount.source).exists(), mount.source
            assert mount.read_only
        else:
            assert mount.source in COMPOSE["volumes"]


def test_each_base_of_the_image_is_pinned() -> None:
    assert {stage.base for stage in stages_of(DOCKERFILE)} == {"python:3.11.13-slim-bookworm"}


def test_whoever_is_waited_for_says_that_it_is_well() -> None:
    for service in SERVICES.values():
        for other, how in service.get("depends_on", {}).items():
            if how["condition"] == "service_healthy":
                assert "test" in SERVICES[other]["healthcheck"]
            else:
                assert how["condition"] == "service_completed_successfully"
                assert SERVICES[other]["restart"] != "unless-stopped"


def test_kafka_is_the_one_that_all_tests_run() -> None:
    names = {"": "http://maven.apache.org/POM/4.0.0"}
    version = ElementTree.parse(POM).findtext("dependencies/dependency/version", None, names)
    assert SERVICES["kafka"]["image"] == f"apache/kafka:{version}"


def test_there_is_a_port_for_a_learner_of_each_partition() -> None:
    partitions = int(SERVICES["topics"]["command"][-1])
    (ports,) = SERVICES["learner"]["ports"]
    first, last = map(int, ports.split(":")[1].split("-"))
    assert last - first + 1 == partitions


def test_what_is_replayed_is_what_is_learned() -> None:
    image = {"STREAMRNN_METRICS__PORT": "9464"}
    configuration, command = load(LEARNER, environment=image), SERVICES["replayer"]["command"]
    assert option("topic", command) == configuration.input.topic
    assert option("key", command) == configuration.input.key
    (data,) = [m for m in mounts_of(SERVICES["replayer"]) if m.target == "/data"]
    file = ROOT / data.source / Path(command[2]).relative_to(data.target)
    header = file.read_text(encoding="utf-8").splitlines()[0].split(",")
    read = configuration.input.time, configuration.input.key, configuration.task.target
    assert tuple(header) == read


READ = """
import sys
from kafka import KafkaConsumer
reader = KafkaConsumer(
    "predictions",
    bootstrap_servers="localhost:9094",
    isolation_level="read_committed",
    auto_offset_reset="earliest",
)
seen = []
for record, _ in zip(reader, range(20_000)):
    print(record.value.decode())
    seen.append(record.key)
    # Partitions come in no order, so that one sensor may be far ahead of another.
    if len(seen) >= 200 and len(set(seen)) == 4:
        break
"""


class Running:
    """The services, all up, on a network of their own."""

    def __init__(self, engine: Engine, stack: Stack) -> None:
        self.engine, self.stack = engine, stack
        self.names = stack.serve_names()
        self.kafka = stack.start("kafka")
        self.topics = stack.start("topics")
        assert self.topics.wait() == 0, self.topics.said
        self.replayer = stack.start("replayer")
        # The volume is made, and filled from the image.
        self.stack.container("learner")
        self.kernels = self.cached()
        self.learner = stack.start("learner")
        self.prometheus = stack.start("prometheus")

    def cached(self) -> str:
        """Return what lies in the volume of kernels, with sizes and time stamps."""
        folder = self.stack.container("learner").binds["/var/cache/streamrnn"][0]
        return subprocess.check_output(["sh", "-c", CACHED.format(folder)], text=True)

    def first(self, expression: str) -> Any:
        """Return the first answer of Prometheus that is not empty."""
        return until(lambda: self.engine.query(expression), self.prometheus)


@pytest.fixture(scope="module")
def running(engine: Engine, image: Image, tmp_path_factory: pytest.TempPathFactory) -> Running:
    """Start all services but Grafana in the order in which they wait for each other."""
    require("java", "prometheus")
    return Running(engine, Stack(engine, image, tmp_path_factory.mktemp("volumes")))


@pytest.mark.slow
def test_the_topics_are_made_as_the_services_need_them(running: Running) -> None:
    assert re.findall(r"(\S+) +3 partitions", running.topics.said) == [
        "readings",
        "predictions",
        "office-dead-letters",
        "office-changelog",
    ]
    # At each start of all, it runs again.
    again = running.stack.start("topics")
    assert again.wait() == 0, again.said


@pytest.mark.slow
def test_predictions_of_all_sensors_arrive_at_a_reader_outside(
    running: Running, engine: Engine
) -> None:
    reader = running.stack.beside([sys.executable, "-c", READ])
    assert reader.wait() == 0, reader.said
    predictions = [json.loads(line) for line in reader.said.splitlines()]
    assert {one["key"] for one in predictions} == {"temperature", "humidity", "light", "co2"}
    assert max(one["step"] for one in predictions) > 10
    assert not running.replayer.ended


@pytest.mark.slow
def test_the_learner_says_how_it_is(running: Running, engine: Engine) -> None:
    ready = until(lambda: engine.answered("http://127.0.0.1:9464/readyz"), running.learner)
    assert json.loads(ready)["partitions"] == {str(n): "running" for n in range(3)}
    assert b"streamrnn_predictions_total{" in engine.ask("http://127.0.0.1:9464/metrics")
    assert b"<title>" in engine.ask("http://127.0.0.1:9464/")


@pytest.mark.slow
def test_prometheus_finds_each_learner_by_its_name_and_sees_what_it_learns(
    running: Running, engine: Engine
) -> None:
    rules = json.loads(engine.ask("http://127.0.0.1:9090/api/v1/rules"))
    assert rules["data"]["groups"]
    assert running.first('up{job="streamrnn"} == 1')
    assert len(running.first("rate(streamrnn_predictions_total[15s]) > 0")) == 3
    assert {one["metric"]["key"] for one in running.first("streamrnn_stream_forecast")} == {
        "temperature",
        "humidity",
        "light",
        "co2",
    }


@pytest.mark.slow
def test_a_learner_starts_with_the_kernels_of_the_image_and_stops_in_order(
    running: Running,
) -> None:
    assert running.kernels.count(".nbc") > 20
    assert running.cached() == running.kernels
    assert running.learner.stop() == 0
    assert running.replayer.stop() == 0
    assert "readings: " in running.replayer.said
