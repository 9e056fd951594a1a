"""Whole sequences as a user meets them: the demonstrations, and what is composed."""

import dataclasses
import itertools
from pathlib import Path

import msgspec
import pytest
from mido import MidiFile

from streamrnn.cli import main
from streamrnn.cli.demo import SEQUENCES
from streamrnn.demo.sequences import examples
from streamrnn.demo.sequences.drawings import picture, safe, track
from streamrnn.demo.sequences.summary import genes_of
from streamrnn.music.notes import Note, notes_of
from streamrnn.music.roll import roll_of

CONFIGURATION = """
[input]
file = "in.jsonl"
sequence = "notes"
steps = "items"
[task]
kind = "compose"
[model]
hidden = 4
[output]
file = "out.jsonl"
"""
SCORES = {"music": "bits a chord", "speech": "errors a character", "translation": "words right"}
TUNE = [[60, 64, 67], [59, 62], [], [60, 64, 67]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.toml").write_text(CONFIGURATION, encoding="utf-8")
    line = msgspec.json.encode({"notes": TUNE}) + b"\n"
    (tmp_path / "in.jsonl").write_bytes(60 * line)
    return tmp_path


@pytest.mark.parametrize("name", SEQUENCES)
def test_each_demonstration_shows_and_scores_what_it_learns(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    example = examples.EXAMPLES[name]
    few = dataclasses.replace(example, records=lambda: itertools.islice(example.records(), 9))
    monkeypatch.setitem(examples.EXAMPLES, name, few)
    assert main(["demo", name, "--directory", str(tmp_path)]) == 0
    shown = capsys.readouterr().out
    assert example.title[:20] in shown
    assert "last half" in shown
    assert SCORES.get(name, "labels right") in shown
    answers = (tmp_path / f"{name}-answers.jsonl").read_bytes().splitlines()
    assert len(answers) == 9
    assert (tmp_path / "tune.mid").exists() == (name == "music")


def test_each_example_is_explained_and_can_be_run() -> None:
    for name in SEQUENCES:
        here = examples.folder() / name
        assert f"streamrnn demo {name}" in (here / "README.md").read_text(encoding="utf-8")
        assert main(["check", str(here / f"{name}.toml")]) == 0


def test_a_demonstration_of_sequences_takes_no_cluster(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "dna", "--live"]) == 2
    assert "demo dna: expected neither --live nor --kafka" in capsys.readouterr().err


def test_what_was_heard_is_composed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "a.toml"]) == 0
    capsys.readouterr()
    assert main(["generate", "a.toml", "--temperature", "0"]) == 0
    assert [msgspec.json.decode(line) for line in capsys.readouterr().out.splitlines()] == TUNE
    options = ["--temperature", "0", "--prompt", "[[67, 60, 64], [59, 62]]"]
    assert main(["generate", "a.toml", *options]) == 0
    assert [msgspec.json.decode(line) for line in capsys.readouterr().out.splitlines()] == TUNE[2:]
    seeds = []
    for seed in ("1", "1", "2", "3"):
        main(["generate", "a.toml", "--seed", seed, "--temperature", "3", "--length", "9"])
        seeds.append(capsys.readouterr().out)
    assert seeds[0] == seeds[1]
    assert len(set(seeds)) > 1


def test_music_can_be_listened_to_and_seen(folder: Path) -> None:
    assert main(["run", "a.toml"]) == 0
    options = ["--temperature", "0", "--tempo", "120"]
    assert main(["generate", "a.toml", "--output", "tune.mid", *options]) == 0
    (track,) = MidiFile("tune.mid").tracks
    now, held, heard = 0, set[int](), dict[int, set[int]]()
    for message in track:
        now += message.time
        if message.type == "note_on":
            held.add(message.note)
        elif message.type == "note_off":
            held.discard(message.note)
        heard[now // 480] = set(held)
    assert heard == {0: {60, 64, 67}, 1: {59, 62}, 2: set(), 3: {60, 64, 67}, 4: set()}
    assert MidiFile("tune.mid").length == pytest.approx(2.0)
    assert main(["generate", "a.toml", "--output", "tune.png", *options]) == 0
    assert (folder / "tune.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--output", "a.wav"], "--output: expected a file ending in .mid, .png, .svg, .pdf"),
        (["--prompt", "60"], "--prompt: expected a list as JSON has it"),
        (["--key", "a"], "--key: expected none, as each composition begins anew"),
        (["--output", "nowhere/a.mid"], "nowhere/a.mid: No such file"),
        (["--set", "model.hidden=5"], "model.hidden: 4 in the snapshot, 5 in the configuration"),
    ],
)
def test_what_cannot_be_composed_is_said(
    folder: Path, options: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "a.toml"]) == 0
    assert main(["generate", "a.toml", *options]) == 2
    assert expected in capsys.readouterr().err


def test_nothing_is_composed_of_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "in.jsonl").write_bytes(b'{"notes": 7}\n')
    assert main(["run", "a.toml"]) == 0
    assert main(["generate", "a.toml"]) == 2
    assert "the newest snapshot holds no sequence" in capsys.readouterr().err


def test_words_that_are_no_pitches_are_no_music(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = CONFIGURATION.replace('"items"', '"words"').replace("in.jsonl", "words.jsonl")
    (folder / "a.toml").write_text(words, encoding="utf-8")
    (folder / "words.jsonl").write_bytes(40 * b'{"notes": "all work and no play"}\n')
    assert main(["run", "a.toml"]) == 0
    capsys.readouterr()
    assert main(["generate", "a.toml", "--temperature", "0", "--prompt", "all work"]) == 0
    assert capsys.readouterr().out == "and no play\n"
    assert main(["generate", "a.toml", "--output", "a.mid"]) == 2
    assert "expected pitches, whole numbers from 0 to 127" in capsys.readouterr().err


def test_notes_are_held_as_long_as_they_come_again() -> None:
    assert notes_of([[60, 64], [60], [], [60]]) == [
        Note(60, 0, 2),
        Note(64, 0, 1),
        Note(60, 3, 4),
    ]
    assert roll_of([[60, 62], [60], [], [60]], 10) == ["    █   ", "        ", " C4 █▆ █"]


def test_drawings_show_what_is_there() -> None:
    assert track(list("..001122"), "012", 4) == " ███"
    assert safe("a\x1b[2Jb") != "a\x1b[2Jb"
    assert genes_of(list("..012012.cba")) == [(2, 8, "+2"), (9, 12, "-2")]


def test_pictures_have_a_curve_for_each_of_few_numbers_and_shades_for_many() -> None:
    import numpy as np

    few = np.linspace(0, 1, 8, dtype=np.float32).reshape(8, 1)
    assert picture(few, 8) == ["▁▂▃▄▅▆▇█"]
    many = np.zeros((4, 10), np.float32)
    many[2:, 9] = 1
    assert picture(many, 4)[0] == "  ██"
