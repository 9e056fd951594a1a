"""A real Prometheus asks a running service on a real Kafka for all that is shown and alerted."""

import itertools
import json
import math
import re
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from kafka import KafkaProducer

from streamrnn.cli import main
from tests.deploy.expressions import without_thresholds
from tests.deploy.prometheus import Prometheus, promtool
from tests.deploy.test_alerts import ALERTS, RULES
from tests.deploy.test_dashboards import FILES, expressions, of_each_file, queries_of_variables

ROOT = Path(__file__).parent.parent.parent
DATA = ROOT / "examples" / "sensors" / "occupancy.csv"
BROKEN = [b"{", b'{"room": "office-0", "value": "warm"}', b'{"room": "office-0", "value": 1e200}']
CONFIGURATION = """
[app]
id = "{name}"
[input]
topic = "{name}-in"
key = "room"
[task]
kind = "forecast"
target = "value"
[model]
hidden = 4
[learn]
max_streams = 3
[output]
topic = "{name}-out"
[snapshots]
every = 100
[kafka]
bootstrap_servers = "{bootstrap}"
[metrics]
port = 0
streams = ["office-0", "office-1"]
"""
ON_STANDARD_INPUT = """
[app]
id = "{name}"
[output]
file = "{folder}/out.jsonl"
[snapshots]
directory = "{folder}/state"
every = 100
[metrics]
port = 0
[input]
file = "-"
{others}
"""
TEXT = """
[task]
kind = "text"
memory = 8
[model]
hidden = 4
"""
CLASSIFY = """
sequence = "words"
[task]
kind = "classify"
table = 1024
[model]
network = false
"""
COMPOSE = """
sequence = "notes"
steps = "items"
[task]
kind = "compose"
[model]
network = false
"""
TRANSCRIBE = """
sequence = "frames"
steps = "numbers"
[task]
kind = "transcribe"
table = 1024
[model]
hidden = 4
convolution = 0
[learn]
replay = 0
replay_updates = 1
"""
PIPED: dict[str, tuple[str, list[str]]] = {
    "text": (TEXT, ["job 1 is done", "job 2 is done"]),
    "classify": (
        CLASSIFY,
        ['{"words": "what a day", "label": "good"}', '{"words": "oh no", "label": "bad"}'],
    ),
    "transcribe": (
        TRANSCRIBE,
        ['{"frames": [[1], [0], [1]], "text": "a"}', '{"frames": [[0], [2], [0]], "text": "b"}'],
    ),
    "compose": (COMPOSE, ['{"notes": [[60, 64], [67]]}', '{"notes": [[59, 62], []]}']),
}
"""Applications on standard input, by name: what is configured, and the lines that come."""
SECONDS = 90

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def service(kafka: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a service of two partitions that real readings come to."""
    name = f"seen-{uuid4().hex[:8]}"
    path = tmp_path_factory.mktemp("service") / "service.toml"
    path.write_text(CONFIGURATION.format(name=name, bootstrap=kafka), encoding="utf-8")
    assert main(["topics", str(path), "--create", "--partitions", "2"]) == 0
    with fed(kafka, f"{name}-in"), running(path) as (address, _):
        yield address


@pytest.fixture(scope="module")
def piped_services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """Give the addresses of services that lines come to on standard input."""
    with ExitStack() as stack:
        yield [
            stack.enter_context(piped(name, tmp_path_factory.mktemp(name), others, lines))
            for name, (others, lines) in PIPED.items()
        ]


@contextmanager
def piped(name: str, folder: Path, others: str, lines: Sequence[str]) -> Iterator[str]:
    """Give the address of a service that lines come to, over and over."""
    path = folder / f"{name}.toml"
    text = ON_STANDARD_INPUT.format(name=name, folder=folder, others=others)
    path.write_text(text, encoding="utf-8")
    done = threading.Event()
    with running(path) as (address, process):

        def feed() -> None:
            for line in itertools.cycle(lines):
                print(line, file=process.stdin, flush=True)
                if done.wait(0.02):
                    break

        thread = threading.Thread(target=feed)
        thread.start()
        try:
            yield address
        finally:
            done.set()
            thread.join()


@contextmanager
def running(path: Path) -> "Iterator[tuple[str, subprocess.Popen[str]]]":
    """Give the address of a running configuration, and its process."""
    command = [sys.executable, "-m", "streamrnn", "run", str(path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr
        said = iter(process.stderr.readline, "")
        line = next((line for line in said if "metrics at" in line), "")
        found = re.search(r"http://([\d.:]+)/metrics", line)
        assert found, f"it ended: {process.wait()}"
        # What nobody reads would fill the pipe, and halt it.
        threading.Thread(target=lambda: list(said), daemon=True).start()
        yield found[1], process
        process.terminate()
        process.wait()


@contextmanager
def fed(bootstrap: str, topic: str) -> Iterator[None]:
    """Send readings of two offices and of rooms seen once, over and over, some of them broken."""
    lines = DATA.read_text(encoding="utf-8").splitlines()[1:]
    values = itertools.cycle(float(line.split(",")[1]) for line in lines)
    done = threading.Event()

    def feed() -> None:
        producer = KafkaProducer(bootstrap_servers=bootstrap)
        for number in itertools.count():
            # Rooms that are seen once make way for each other, never for these two.
            key = f"once-{number}" if number % 40 == 7 else f"office-{number % 2}"
            reading = json.dumps({"room": key, "value": next(values)}).encode()
            broken = number % 50 == 0
            value = BROKEN[number // 50 % len(BROKEN)] if broken else reading
            producer.send(topic, value, key.encode(), partition=number % 2)
            if done.wait(0.003):
                break
        producer.close()

    thread = threading.Thread(target=feed)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


@pytest.fixture(scope="module")
def prometheus(service: str, piped_services: list[str]) -> Iterator[Prometheus]:
    """Give a Prometheus that has looked at the services for a while."""
    with Prometheus([service, *piped_services], RULES) as running:
        until(
            lambda: running.value("min(increase(streamrnn_snapshots_total[10s])) > 0"),
            lambda found: len(found) > 0,
        )
        until(
            lambda: running.value("count(count_over_time(streamrnn_stream_upper[10s]) >= 8)"),
            lambda found: len(found) > 0 and float(found[0]["value"][1]) == 2,
        )
        grown = [
            f"max(increase(streamrnn_{name}_total[10s])) > 0"
            for name in ("text_bytes", "judged_labels", "judged_characters", "composed_steps")
        ]
        until(
            lambda: running.value(" and ".join(grown)),
            lambda found: len(found) > 0,
        )
        yield running


def until(look: Callable[[], Any], good: Callable[[Any], bool]) -> None:
    """Look again and again until it is good."""
    end = time.monotonic() + SECONDS
    while not good(seen := look()):
        assert time.monotonic() < end, seen
        time.sleep(0.5)


def numbers(prometheus: Prometheus, expression: str) -> list[float]:
    """Return an expression's values now, those that are numbers."""
    values = [float(series["value"][1]) for series in prometheus.value(expression)]
    return [value for value in values if math.isfinite(value)]


def as_all_are_chosen(expression: str) -> str:
    """Return a panel's expression as Grafana asks it where everything is chosen."""
    times = {"__rate_interval": "10s", "__range": "1m"}
    return re.sub(r"\$(\w+)", lambda name: times.get(name[1], ".+"), expression)


@of_each_file()
def test_each_panel_has_data(prometheus: Prometheus, path: Path) -> None:
    asked = [as_all_are_chosen(expression) for expression in expressions(path)]
    assert [expression for expression in asked if not numbers(prometheus, expression)] == []


def test_there_is_something_to_choose(prometheus: Prometheus) -> None:
    found: dict[str, set[str]] = {}
    for query in {query for path in FILES for query in queries_of_variables(path)}:
        asked = re.fullmatch(r"label_values\((.*), (\w+)\)", query)
        assert asked, query
        series = prometheus.series(as_all_are_chosen(asked[1]))
        found[asked[2]] = {labels[asked[2]] for labels in series}
    assert found["partition"] == {"0", "1"}
    assert found["key"] == {"office-0", "office-1"}
    assert {f"{app}-in" for app in found["app"] - PIPED.keys()} == found["topic"] - {"-"}


@pytest.mark.parametrize("name", ALERTS)
def test_each_part_of_an_alert_has_data(prometheus: Prometheus, name: str) -> None:
    asked = without_thresholds(ALERTS[name]["expr"])
    assert [part for part in asked if not numbers(prometheus, part)] == []


def test_rules_are_evaluated_and_a_service_that_is_well_fires_none(prometheus: Prometheus) -> None:
    rules = prometheus.rules()
    assert {rule["name"]: rule.get("lastError", "") for rule in rules} == dict.fromkeys(ALERTS, "")
    expected = {"StreamrnnDeadLetters"}
    assert {rule["name"] for rule in rules if rule["state"] == "firing"} <= expected


def test_metrics_are_named_and_told_as_prometheus_wants_them(
    service: str, prometheus: Prometheus
) -> None:
    # Only once all kinds of series are there.
    assert numbers(prometheus, "streamrnn_stream_anomaly")
    text = read(f"http://{service}/metrics")
    result = promtool("check", "metrics", given=text)
    assert (result.returncode, result.stdout) == (0, "")


def read(address: str) -> str:
    """Return a page."""
    with urllib.request.urlopen(address, timeout=10) as answer:
        return str(answer.read().decode())


def test_configuration_is_right(prometheus: Prometheus) -> None:
    result = promtool("check", "config", prometheus.configuration)
    assert result.returncode == 0, result.stdout
