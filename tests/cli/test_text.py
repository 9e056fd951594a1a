"""Text as a user types it: reading, writing, and following from one program to another."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import numpy as np
import pytest

from streamrnn.cli import main
from streamrnn.demo import documentation
from streamrnn.demo import text as demo
from streamrnn.demo.lines import coloured, style_of

CONFIGURATION = """
[input]
file = "in.log"
[task]
kind = "text"
memory = 8
[model]
hidden = 4
[output]
file = "out.jsonl"
"""
LINE = "all work and no play\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.toml").write_text(CONFIGURATION, encoding="utf-8")
    (tmp_path / "in.log").write_text(50 * LINE, encoding="utf-8")
    return tmp_path


def test_what_was_read_is_written_on(
    folder: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert main(["run", "a.toml"]) == 0
    capfdbinary.readouterr()
    options = ["--length", "21", "--temperature", "0"]
    assert main(["generate", "a.toml", *options]) == 0
    assert capfdbinary.readouterr().out == LINE.encode()
    assert main(["generate", "a.toml", "--prompt", "all wo", "--key", "", *options]) == 0
    assert capfdbinary.readouterr().out == (LINE[6:] + LINE[:6]).encode()


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--key", "x"], "--key: there is no stream 'x'"),
        (["--set", "model.hidden=5"], "model.hidden: 4 in the snapshot, 5 in the configuration"),
        (["--set", "snapshots.directory=none"], "there is no snapshot yet"),
        (["--set", "output.file=-"], "standard output keeps no snapshots"),
    ],
)
def test_what_cannot_be_written_is_said(
    folder: Path, capsys: pytest.CaptureFixture[str], options: list[str], expected: str
) -> None:
    assert main(["run", "a.toml"]) == 0
    assert main(["generate", "a.toml", *options]) == 2
    assert expected in capsys.readouterr().err


def test_a_forecast_writes_no_text(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "in.csv").write_text("y\n1\n", encoding="utf-8")
    (folder / "b.toml").write_text(
        '[input]\nfile = "in.csv"\n[task]\nkind = "forecast"\ntarget = "y"\n'
        '[output]\nfile = "o.jsonl"\n',
        encoding="utf-8",
    )
    assert main(["generate", "b.toml"]) == 2
    assert "task.kind: expected text, got forecast" in capsys.readouterr().err
    assert main(["backtest", "a.toml"]) == 2
    told = capsys.readouterr().err
    assert "a backtest is of forecasts and of tasks on whole sequences, got text" in told


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--set", "input.key=host"], "input.key: expected none, as text has no fields"),
        (["--set", "task.target=message"], "task.target: expected 'text'"),
        (["--set", "metrics.page=true", "--set", "metrics.port=0"], "as it shows numbers"),
        (["--set", "task.horizon=3"], "task.horizon: unknown key"),
        (["--set", "task.experts=['smoother']"], "expected one of contexts"),
        (["--set", "model.preset=best"], "expected one of fast, quality"),
        (["--set", "task.kind=forecast"], "task.memory: unknown key"),
    ],
)
def test_what_does_not_suit_text_is_said(
    folder: Path, capsys: pytest.CaptureFixture[str], options: list[str], expected: str
) -> None:
    assert main(["run", "a.toml", *options]) == 2
    assert expected in capsys.readouterr().err


def test_a_preset_fills_in_what_is_not_said(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "a.toml", "--set", "model.preset=quality"]) == 0
    printed = capsys.readouterr().out
    assert "model.hidden = 4" in printed
    assert "model.embedding = 32" in printed
    assert "learn.stride = 20" in printed


def test_a_log_is_followed_into_another_program(folder: Path) -> None:
    learn = [sys.executable, "-m", "streamrnn", "run", "a.toml", "--set", "input.file=-"]
    follow = [sys.executable, "-m", "streamrnn", "replay", "--follow", "in.log"]
    with (
        subprocess.Popen(follow, cwd=folder, stdout=subprocess.PIPE) as feeding,
        subprocess.Popen(learn, cwd=folder, stdin=feeding.stdout) as learning,
    ):
        assert feeding.stdout
        feeding.stdout.close()
        answered(folder, 50)
        (folder / "in.log").rename(folder / "in.log.1")
        with (folder / "in.log.1").open("a", encoding="utf-8") as late:
            late.write(LINE)
        (folder / "in.log").write_text(2 * LINE, encoding="utf-8")
        answered(folder, 53)
        feeding.send_signal(signal.SIGTERM)
        assert feeding.wait() == 0
        assert learning.wait() == 0
    offsets = [msgspec.json.decode(line)["offset"] for line in lines_of(folder)]
    assert offsets == list(range(53))


def lines_of(folder: Path) -> list[bytes]:
    path = folder / "out.jsonl"
    return path.read_bytes().splitlines() if path.exists() else []


def answered(folder: Path, count: int) -> None:
    """Wait until so many lines are answered."""
    until = time.monotonic() + 300
    while len(lines_of(folder)) < count:
        assert time.monotonic() < until
        time.sleep(0.05)


def test_the_demonstration_reads_and_writes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documentation, "LARGEST", 20_000)
    assert demo.run(tmp_path / "demo", time.monotonic()) == 0
    printed = capsys.readouterr().out
    assert "mixed, as it came" in printed
    assert "What it writes itself by now" in printed
    assert "\x1b" not in printed
    answers = (tmp_path / "demo" / "text.jsonl").read_bytes().splitlines()
    text = (tmp_path / "demo" / "text.txt").read_bytes()
    assert len(answers) == text.count(b"\n")


def test_what_was_unexpected_has_a_colour_and_moves_no_cursor() -> None:
    shown = coloured("aü\x1b[2Jb".encode(), np.array([1.0, 9, 9, 0.5, 1, 1, 1, 6]), 80)
    assert shown.plain == "aü␛[2Jb"
    styles = [span.style for span in shown.spans]
    assert styles == [style_of(bits) for bits in (1.0, 18.0, 0.5, 1.0, 1.0, 1.0, 6.0)]
    assert style_of(18) == "bright_red reverse"
    assert len(coloured(b"x" * 500, np.ones(500), 40).plain) == 40
