"""The whole path on files: one answer a record, and the same bytes through any restart."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

from streamrnn.build import build
from streamrnn.errors import ConfigurationError, SnapshotError
from streamrnn.transports import lines
from tests import sequences
from tests.streams import configuration, text_configuration, write_log, write_sensors

SCRIPT = """
import sys
from pathlib import Path
from streamrnn.build import build
from streamrnn.transports import lines
from tests.streams import configuration
build(configuration(Path(sys.argv[1]), every=int(sys.argv[2]))).run()
"""
OUTPUTS = ("out.jsonl", "out.jsonl.dead.jsonl")


def outputs(folder: Path) -> list[bytes]:
    return [(folder / name).read_bytes() for name in OUTPUTS]


def whole_run(folder: Path, records: int, **settings: Any) -> list[bytes]:
    """Return the outputs of an uninterrupted run."""
    folder.mkdir()
    write_sensors(folder / "in.csv", records)
    build(configuration(folder, **settings)).run()
    return outputs(folder)


def test_every_record_has_exactly_one_answer(tmp_path: Path) -> None:
    predictions, dead = whole_run(tmp_path / "a", 1500)
    read = (tmp_path / "a" / "in.csv").read_text(encoding="utf-8").splitlines()[1:]
    records = [line for line in read if line.strip()]
    answers = [
        msgspec.json.decode(line)
        for line in [*predictions.split(b"\n"), *dead.split(b"\n")]
        if line
    ]
    assert sorted(answer["offset"] for answer in answers) == list(range(len(records)))
    letters = [msgspec.json.decode(line) for line in dead.split(b"\n") if line]
    assert {letter["reason"] for letter in letters} == {"type", "range", "malformed", "missing"}
    for letter in letters:
        assert letter["value"] == records[letter["offset"]]


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"model": {"cell": "gru", "norm": True, "layers": 2}},
        {"model": {"weights": "own"}, "max_streams": 2},
        {"optimizer": "sgd", "schedule": "exponential", "stride": 4},
    ],
)
def test_it_starts_again_where_it_stopped_and_takes_up_what_was_added(
    tmp_path: Path, settings: dict[str, Any]
) -> None:
    expected = whole_run(tmp_path / "whole", 1200, **settings)
    folder = tmp_path / "parts"
    folder.mkdir()
    content = (tmp_path / "whole" / "in.csv").read_bytes().splitlines(keepends=True)
    for end in (1, 2, 500, 501, len(content)):
        (folder / "in.csv").write_bytes(b"".join(content[:end]))
        build(configuration(folder, **settings)).run()
    assert outputs(folder) == expected


@pytest.mark.parametrize("every", [1, 350])
def test_a_crash_between_any_two_commits_is_not_seen(
    tmp_path: Path, every: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The files are left as a crash would leave them: answers written after the last snapshot."""
    monkeypatch.setattr(lines, "CHUNK", 3000)
    expected = whole_run(tmp_path / "whole", 1000)
    folder = tmp_path / "crashed"
    folder.mkdir()
    (folder / "in.csv").write_bytes((tmp_path / "whole" / "in.csv").read_bytes())
    for batches in range(1, 6):
        worker = build(configuration(folder, every=every))
        for _ in range(batches):
            worker.turn()
        worker.transport.close()
        with (folder / "out.jsonl").open("ab") as file:
            file.write(b'{"key": "half a li')
    build(configuration(folder)).run()
    assert outputs(folder) == expected


def test_lines_of_text_have_one_answer_each_through_crashes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "CHUNK", 2000)
    whole, folder = tmp_path / "whole", tmp_path / "crashed"
    for each in (whole, folder):
        each.mkdir()
        write_log(each / "in.log", 400)
    build(text_configuration(whole)).run()
    expected = outputs(whole)
    predictions, dead = ([msgspec.json.decode(line) for line in o.splitlines()] for o in expected)
    assert sorted(one["offset"] for one in predictions + dead) == list(range(400))
    assert {letter["reason"] for letter in dead} == {"range"}
    assert all(one["bits"] > 0 for one in predictions)
    for batches in range(1, 5):
        worker = build(text_configuration(folder, every=60))
        for _ in range(batches):
            worker.turn()
        worker.transport.close()
        with (folder / "out.jsonl").open("ab") as file:
            file.write(b'{"key": "half a li')
    build(text_configuration(folder)).run()
    assert outputs(folder) == expected


