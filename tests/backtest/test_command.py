"""The command as a user types it, and the same numbers as those of a run."""

import json
import math
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from streamrnn.backtest.table import NAME, WIDTH
from streamrnn.cli import main
from tests.streams import write_sensors

CONFIGURATION = """
[input]
file = "in.csv"
key = "pump"
features = ["vibration"]
[task]
kind = "forecast"
target = "temperature"
horizon = 3
season = [5]
[model]
hidden = 4
[output]
file = "out.jsonl"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.toml").write_text(CONFIGURATION, encoding="utf-8")
    write_sensors(tmp_path / "in.csv", 700)
    return tmp_path


def figures_of(folder: Path, *options: str) -> dict[str, Any]:
    assert main(["backtest", "a.toml", "--json", "figures.json", *options]) == 0
    found: dict[str, Any] = json.loads((folder / "figures.json").read_text(encoding="utf-8"))
    return found


def test_the_numbers_are_those_of_a_run(folder: Path) -> None:
    figures = figures_of(folder)
    # A run answers the same file; its predictions are scored in a plain loop.
    assert main(["run", "a.toml"]) == 0
    lines = (folder / "out.jsonl").read_text(encoding="utf-8").splitlines()
    answers = [json.loads(line) for line in lines]
    dead = (folder / "out.jsonl.dead.jsonl").read_text(encoding="utf-8").splitlines()
    assert figures["records"] == len(answers) + len(dead)
    assert figures["dead_letters"]["count"] == len(dead) > 0
    assert figures["dead_letters"]["first"][0]["message"] == json.loads(dead[0])["message"]
    values = values_of(folder)
    for place, step in enumerate((1, 3)):
        errors, within, changes = [], [], []
        for key in ("p1", "p2", "p3"):
            made = [answer for answer in answers if answer["key"] == key]
            for n in range(5 + step, len(made)):
                value, before = values[made[n]["offset"]], made[n - step]
                known = [values[one["offset"]] for one in made[: n - step + 1]]
                last = [one for one in known if one is not None][-1]
                if value is not None:
                    errors.append(abs(value - before["prediction"][step - 1]))
                    changes.append(abs(value - last))
                    lower, upper = before["lower"][step - 1], before["upper"][step - 1]
                    within.append(lower <= value <= upper)
        first = figures["methods"][0]["errors"][place]
        assert figures["points"][place] == {"step": step, "count": len(errors)}
        assert first["mae"] == pytest.approx(sum(errors) / len(errors))
        assert first["relative"] == pytest.approx(sum(errors) / sum(changes))
        interval = figures["intervals"][place]
        assert interval["coverage"] == pytest.approx(sum(within) / len(within))
    assert figures["anomalies"] == sum((one["anomaly"] or 0) >= 0.999 for one in answers)


def values_of(folder: Path) -> list[float | None]:
    """Return the value of each record; those that are broken count, blank lines do not."""
    found: list[float | None] = []
    for line in (folder / "in.csv").read_text(encoding="utf-8").splitlines()[1:]:
        if line:
            text = line.split(",")[1] if "," in line else ""
            found.append(float(text) if text.replace(".", "").replace("-", "").isdigit() else None)
    return found


def test_nothing_is_written_but_what_is_asked_for(folder: Path) -> None:
    before = {path.name for path in folder.iterdir()}
    assert main(["backtest", "a.toml"]) == 0
    assert {path.name for path in folder.iterdir()} == before
    (folder / "new").mkdir()
    (folder / "new" / "kept.txt").write_text("mine", encoding="utf-8")
    assert figures_of(folder, "--report", "new", "--no-peers")
    assert {path.name for path in folder.iterdir()} == before | {"new", "figures.json"}
    assert {path.name for path in (folder / "new").iterdir()} == {"kept.txt", "report.html"}
    assert (folder / "new" / "kept.txt").read_text(encoding="utf-8") == "mine"


def test_the_table_says_what_the_document_does(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = figures_of(folder)
    printed = capsys.readouterr().out
    lines = printed.splitlines()
    assert max(map(len, lines)) <= WIDTH
    names = [method["name"] for method in figures["methods"]]
    kinds = [method["kind"] for method in figures["methods"]]
    assert names[:3] == ["mixture", "network alone", "last_value"]
    assert names[-6:-4] == ["last value", "value a season ago (5)"]
    experts = kinds.count("expert")
    assert kinds == ["forecast", *["expert"] * experts, "naive", "naive", *["peer"] * 4]
    for place in range(2):
        least = min(method["errors"][place]["mae"] for method in figures["methods"])
        for method in figures["methods"]:
            (row,) = [line for line in lines if line[:NAME].rstrip() == method["name"]]
            cells = row[NAME:].split()
            error = method["errors"][place]
            assert float(cells[2 * place].replace(",", "")) == pytest.approx(error["mae"], rel=1e-3)
            relative = cells[2 * place + 1]
            assert relative.endswith("*") == (error["mae"] == least)
            assert float(relative.rstrip("*")) == pytest.approx(error["relative"], abs=6e-4)
    assert figures["headline"] in " ".join(lines)
    assert figures["verdict"] in " ".join(lines)
    assert f"{figures['dead_letters']['count']} dead letters, of which the first:" in lines
    assert figures["format"] == 1


def test_the_document_is_json_without_what_json_does_not_know(folder: Path) -> None:
    # Not a single interval: one that had to be learned is never judged.
    figures = figures_of(
        folder, "--set", "learn.enabled=false", "--no-peers", "--set", "task.experts=[]"
    )
    text = (folder / "figures.json").read_text(encoding="utf-8")
    json.loads(text, parse_constant=lambda name: pytest.fail(name))
    assert [method["kind"] for method in figures["methods"]] == ["forecast", "naive", "naive"]
    assert math.isfinite(figures["methods"][0]["errors"][0]["mae"])


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--set", "input.file=-"], "a backtest reads a file, got standard input"),
        (["--set", "input.file=inn.csv"], "did you mean 'in.csv'?"),
        (["--set", "task.target=temprature"], "did you mean 'temperature'?"),
        (["--set", "task.season=[400]"], "expected a stream of at least 404 records"),
        (["--set", "task.horizon=500"], "and 500 (task.horizon) before the first"),
        (["--set", "input.file=empty.csv"], "expected records, found none"),
        (["--set", "input.file=header.csv"], "expected records, found none"),
        (["--set", "input.file=broken.csv"], "none of the 1 records can be read"),
        (["--set", "input.file=absent.csv"], "no value of 'temperature' is known"),
        (["--report", "a.toml"], "--report: a.toml: cannot be made a folder: File exists"),
        (["--report", "a.toml/below"], "--report: a.toml/below: cannot be made a folder"),
        (["--json", "nowhere/a.json"], "--json: nowhere/a.json: no folder 'nowhere'"),
        (["--json", "."], "expected a file, got a folder"),
    ],
)
def test_what_cannot_be_done_is_one_clear_message(
    folder: Path, capsys: pytest.CaptureFixture[str], options: list[str], expected: str
) -> None:
    header = "pump,temperature,vibration\n"
    (folder / "empty.csv").write_text("", encoding="utf-8")
    (folder / "header.csv").write_text(header, encoding="utf-8")
    (folder / "broken.csv").write_text(f"{header}p1,warm,1\n", encoding="utf-8")
    (folder / "absent.csv").write_text(header + "p1,,1\n" * 50, encoding="utf-8")
    assert main(["backtest", "a.toml", *options]) == 2
    printed = capsys.readouterr()
    assert expected in printed.err
    assert len(printed.err.splitlines()) == 1
    assert printed.out == ""


def test_a_topic_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = CONFIGURATION.replace('file = "in.csv"', 'topic = "t"').replace(
        'file = "out.jsonl"', 'topic = "o"'
    )
    (folder / "a.toml").write_text(text, encoding="utf-8")
    assert main(["backtest", "a.toml"]) == 2
    assert "a backtest reads a file, got the topic 't'" in capsys.readouterr().err


def test_an_interrupt_says_so(folder: Path) -> None:
    os.mkfifo(folder / "live.csv")
    command = ["backtest", "a.toml", "--set", "input.file=live.csv", "--json", "figures.json"]
    process = subprocess.Popen(
        [sys.executable, "-m", "streamrnn", *command],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with (folder / "live.csv").open("wb") as file:
        # A pipe holds less than this: once all is written, the first of it was read.
        file.write((folder / "in.csv").read_bytes() + b"p1,20,1\n" * 20_000)
        file.flush()
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate()
    assert process.returncode == 130
    assert errors == b"streamrnn: interrupted: nothing was written\n"
    assert output == b""
    assert not (folder / "figures.json").exists()
