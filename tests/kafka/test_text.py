"""Text on a real Kafka: each line answered once through a kill, and written on meanwhile."""

import signal
import subprocess
import sys
import time
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest
from kafka import KafkaConsumer, TopicPartition

from streamrnn.build import build
from streamrnn.cli import main
from tests.streams import text_configuration, write_log

LINES = 1500
CONFIGURATION = """
[app]
id = "{name}"
[input]
topic = "{name}-in"
[task]
kind = "text"
memory = 8
spans = true
longest_record = 300
[model]
hidden = 4
embedding = 2
[output]
topic = "{name}-out"
[snapshots]
every = 200
[kafka]
bootstrap_servers = "{kafka}"
session_timeout = 2
"""


def answers(kafka: str, topic: str) -> list[bytes]:
    """Return the committed records of a topic's only partition."""
    consumer = KafkaConsumer(bootstrap_servers=kafka, isolation_level="read_committed")
    place, found = TopicPartition(topic, 0), []
    consumer.assign([place])
    consumer.seek_to_beginning(place)
    end = consumer.end_offsets([place])[place]
    while consumer.position(place) < end:
        for record in consumer.poll(timeout_ms=100).get(place, ()):
            found.append(record.value)
    consumer.close()
    return found


@pytest.mark.slow
def test_lines_are_answered_once_and_as_on_files_and_written_on(
    tmp_path: Path, kafka: str, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    write_log(tmp_path / "in.log", LINES)
    build(text_configuration(tmp_path)).run()
    expected = (tmp_path / "out.jsonl").read_bytes().splitlines()
    name = f"text-{uuid4().hex[:8]}"
    path = tmp_path / "text.toml"
    path.write_text(CONFIGURATION.format(name=name, kafka=kafka), encoding="utf-8")
    assert main(["topics", str(path), "--create", "--partitions", "1"]) == 0
    feed = ["replay", str(tmp_path / "in.log"), "--topic", f"{name}-in", "--rate", "300"]
    command = [sys.executable, "-m", "streamrnn"]
    feeding = subprocess.Popen([*command, *feed, "--bootstrap-servers", kafka])
    learning = None
    try:
        for least in (300, 800, len(expected)):
            learning = subprocess.Popen(
                [*command, "run", str(path)], stderr=subprocess.PIPE, text=True
            )
            assert learning.stderr
            # A signal that comes before it listens would end it at once.
            assert next(line for line in learning.stderr if "0: running" in line)
            until = time.monotonic() + 300
            while len(answers(kafka, f"{name}-out")) < least:
                assert time.monotonic() < until
                time.sleep(0.2)
            if least < len(expected):
                learning.kill()
                learning.communicate()
        capfdbinary.readouterr()
        assert main(["generate", str(path), "--length", "40", "--seed", "3"]) == 0
        assert len(capfdbinary.readouterr().out) == 40
        assert learning
        assert learning.poll() is None
        learning.send_signal(signal.SIGTERM)
        learning.communicate()
        assert learning.returncode == 0
    finally:
        for process in (feeding, learning):
            if process and process.poll() is None:
                process.kill()
                process.communicate()
    found = answers(kafka, f"{name}-out")
    assert [msgspec.json.decode(one) for one in found] == [
        msgspec.json.decode(one) for one in expected
    ]
    dead = (tmp_path / "out.jsonl.dead.jsonl").read_bytes().splitlines()
    assert len(answers(kafka, f"{name}-dead-letters")) == len(dead)
    assert len(found) + len(dead) == LINES