@pytest.mark.parametrize(
    ("kind", "steps"),
    [
        ("classify", "points"),
        ("tag", "words"),
        ("transcribe", "numbers"),
        ("translate", "words"),
    ],
)
def test_whole_sequences_have_one_answer_each_through_crashes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, steps: str
) -> None:
    monkeypatch.setattr(lines, "CHUNK", 2000)
    whole, folder = tmp_path / "whole", tmp_path / "crashed"
    for each in (whole, folder):
        each.mkdir()
        sequences.write_records(each / "in.jsonl", kind, steps, 150)
    build(sequences.configuration(kind, steps, whole)).run()
    expected = outputs(whole)
    made = [msgspec.json.decode(line) for part in expected for line in part.splitlines()]
    assert sorted(one["offset"] for one in made) == list(range(150))
    for batches in range(1, 4):
        worker = build(sequences.configuration(kind, steps, folder, every=20))
        for _ in range(batches):
            worker.turn()
        worker.transport.close()
        with (folder / "out.jsonl").open("ab") as file:
            file.write(b'{"key": "half a li')
    build(sequences.configuration(kind, steps, folder)).run()
    assert outputs(folder) == expected


def test_another_configuration_is_refused_with_the_difference(tmp_path: Path) -> None:
    whole_run(tmp_path / "a", 50)
    with pytest.raises(SnapshotError, match=r"learn\.window: 4 in the snapshot, 8 in the conf"):
        build(configuration(tmp_path / "a", window=8)).run()


def test_two_processes_cannot_share_a_state(tmp_path: Path) -> None:
    write_sensors(tmp_path / "in.csv", 10)
    worker = build(configuration(tmp_path))
    with pytest.raises(ConfigurationError, match="another process"):
        build(configuration(tmp_path))
    worker.transport.close()


@pytest.mark.parametrize("name", ["in.csv", "out.jsonl"])
def test_a_file_that_was_cut_is_refused(tmp_path: Path, name: str) -> None:
    whole_run(tmp_path / "a", 50)
    path = tmp_path / "a" / name
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(SnapshotError, match="remove the snapshots to start over"):
        build(configuration(tmp_path / "a")).run()


def test_without_learning_it_predicts_and_changes_no_weight(tmp_path: Path) -> None:
    whole_run(tmp_path / "a", 300)
    before = _parameters(tmp_path / "a")
    with (tmp_path / "a" / "in.csv").open("a", encoding="utf-8") as file:
        file.write("p1,20,0.5\n" * 40)
    build(configuration(tmp_path / "a", enabled=False)).run()
    assert _parameters(tmp_path / "a") == before


def _parameters(folder: Path) -> bytes:
    from safetensors.numpy import load_file

    (path,) = (folder / "out.jsonl.state").glob("*.safetensors")
    return load_file(path)["models"].tobytes()


@pytest.mark.slow
def test_killed_at_random_moments(tmp_path: Path) -> None:
    """Fifteen kills over runs of tens of thousands of records; most fall between snapshots."""
    records, draw, kills = 20_000, random.Random(4), 0
    expected = whole_run(tmp_path / "whole", records)
    turn = 0
    while kills < 15:
        turn += 1
        folder = tmp_path / f"killed{turn}"
        folder.mkdir()
        (folder / "in.csv").write_bytes((tmp_path / "whole" / "in.csv").read_bytes())
        while True:
            process = subprocess.Popen(
                [sys.executable, "-c", SCRIPT, str(folder), "1000"],
                cwd=Path(__file__).parent.parent,
                env={**os.environ, "PYTHONPATH": "."},
            )
            time.sleep(draw.uniform(0.4, 1.6))
            process.send_signal(signal.SIGKILL)
            if process.wait() == 0:
                break
            kills += 1
        assert outputs(folder) == expected
