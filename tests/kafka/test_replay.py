"""Files go to topics of a real Kafka, and the demonstration learns from one."""

import signal
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest
from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition

from streamrnn.cli import main

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def topic(kafka: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Give a new topic of three partitions, and the cluster's address to the commands."""
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", kafka)
    name = f"replay-{uuid4().hex}"
    with KafkaAdminClient(bootstrap_servers=kafka) as admin:
        admin.create_topics({name: {"num_partitions": 3}}, wait_for_metadata=True)
    return name


def read(kafka: str, topic: str) -> dict[int, list[tuple[bytes | None, bytes]]]:
    """Return the committed keys and values of each partition."""
    with KafkaConsumer(
        bootstrap_servers=kafka, auto_offset_reset="earliest", isolation_level="read_committed"
    ) as consumer:
        places = [TopicPartition(topic, n) for n in consumer.partitions_for_topic(topic)]
        consumer.assign(places)
        ends = consumer.end_offsets(places)
        found: dict[int, list[tuple[bytes | None, bytes]]] = defaultdict(list)
        while any(consumer.position(place) < ends[place] for place in places):
            for place, records in consumer.poll(timeout_ms=100).items():
                found[place.partition] += [(record.key, record.value) for record in records]
    return dict(found)


def test_all_rows_arrive_in_order_in_the_partition_of_their_key(
    kafka: str, topic: str, tmp_path: Path
) -> None:
    rows = "".join(f"p{n % 7},{n}\n" for n in range(2000))
    (tmp_path / "in.csv").write_text("pump,flow\n" + rows, encoding="utf-8")
    assert main(["replay", str(tmp_path / "in.csv"), "--topic", topic, "--key", "pump"]) == 0
    partitions = read(kafka, topic)
    of_key: dict[bytes | None, list[int]] = defaultdict(list)
    where = defaultdict(set)
    for partition, records in partitions.items():
        for key, value in records:
            of_key[key].append(msgspec.json.decode(value)["flow"])
            where[key].add(partition)
    assert of_key == {f"p{n}".encode(): list(range(n, 2000, 7)) for n in range(7)}
    assert all(len(places) == 1 for places in where.values())


def test_without_a_key_each_partition_has_its_turn(
    kafka: str, topic: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "in.txt").write_text("".join(f"{n}\n" for n in range(30)), encoding="utf-8")
    arguments = ["--topic", topic, "--rate", "1000", "--bootstrap-servers", kafka]
    assert main(["replay", str(tmp_path / "in.txt"), *arguments]) == 0
    assert read(kafka, topic) == {
        start: [(None, str(n).encode()) for n in range(start, 30, 3)] for start in range(3)
    }
    assert f"{topic}: 30 records in " in capsys.readouterr().err


def test_a_topic_that_is_missing_is_a_clear_error(
    topic: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "in.txt").write_text("one\n", encoding="utf-8")
    assert main(["replay", str(tmp_path / "in.txt"), "--topic", topic[:-1]]) == 2
    printed = capsys.readouterr().err
    assert f"did you mean {topic!r}?" in printed
    assert "streamrnn topics CONFIG --create" in printed
    assert len(printed.splitlines()) == 1


def test_a_record_that_is_refused_is_an_error_with_its_line(
    topic: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    large = "a" * 2_000_000
    (tmp_path / "in.txt").write_text(f"one\n\n{large}\nfour\n", encoding="utf-8")
    assert main(["replay", str(tmp_path / "in.txt"), "--topic", topic]) == 2
    printed = capsys.readouterr().err
    assert f"line 3: kafka: topic {topic!r} did not take the record" in printed
    assert "max.message.bytes" in printed


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_a_signal_ends_a_replay_with_all_that_was_sent(
    kafka: str, topic: str, tmp_path: Path, number: int, code: int
) -> None:
    (tmp_path / "in.jsonl").write_text('{"flow": 1}\n{"flow": 2}\n', encoding="utf-8")
    options = [str(tmp_path / "in.jsonl"), "--topic", topic, "--rate", "200", "--repeat"]
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "services" / "replayer"), *options], stderr=subprocess.PIPE
    )
    while not read(kafka, topic):
        time.sleep(0.05)
    process.send_signal(number)
    _, errors = process.communicate()
    arrived = sum(map(len, read(kafka, topic).values()))
    assert process.returncode == code
    assert errors.decode().startswith(f"{topic}: {arrived:,} records in ")


def test_the_demonstration_answers_each_record_once_again_and_again(
    kafka: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    for _ in range(2):
        assert main(["demo", "--kafka", kafka]) == 0
        printed = capsys.readouterr().out
        (row,) = [line for line in printed.splitlines() if "LSTM" in line and "│" in line]
        assert float(row.split("│")[3]) < 1.0
        (answers,) = read(kafka, "streamrnn-demo-predictions").values()
        offsets = [msgspec.json.decode(value)["offset"] for _, value in answers]
        assert offsets == list(range(1268))
    assert main(["check", "streamrnn-demo/kafka.toml"]) == 0


def test_the_learner_goes_on_from_the_demonstration(
    kafka: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["demo", "--kafka", kafka]) == 0
    monkeypatch.setenv("STREAMRNN_CONFIG", "streamrnn-demo/kafka.toml")
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "services" / "learner")], stderr=subprocess.PIPE
    )
    assert process.stderr is not None
    lines = iter(process.stderr.readline, b"")
    assert any(b"running: offset 1268" in line for line in lines)
    process.send_signal(signal.SIGTERM)
    process.communicate()
    assert process.returncode == 0
