"""Labels of DNA, as they are written and as they are made from genes."""

from pathlib import Path

import pytest

from streamrnn.errors import ConfigurationError
from streamrnn.sources.annotation import labels_as_written, labels_of_features

HEADER = "start0\tend\tstrand\ttype\tproduct\n"


def written(folder: Path, text: str) -> str:
    path = folder / "labels"
    path.write_text(text, encoding="utf-8", newline="")
    return str(path)


def test_blanks_and_ends_of_lines_are_no_labels(tmp_path: Path) -> None:
    assert labels_as_written(written(tmp_path, "..01\r\n2 ab\n\nc\n"), [3, 5]) == "..012abc"


@pytest.mark.parametrize("text", ["", "..0", "..012"])
def test_labels_of_another_length_are_an_error(tmp_path: Path, text: str) -> None:
    expected = f"labels: expected 4 labels, .*, got {len(text)}; is it of another FASTA file"
    with pytest.raises(ConfigurationError, match=expected):
        labels_as_written(written(tmp_path, text), [1, 3])


def test_codons_are_counted_from_the_start_of_a_gene_on_its_strand(tmp_path: Path) -> None:
    rows = '1\t8\t+\tCDS\t5" product\n9\t16\t-\tCDS\t\n17\t19\t-\ttRNA\t\n'
    assert labels_of_features(written(tmp_path, HEADER + rows), [20]) == ".0120120.acbacba.rr."


def test_the_later_row_counts_and_rows_of_other_types_do_not(tmp_path: Path) -> None:
    rows = "0\t6\t+\tCDS\t\n4\t8\t-\tCDS\t\n1\t2\t+\trRNA\t\n0\t9\t+\tgene\t\n5\t3\t?\tmisc\t\n"
    assert labels_of_features(written(tmp_path, HEADER + rows), [9]) == "0r20acba."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "line 1: expected the columns start0, end, strand, type"),
        ("start\tend\tstrand\ttype\n", "there is no 'start0'; did you mean 'start'"),
        (HEADER, "expected rows of type CDS, tRNA, rRNA, got none"),
        (HEADER + "0\t9\t+\tgene\t\n", "expected rows of type CDS, tRNA, rRNA, got none"),
        (HEADER + "0\t3\t+\tgene\n5\t5\t+\tCDS\t\n", "line 3: .* got start0 '5' and end '5'"),
        (HEADER + "-1\t5\t+\tCDS\t\n", "line 2: .* got start0 '-1' and end '5'"),
        (HEADER + "0\t11\t+\tCDS\t\n", "line 2: expected .* end <= 10"),
        (HEADER + "zero\t5\t+\tCDS\t\n", "line 2: .* got start0 'zero'"),
        (HEADER + "0\t5\t.\tCDS\t\n", "line 2: expected the strand . or -, got '.'"),
    ],
)
def test_a_table_that_is_wrong_is_said_with_its_line(
    tmp_path: Path, text: str, expected: str
) -> None:
    with pytest.raises(ConfigurationError, match=expected):
        labels_of_features(written(tmp_path, text), [10])


def test_features_are_of_one_sequence(tmp_path: Path) -> None:
    text = HEADER + "0\t3\t+\tCDS\t\n"
    with pytest.raises(ConfigurationError, match="expected a FASTA file of one entry, got 2"):
        labels_of_features(written(tmp_path, text), [10, 10])


def test_labels_that_are_taken_for_features_are_not_shown_at_length(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as error:
        labels_of_features(written(tmp_path, "." * 100_000), [100_000])
    assert len(str(error.value)) < 300


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="none: cannot be read: No such file"):
        labels_as_written(str(tmp_path / "none"), [1])
    (tmp_path / "latin").write_bytes(b"\xff")
    with pytest.raises(ConfigurationError, match="latin: expected UTF-8"):
        labels_as_written(str(tmp_path / "latin"), [1])
