"""Sequences of FASTA files, whole and in pieces, with labels and without."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from streamrnn.errors import ConfigurationError
from streamrnn.sources.fasta import Annotate, Fasta
from tests.sources.reading import records

TWO = ">one first of two\nACGT\nacg\n\n>two\r\nNN *-\r\n"


def written(folder: Path, text: str) -> str:
    path = folder / "in.fasta"
    path.write_bytes(text.encode())
    return str(path)


def letters(lengths: Sequence[int]) -> str:
    """Return labels that tell the places apart."""
    return "0123456789abcdef"[: sum(lengths)]


def test_each_entry_is_a_record(tmp_path: Path) -> None:
    assert records(Fasta(written(tmp_path, TWO))) == [
        (1, {"name": "one", "sequence": "ACGTACG"}),
        (5, {"name": "two", "sequence": "NN*-"}),
    ]


def test_a_window_cuts_each_entry_and_the_last_piece_may_be_shorter(tmp_path: Path) -> None:
    assert records(Fasta(written(tmp_path, TWO), window=3)) == [
        (1, {"name": "one", "start": 0, "sequence": "ACG"}),
        (1, {"name": "one", "start": 3, "sequence": "TAC"}),
        (1, {"name": "one", "start": 6, "sequence": "G"}),
        (5, {"name": "two", "start": 0, "sequence": "NN*"}),
        (5, {"name": "two", "start": 3, "sequence": "-"}),
    ]


def test_labels_go_on_from_one_entry_to_the_next(tmp_path: Path) -> None:
    assert records(Fasta(written(tmp_path, TWO), annotate=letters)) == [
        (1, {"name": "one", "sequence": "ACGTACG", "labels": "0123456"}),
        (5, {"name": "two", "sequence": "NN*-", "labels": "789a"}),
    ]


def test_labels_are_cut_with_the_letters(tmp_path: Path) -> None:
    source = Fasta(written(tmp_path, TWO), window=5, annotate=letters)
    assert [record["labels"] for _, record in records(source)] == ["01234", "56", "789a"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "in.fasta: expected at least one entry, got none"),
        (">one\nAC\n>two\n>three\nAC\n", "line 3: expected letters after '>two', got none"),
        (">one\nAC\n>two\n", "line 3: expected letters after '>two', got none"),
        ("ACGT\n", "line 1: expected a header '>name' before the first letters, got 'ACGT'"),
        ("> \nACGT\n", "line 1: expected a name after '>'"),
        (">one\nAC\nA7C\n", r"line 3: expected letters, '\*' or '-', got '7'"),
        (">one\nAÇ\n", r"line 2: expected letters, '\*' or '-', got 'Ç'"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, text: str, expected: str) -> None:
    with pytest.raises(ConfigurationError, match=expected):
        records(Fasta(written(tmp_path, text)))


def test_what_came_is_not_shown_at_length(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as error:
        records(Fasta(written(tmp_path, "A" * 100_000)))
    assert len(str(error.value)) < 300


def refuse(lengths: Sequence[int]) -> str:
    raise ConfigurationError(f"expected no call, got {lengths}")


@pytest.mark.parametrize("annotate", [None, refuse])
@pytest.mark.parametrize("looks", range(1, 5))
def test_an_entry_that_is_cut_short_by_a_signal_is_no_record(
    tmp_path: Path, looks: int, annotate: Annotate | None
) -> None:
    # The file is longer than what is read at once, so that the signal comes within it.
    name = written(tmp_path, ">one\n" + 3_000 * ("A" * 60 + "\n"))
    asked = iter([*looks * [False], *10 * [True]])
    source = Fasta(name, annotate=annotate)
    assert list(source.lines(lambda: next(asked))) == []
    source.close()
