"""Whole sequences on a real Kafka: labels that come later, workers that die, and compositions."""

import random
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing
from heapq import heappop, heappush
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from kafka import KafkaProducer

from streamrnn.build import connection_of
from streamrnn.cli import main
from streamrnn.configuration.load import load
from tests.kafka.checks import check_exactly_once, finish, newest_snapshot, records_of
from tests.kafka.soak_parts import Committed, WorkerProcess, soon
from tests.sequences import sequence

PARTITIONS = 2
SECONDS = 60.0
CONFIGURATION = """
[app]
id = "{name}"
[output]
topic = "{name}-out"
[kafka]
bootstrap_servers = "{kafka}"
session_timeout = 2
[input]
topic = "{name}-in"
sequence = "sequence"
"""
LABELLED = """
key = "id"
steps = "{steps}"
[task]
kind = "{kind}"
target = "target"
label_of = "id"
wait = 20
table = 1024
[model]
hidden = 3
[learn]
replay = 2
[snapshots]
every = 40
"""
COMPOSE = """
steps = "items"
[task]
kind = "compose"
[model]
network = false
[snapshots]
every = 1
"""
TUNES = {
    "a": [[60, 64, 67], [59, 62], [], [60, 64, 67]],
    "d": [[57, 60], [62], [57, 60, 64]],
}
"""By their keys, which the hash puts into the partitions 0 and 1."""

pytestmark = pytest.mark.slow


class Application:
    """An application of its own on the shared broker, with its input.

    Attributes:
        path: Of its configuration.
        configuration: What that says.
    """

    def __init__(self, folder: Path, kafka: str, others: str) -> None:
        name, self.path = f"sequences-{uuid4().hex[:8]}", folder / "sequences.toml"
        text = CONFIGURATION.format(name=name, kafka=kafka) + others
        self.path.write_text(text, encoding="utf-8")
        assert main(["topics", str(self.path), "--create", "--partitions", str(PARTITIONS)]) == 0
        self.configuration, self._fed = load(self.path), 0

    def feed(self, records: Iterable[tuple[str, bytes]]) -> None:
        """Send values by their keys: those of one key are in one partition."""
        producer = connection_of(self.configuration.kafka).make(KafkaProducer)
        with closing(producer):
            for key, value in records:
                producer.send(self.configuration.input.topic, value, key.encode())
                self._fed += 1

    def wait(self) -> None:
        """Wait until all that was sent is answered."""
        with closing(Committed(self.configuration, PARTITIONS)) as committed:
            assert soon(lambda: sum(committed()) == self._fed, SECONDS), (committed(), self._fed)

    def unsaved(self) -> int:
        """Return how many of the records are not in the newest snapshots."""
        saved = [newest_snapshot(self.configuration, number) for number in range(PARTITIONS)]
        return self._fed - sum(snapshot.offset for snapshot in saved if snapshot)

    def answers(self, topic: str | None) -> list[Any]:
        """Return the records of a topic of answers."""
        assert topic
        parts = range(PARTITIONS)
        return [record for n in parts for record in records_of(self.configuration, topic, n)]


def labelled(kind: str, steps: str, sequences: int) -> Iterator[tuple[str, bytes]]:
    """Yield the names of sequences with records of them: each comes before its label.

    Labels come at once, later or too late; some come twice, some for a sequence that never came.
    Some records are broken.
    """
    draw, due = random.Random(1), list[tuple[int, str, Any]]()
    for turn in range(sequences):
        name = f"s{turn}"
        value, label = sequence(kind, steps, draw)
        yield name, msgspec.json.encode({"id": name, "sequence": value})
        heappush(due, (turn + draw.choice([0, 3, 8, 60]), name, label))
        if draw.random() < 0.1:
            heappush(due, (turn, draw.choice([name, f"never-{turn}"]), label))
        if draw.random() < 0.1:
            nothing = "" if kind == "translate" else []
            empty = msgspec.json.encode({"id": name, "sequence": nothing})
            yield name, draw.choice([b"{broken", empty])
        while due and due[0][0] <= turn:
            _, name, label = heappop(due)
            yield name, msgspec.json.encode({"id": name, "target": label})


@pytest.mark.parametrize(
    ("kind", "steps"), [("classify", "words"), ("transcribe", "numbers"), ("translate", "words")]
)
def test_targets_that_come_later_are_learned_once_whichever_worker_dies(
    tmp_path: Path, kafka: str, kind: str, steps: str
) -> None:
    mine = Application(tmp_path, kafka, LABELLED.format(kind=kind, steps=steps))
    records, unsaved = list(labelled(kind, steps, 160)), 0
    parts = iter([records[begin : begin + 50] for begin in range(0, len(records), 50)])
    for number in range(3):
        worker = WorkerProcess(mine.path, tmp_path / f"{number}.log", seed=number)
        try:
            mine.feed(next(parts))
            mine.wait()
            unsaved += mine.unsaved()
            # It is to die in the transaction that answers what comes now.
            worker.process.send_signal(signal.SIGUSR1)
            mine.feed(next(parts))
            assert worker.process.wait(SECONDS) == -signal.SIGKILL
        finally:
            worker.kill()
    for part in parts:
        mine.feed(part)
    finish(mine.configuration, PARTITIONS)
    assert check_exactly_once(mine.configuration, PARTITIONS, tmp_path / "whole") == len(records)
    # There was something to check: all kinds of answers, and what had to be learned again.
    letters = mine.answers(mine.configuration.dead_letters_topic)
    reasons = {dict(letter.headers)["streamrnn.error"] for letter in letters}
    assert reasons == {b"late", b"empty", b"malformed"}
    answers = mine.answers(mine.configuration.output.topic)
    assert sum(b'"label_of"' in answer.value for answer in answers) > 100
    assert unsaved > 0


def test_each_partition_composes_what_it_heard_while_the_service_runs(
    tmp_path: Path, kafka: str, capsys: pytest.CaptureFixture[str]
) -> None:
    # With a snapshot in each commit, what is answered is also in the newest one.
    mine = Application(tmp_path, kafka, COMPOSE)
    for key, tune in TUNES.items():
        mine.feed([(key, msgspec.json.encode({"sequence": tune}))] * 40)
    command = [sys.executable, "-m", "streamrnn", "run", str(mine.path)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as service:
        try:
            mine.wait()
            written = []
            for number in range(PARTITIONS):
                capsys.readouterr()
                options = ["--partition", str(number), "--temperature", "0"]
                assert main(["generate", str(mine.path), *options]) == 0
                lines = capsys.readouterr().out.splitlines()
                written.append([msgspec.json.decode(line) for line in lines])
            assert service.poll() is None
        finally:
            service.terminate()
    assert service.returncode == 0
    assert written == list(TUNES.values())
