"""Whole sequences as a user backtests them, beside what the answers of a run come to."""

import json
import math
import os
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from streamrnn import bleu
from streamrnn.backtest.sequences import translations
from streamrnn.backtest.sequences.compositions import Frequencies
from streamrnn.backtest.table import WIDTH, number
from streamrnn.build import task_of
from streamrnn.cli import main
from streamrnn.codecs import codec_for
from streamrnn.configuration import parse
from streamrnn.records import Record
from streamrnn.tasks.answering import Answer
from tests.backtest import counted
from tests.sequences import document, sequence, write_records

COUNT = 160
KINDS = [
    ("classify", "words", counted.labels),
    ("classify", "points", counted.labels),
    ("tag", "words", counted.tags),
    ("tag", "characters", counted.tags),
    ("regress", "words", counted.numbers),
    ("transcribe", "numbers", counted.transcripts),
]


def written(made: dict[str, Any]) -> str:
    """Return a configuration as TOML, whose values are written like those of JSON."""
    tables = {
        name: "\n".join(f"{key} = {json.dumps(value)}" for key, value in table.items())
        for name, table in made.items()
    }
    return "\n".join(f"[{name}]\n{table}" for name, table in tables.items())


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def configure(folder: Path, kind: str, steps: str, **tables: Any) -> None:
    made = document(kind, steps, Path(), **tables)
    (folder / "a.toml").write_text(written(made), encoding="utf-8")


