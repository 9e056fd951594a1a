"""The command as a user types it."""

import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import msgspec
import pytest

from streamrnn.cli import main

CONFIGURATION = """
[input]
file = "in.csv"
time = "when"
[task]
kind = "forecast"
target = "flow"
[model]
hidden = 4
[output]
file = "out.jsonl"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.toml").write_text(CONFIGURATION, encoding="utf-8")
    rows = "".join(f"t{n},{n % 7}\n" for n in range(60))
    (tmp_path / "in.csv").write_text("when,flow\n" + rows, encoding="utf-8")
    return tmp_path


def start(folder: Path, *arguments: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "streamrnn", *arguments],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_run_answers_every_record(folder: Path) -> None:
    assert main(["run", "a.toml"]) == 0
    lines = (folder / "out.jsonl").read_bytes().splitlines()
    assert len(lines) == 60
    last = msgspec.json.decode(lines[-1])
    said = ["key", "partition", "offset", "time", "prediction", "step"]
    assert list(last) == [*said, "lower", "upper", "anomaly", "alarm"]
    assert (last["offset"], last["time"], len(last["prediction"])) == (59, "t59", 1)


def test_check_shows_every_value(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "a.toml", "--set", "learn.window=8"]) == 0
    printed = capsys.readouterr().out
    assert "learn.window = 8" in printed
    assert "all right" in printed
    assert not (folder / "out.jsonl").exists()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (["--set", "input.file=inn.csv"], "did you mean 'in.csv'?"),
        (["--set", "task.target=flwo"], "did you mean 'flow'?"),
        (["--set", "model.hiden=3"], "did you mean 'hidden'?"),
        (["--set", "model.hidden=abc"], "--set model.hidden: model.hidden: expected int"),
        (["--set", "input.file=."], "cannot tell the format"),
        (
            ["--set", "task.experts=['x']"],
            "expected one of last_value, last_season, smoother, regression",
        ),
        (["--set", "window"], "expected path=value"),
    ],
)
def test_what_cannot_be_done_is_one_clear_message(
    folder: Path, capsys: pytest.CaptureFixture[str], change: list[str], expected: str
) -> None:
    assert main(["run", "a.toml", *change]) == 2
    printed = capsys.readouterr().err
    assert expected in printed
    assert len(printed.splitlines()) == 1


def test_a_first_record_without_the_target_is_refused(folder: Path) -> None:
    (folder / "in.jsonl").write_text('{"when": 1, "flo": 2}\n', encoding="utf-8")
    process = start(folder, "run", "a.toml", "--set", "input.file=in.jsonl")
    _, errors = process.communicate()
    assert process.returncode == 2
    assert b"did you mean 'flo'?" in errors


def test_a_prediction_leaves_as_soon_as_its_line_has_come(folder: Path) -> None:
    live = ["--set", "input.file=-", "--set", "output.file=-"]
    process = start(folder, "run", "a.toml", *live)
    assert process.stdin is not None
    assert process.stdout is not None
    for offset in range(3):
        process.stdin.write(b'{"when": %d, "flow": 1.5}\n' % offset)
        process.stdin.flush()
        assert msgspec.json.decode(process.stdout.readline())["offset"] == offset
    process.communicate()
    assert process.returncode == 0


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_a_signal_ends_with_a_last_snapshot(folder: Path, number: int, code: int) -> None:
    process = start(folder, "run", "a.toml", "--set", "input.file=-")
    assert process.stdin is not None
    process.stdin.write(b'{"when": 0, "flow": 1.5}\n')
    process.stdin.flush()
    while not (folder / "out.jsonl").exists() or not (folder / "out.jsonl").stat().st_size:
        time.sleep(0.02)
    process.send_signal(number)
    _, errors = process.communicate()
    assert (process.returncode, errors) == (code, b"")
    manifest = msgspec.json.decode((folder / "out.jsonl.state" / "manifest.json").read_bytes())
    assert manifest["offset"] == 1


def test_metrics_are_served(folder: Path) -> None:
    live = ["--set", "input.file=-", "--set", "output.file=-", "--set", "metrics.port=0"]
    process = start(folder, "run", "a.toml", *live)
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    line = msgspec.json.decode(process.stderr.readline())
    address = line["message"].split()[-1]
    process.stdin.write(b'{"when": 0, "flow": 1.5}\n' * 5 + b"broken\n")
    process.stdin.flush()
    for _ in range(5):
        process.stdout.readline()
    labels = '{app="streamrnn",partition="0",topic="-"}'
    expected = f"streamrnn_predictions_total{labels} 5.0"
    # Answers are counted once they are written, so a moment after they are read here.
    served, end = "", time.monotonic() + 10
    while expected not in served and time.monotonic() < end:
        served = urllib.request.urlopen(address, timeout=10).read().decode()
    process.communicate()
    assert expected in served
    assert f"streamrnn_learning_steps_total{labels} 4.0" in served
    dead = (folder / "streamrnn-dead.jsonl").read_bytes()
    assert b'"malformed"' in dead


def test_the_demo_beats_the_last_value(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo"]) == 0
    printed = capsys.readouterr().out
    (row,) = [line for line in printed.splitlines() if "LSTM" in line and "│" in line]
    assert float(row.split("│")[3]) < 1.0
    assert len((folder / "streamrnn-demo" / "predictions.jsonl").read_bytes().splitlines()) == 1268
    assert (folder / "streamrnn-demo" / "forecast.png").stat().st_size > 10_000


def test_a_reader_that_leaves_is_an_error_without_a_traceback(folder: Path) -> None:
    rows = "".join(f"t{n},{n % 7}\n" for n in range(20_000))
    (folder / "in.csv").write_text("when,flow\n" + rows, encoding="utf-8")
    process = start(folder, "run", "a.toml", "--set", "output.file=-")
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    with process.stdin, process.stderr:
        errors = process.stderr.read()
        assert process.wait() == 1
    assert b"Traceback" not in errors
