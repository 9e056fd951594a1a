"""Whole sequences as ``streamrnn replay`` sends them."""

import re
import sys
import wave
from functools import partial
from pathlib import Path

import msgspec
import numpy as np
import pytest

from streamrnn.cli import main
from streamrnn.replay import Pace, Records, format_of, replay
from streamrnn.sources import SEQUENCES

NAMES = {"conll": "in.conll", "fasta": "in.fa", "npz": "in.npz", "wav": "in.wav"}
FIRST = {
    "conll": {"tokens": ["Anna", "runs"], "tags": ["B-per", "O"]},
    "fasta": {"name": "one", "sequence": "ACGTAC"},
    "npz": {"frames": [[1, 2], [3, 4]], "label": "walk"},
    "wav": {"name": "in", "frames": [[-23.02585] * 20]},
}


class Memory:
    """Keeps what is sent."""

    full = False

    def __init__(self) -> None:
        self.sent: list[tuple[bytes | None, bytes]] = []

    def send(self, key: bytes | None, value: bytes, line: int) -> None:
        self.sent.append((key, value))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in.conll").write_text("Anna\tB-per\nruns\tO\n\nBen\tB-per\n", encoding="utf-8")
    (tmp_path / "in.fa").write_text(">one\nACGTAC\n>two\nTT\n", encoding="utf-8")
    (tmp_path / "labels.txt").write_text("..0120ab", encoding="utf-8")
    table = "start0\tend\tstrand\ttype\n2\t6\t+\tCDS\n"
    (tmp_path / "genes.tsv").write_text(table, encoding="utf-8")
    frames, length = np.array([[1, 2], [3, 4], [5, 6]]), np.array([2, 1])
    np.savez(tmp_path / "in.npz", frames=frames, length=length, label=np.array(["walk", "run"]))
    with wave.open(str(tmp_path / "in.wav"), "wb") as recording:
        recording.setparams((1, 2, 8_000, 0, "NONE", ""))
        recording.writeframes(bytes(400))
    return tmp_path


def printed(capsys: pytest.CaptureFixture[bytes]) -> list[object]:
    return [msgspec.json.decode(line) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize("form", SEQUENCES)
def test_the_ending_or_the_option_names_the_format(
    folder: Path, capsysbinary: pytest.CaptureFixture[bytes], form: str
) -> None:
    assert main(["replay", NAMES[form]]) == 0
    by_ending = printed(capsysbinary)
    assert by_ending[0] == FIRST[form]
    (folder / NAMES[form]).rename(folder / "in.dat")
    assert main(["replay", "in.dat", "--format", form]) == 0
    assert len(printed(capsysbinary)) == len(by_ending)


def test_endings_and_folders_have_their_formats(folder: Path) -> None:
    names = ["a.conll", "a.fasta", "a.fa", "a.fna", "a.npz", "a.wav", str(folder)]
    forms = [format_of(name, None) for name in names]
    assert forms == ["conll", "fasta", "fasta", "fasta", "npz", "wav", "wav"]


@pytest.mark.parametrize("form", SEQUENCES)
def test_they_are_repeated(folder: Path, form: str) -> None:
    once, again, source = Memory(), Memory(), SEQUENCES[form](NAMES[form])
    make_records, pace = partial(Records, "jsonl", None), Pace(None)
    count = replay(source, make_records, once, pace)
    source.rewind()
    replay(
        source,
        make_records,
        again,
        pace,
        repeat=True,
        stopped=lambda: len(again.sent) == 2 * count,
    )
    source.close()
    assert count == len(once.sent) > 0
    assert again.sent == 2 * once.sent


@pytest.mark.parametrize(
    ("form", "field", "keys"),
    [("fasta", "name", [b"one", b"two"]), ("npz", "label", [b"walk", b"run"])],
)
def test_a_field_is_the_key(folder: Path, form: str, field: str, keys: list[bytes]) -> None:
    memory, source = Memory(), SEQUENCES[form](NAMES[form])
    replay(source, partial(Records, "jsonl", field), memory, Pace(None))
    source.close()
    assert [key for key, _ in memory.sent] == keys


@pytest.mark.parametrize(
    ("name", "lines"), [("in.conll", "conll"), ("in.fa", "fasta"), ("labels.txt", "text")]
)
def test_text_is_read_from_standard_input(
    folder: Path,
    capsysbinary: pytest.CaptureFixture[bytes],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    lines: str,
) -> None:
    assert main(["replay", name]) == 0
    whole = capsysbinary.readouterr().out
    with (folder / name).open() as file:
        monkeypatch.setattr(sys, "stdin", file)
        assert main(["replay", "-", "--format", lines]) == 0
    assert capsysbinary.readouterr().out == whole != b""


def test_labels_and_windows_of_fasta(
    folder: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert main(["replay", "in.fa", "--labels", "labels.txt", "--window", "4"]) == 0
    assert printed(capsysbinary) == [
        {"name": "one", "start": 0, "sequence": "ACGT", "labels": "..01"},
        {"name": "one", "start": 4, "sequence": "AC", "labels": "20"},
        {"name": "two", "start": 0, "sequence": "TT", "labels": "ab"},
    ]
    (folder / "in.fa").write_text(">one\nACGTACG\n", encoding="utf-8")
    assert main(["replay", "in.fa", "--features", "genes.tsv"]) == 0
    assert printed(capsysbinary) == [{"name": "one", "sequence": "ACGTACG", "labels": "..0120."}]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        *((["--follow", name], f"--follow: .* got the format {f}") for f, name in NAMES.items()),
        (["in.wav", "--window", "5"], "--window: expected a FASTA file, got the format wav"),
        (["in.npz", "--labels", "labels.txt"], "--labels: expected a FASTA file"),
        (["in.conll", "--features", "genes.tsv"], "--features: expected a FASTA file"),
        (["in.fa", "--key", "nmae"], "expected a field 'nmae'; did you mean 'name'"),
        (["in.fa", "--labels", "in.conll"], "in.conll: expected 8 labels"),
        (["in.fa", "--features", "genes.tsv"], "expected a FASTA file of one entry, got 2"),
        (["in.f", "--format", "fasta"], r"cannot be read: .*; did you mean 'in.fa'\?"),
        (["-", "--format", "npz"], "-: expected a path, .* standard input"),
    ],
)
def test_what_cannot_be_done_is_said(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], expected: str
) -> None:
    assert main(["replay", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert re.search(expected, captured.err)


@pytest.mark.parametrize(
    "arguments", [["--window", "0"], ["--labels", "labels.txt", "--features", "genes.tsv"]]
)
def test_what_is_no_command_is_said(folder: Path, arguments: list[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["replay", "in.fa", *arguments])
