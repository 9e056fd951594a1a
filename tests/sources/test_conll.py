"""Sentences of CoNLL files."""

from pathlib import Path

import pytest

from streamrnn.errors import ConfigurationError
from streamrnn.sources.conll import Conll
from tests.sources.reading import records


def written(folder: Path, text: str) -> Conll:
    path = folder / "in.conll"
    path.write_bytes(text.encode())
    return Conll(str(path))


def test_a_blank_line_ends_a_sentence_and_the_number_is_that_of_its_first_line(
    tmp_path: Path,
) -> None:
    text = "\nAnna\tB-per\nruns\tO\n\n \t\nNew York\tB-loc\n!\tO"
    assert records(written(tmp_path, text)) == [
        (2, {"tokens": ["Anna", "runs"], "tags": ["B-per", "O"]}),
        (6, {"tokens": ["New York", "!"], "tags": ["B-loc", "O"]}),
    ]


def test_the_tag_is_in_the_last_column_and_documents_part_sentences(tmp_path: Path) -> None:
    text = "-DOCSTART- -X- -X- O\n\nAnna NNP  I-NP I-PER\n-DOCSTART- O\nruns VBZ I-VP O\n"
    assert records(written(tmp_path, text)) == [
        (3, {"tokens": ["Anna"], "tags": ["I-PER"]}),
        (5, {"tokens": ["runs"], "tags": ["O"]}),
    ]


def test_one_column_is_tokens_without_tags(tmp_path: Path) -> None:
    assert records(written(tmp_path, "Anna\nruns\n\nBen\n")) == [
        (1, {"tokens": ["Anna", "runs"]}),
        (4, {"tokens": ["Ben"]}),
    ]


def test_only_a_line_feed_ends_a_line(tmp_path: Path) -> None:
    # A mark of the byte order, carriage returns, and a character that Unicode takes for an end.
    text = "\ufeffA\x85nna\tO\r\n\r\nBen\tO\r\n"
    assert [record["tokens"] for _, record in records(written(tmp_path, text))] == [
        ["A\x85nna"],
        ["Ben"],
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\tO\nb\n", r"in\.conll: line 2: expected 2 columns .*, got \['b'\]"),
        ("a\tO\n\nb\tx\tO\n", r"line 3: expected 2 columns .*, got \['b', 'x', 'O'\]"),
        ("a\tO\nb\t\n", "line 2: .* neither token nor tag empty"),
        ("\tO\n", "line 1: .* neither token nor tag empty"),
        ("", "expected at least one token, got none"),
        ("\n-DOCSTART-\tO\n\n", "expected at least one token, got none"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, text: str, expected: str) -> None:
    with pytest.raises(ConfigurationError, match=expected):
        records(written(tmp_path, text))


def test_a_line_that_is_not_utf_8_is_said(tmp_path: Path) -> None:
    path = tmp_path / "in.conll"
    path.write_bytes(b"a\tO\n\xff\tO\n")
    with pytest.raises(ConfigurationError, match="line 2: expected UTF-8"):
        records(Conll(str(path)))


def test_an_empty_file_is_no_error_where_it_is_to_stop(tmp_path: Path) -> None:
    source = written(tmp_path, "a\tO\n")
    assert list(source.lines(lambda: True)) == []
    source.close()