def figures_of(folder: Path) -> dict[str, Any]:
    assert main(["backtest", "a.toml", "--json", "figures.json"]) == 0
    text = (folder / "figures.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text, parse_constant=lambda name: pytest.fail(name))
    return found


def check(figures: dict[str, Any], whole: counted.Found, last_half: counted.Found) -> None:
    scores = {(score["measure"], score["by"]): score for score in figures["scores"]}
    assert scores.keys() == whole.keys()
    for name, score in scores.items():
        assert score["whole"] == pytest.approx(whole[name]), name
        assert score["last_half"] == pytest.approx(last_half[name]), name


@pytest.mark.parametrize(("kind", "steps", "count"), KINDS)
def test_scores_are_those_of_what_a_run_answers(
    folder: Path, kind: str, steps: str, count: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    write_records(folder / "in.jsonl", kind, steps, COUNT)
    configure(folder, kind, steps)
    figures = figures_of(folder)
    lines = capsys.readouterr().out.splitlines()
    assert not (folder / "out.jsonl").exists()
    assert main(["run", "a.toml"]) == 0
    cases = counted.cases_of(folder)
    late = [case for case in cases if case.answer["offset"] >= COUNT // 2]
    if kind == "classify":
        assert figures["judged"] == {"of": "labels", "whole": len(cases), "last_half": len(late)}
    check(figures, count(cases), count(late))
    answered, dead = (counted.read(folder / name) for name in ("out.jsonl", "out.jsonl.dead.jsonl"))
    assert (figures["records"], figures["sequences"]) == (COUNT, len(answered))
    assert len(cases) < len(answered) < COUNT
    assert figures["dead_letters"]["count"] == len(dead) == COUNT - len(answered)
    assert figures["reasons"] == Counter(letter["reason"] for letter in dead)
    assert max(map(len, lines)) <= WIDTH
    for score in figures["scores"]:
        ends = f"{number(score['whole']):>18}{number(score['last_half']):>18}"
        name = score["measure"] if score["by"] is None else f"  {score['by']}"
        assert [line for line in lines if line.startswith(name) and line.endswith(ends)]
    assert f"{len(dead)} dead letters, of which the first:" in lines
    reasons = ", ".join(f"{count} {reason}" for reason, count in figures["reasons"].items())
    assert f"dead letters by their reason: {reasons}" in lines


@pytest.mark.parametrize("steps", ["words", "characters"])
def test_bits_stand_beside_those_of_frequencies(folder: Path, steps: str) -> None:
    write_records(folder / "in.jsonl", "compose", steps, COUNT)
    configure(folder, "compose", steps)
    figures = figures_of(folder)
    assert main(["run", "a.toml"]) == 0
    lines = (folder / "in.jsonl").read_bytes().splitlines()
    cases = [
        counted.Case(answer, None, [], json.loads(lines[answer["offset"]])["sequence"])
        for answer in counted.read(folder / "out.jsonl")
    ]
    late = [case for case in cases if case.answer["offset"] >= COUNT // 2]
    check(
        figures,
        counted.bits(cases, []),
        counted.bits(late, cases[: len(cases) - len(late)]),
    )
    assert figures["target"] is None
    assert figures["judged"]["whole"] == figures["steps"] + figures["sequences"]


def test_nothing_stands_beside_the_bits_of_sets(folder: Path) -> None:
    write_records(folder / "in.jsonl", "compose", "items", COUNT)
    configure(folder, "compose", "items")
    figures = figures_of(folder)
    assert [score["by"] for score in figures["scores"]] == [None]
    assert "Steps are sets of symbols" in " ".join(figures["notes"])


def test_symbols_that_come_evenly_cost_what_they_must() -> None:
    frequencies = Frequencies()
    for _ in range(2000):
        frequencies.read(["a", "b", 1])
    assert frequencies.read(["a", "b", 1]) == pytest.approx(8, abs=0.01)
    # True is another symbol than 1, and none that came.
    assert frequencies.read([True]) > 16


def translation(folder: Path) -> tuple[dict[str, Any], list[Record], list[Any]]:
    """Return the figures of translations, the records, and what they were answered."""
    write_records(folder / "in.jsonl", "translate", "words", COUNT)
    configure(folder, "translate", "words")
    lines = (folder / "in.jsonl").read_bytes().splitlines()
    records = [Record(0, n, None, line) for n, line in enumerate(lines)]
    configuration = parse(document("translate", "words", folder), "test")
    answers = task_of(configuration, codec_for("jsonl")).answer(records)
    return figures_of(folder), records, list(answers)


def test_words_stand_beside_the_most_frequent_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(translations, "bleu_known", lambda: False)
    figures, _, answers = translation(folder)
    found = []
    for first in (0, COUNT // 2):
        pairs = [
            each
            for n, each in enumerate(answers)
            if n >= first and isinstance(each, Answer) and each.target
        ]
        words = [word for each in pairs for word in [*str(each.target).split(), "end"]]
        # Of the very first pair nothing was asked before anything was known.
        unasked = [] if first else [*str(pairs[0].target).split(), "end"]
        assert sum(each.judged for each in pairs) == len(words) - len(unasked)
        most = Counter(words).most_common(1)[0][1]
        found.append(
            {
                ("words right", None): sum(each.right for each in pairs) / len(words),
                ("words right", "the most frequent word"): most / len(words),
            }
        )
    check(figures, *found)
    assert bleu.INSTALL in capsys.readouterr().out


def test_bleu_is_that_of_all_texts_together(folder: Path) -> None:
    sacrebleu = pytest.importorskip("sacrebleu")
    figures, _, answers = translation(folder)
    for name, first in (("whole", 0), ("last_half", COUNT // 2)):
        pairs = [
            each
            for n, each in enumerate(answers)
            if n >= first and isinstance(each, Answer) and each.target
        ]
        true = [[str(each.target) for each in pairs]]
        for by, said in (
            (None, [each.prediction.prediction or "" for each in pairs]),
            ("the source as it stands", [str(each.shown) for each in pairs]),
        ):
            (score,) = [s for s in figures["scores"] if s["measure"] == "BLEU" and s["by"] == by]
            assert score[name] == pytest.approx(sacrebleu.corpus_bleu(said, true).score)


@pytest.mark.parametrize(
    ("kind", "count"), [("classify", counted.labels), ("regress", counted.numbers)]
)
def test_targets_that_come_later_are_of_what_was_sent(folder: Path, kind: str, count: Any) -> None:
    draw = random.Random(2)
    due, lines = dict[int, list[dict[str, Any]]](), list[dict[str, Any]]()
    for n in range(COUNT):
        value, target = sequence(kind, "words", draw)
        lines.append({"id": f"s{n}", "sequence": value})
        due.setdefault(n + draw.randint(0, 6), []).append({"id": f"s{n}", "target": target})
        lines += due.pop(n, [])
    (folder / "in.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    configure(folder, kind, "words", task={"label_of": "id", "wait": 30})
    figures = figures_of(folder)
    assert main(["run", "a.toml"]) == 0
    cases = counted.cases_of(folder)
    assert figures["sequences"] == COUNT
    known = [case for case in cases if kind == "classify" or case.before]
    assert figures["judged"]["whole"] == len(known) > 150
    late = [case for case in cases if case.answer["offset"] >= len(lines) // 2]
    check(figures, count(cases), count(late))


def test_a_half_without_targets_has_no_scores(folder: Path) -> None:
    lines = [json.dumps({"sequence": "a b", "target": "x" if n < 9 else None}) for n in range(20)]
    (folder / "in.jsonl").write_text("\n".join(lines), encoding="utf-8")
    configure(folder, "classify", "words")
    figures = figures_of(folder)
    assert figures["judged"] == {"of": "labels", "whole": 9, "last_half": 0}
    assert {score["last_half"] for score in figures["scores"]} == {None}
    assert all(math.isfinite(score["whole"]) for score in figures["scores"])


def test_labels_without_a_span_have_no_score_of_spans(folder: Path) -> None:
    line = json.dumps({"sequence": ["a", "b"], "target": ["O", "O"]})
    (folder / "in.jsonl").write_text(f"{line}\n" * 4, encoding="utf-8")
    configure(folder, "tag", "items")
    (score,) = [each for each in figures_of(folder)["scores"] if each["measure"] == "F1 of spans"]
    assert score["whole"] is None


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--report", "page"], "--report: the page draws forecasts, and the task classify makes"),
        (["--no-peers"], "--no-peers: River's methods only stand beside forecasts"),
        (["--json", "nowhere/a.json"], "--json: nowhere/a.json: no folder 'nowhere'"),
        (["--set", "input.file=-"], "a backtest reads a file, got standard input"),
        (["--set", "input.file=live.jsonl"], "can be read twice, got a pipe"),
        (["--set", "input.file=inn.jsonl"], "did you mean 'in.jsonl'?"),
        (["--set", "input.file=empty.jsonl"], "expected records, found none"),
        (["--set", "input.file=broken.jsonl"], "none of the 1 records can be read"),
        (["--set", "task.target=labl"], "brings the target of a sequence (task.target is 'labl')"),
    ],
)
def test_what_cannot_be_done_is_one_clear_message(
    folder: Path, capsys: pytest.CaptureFixture[str], options: list[str], expected: str
) -> None:
    write_records(folder / "in.jsonl", "classify", "words", 20)
    configure(folder, "classify", "words")
    (folder / "empty.jsonl").write_text("", encoding="utf-8")
    (folder / "broken.jsonl").write_text("{broken\n", encoding="utf-8")
    os.mkfifo(folder / "live.jsonl")
    before = {path.name for path in folder.iterdir()}
    assert main(["backtest", "a.toml", *options]) == 2
    printed = capsys.readouterr()
    assert expected in printed.err
    assert len(printed.err.splitlines()) == 1
    assert printed.out == ""
    assert {path.name for path in folder.iterdir()} == before


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        ({"task": {"kind": "text"}}, "task.kind: a backtest is of forecasts and of tasks on whole"),
        (
            {"input": {"file": "in.jsonl", "features": ["a"]}, "task": {"kind": "classify"}},
            "a backtest of the task classify is of whole sequences, got single readings",
        ),
    ],
)
def test_other_tasks_are_refused(
    folder: Path, capsys: pytest.CaptureFixture[str], made: dict[str, Any], expected: str
) -> None:
    tables = {"input": {"file": "in.jsonl"}, "output": {"file": "out.jsonl"}, **made}
    (folder / "a.toml").write_text(written(tables), encoding="utf-8")
    assert main(["backtest", "a.toml"]) == 2
    assert expected in capsys.readouterr().err
