"""Labels of sequences of DNA: one character a base, as written or made from a table of genes."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from streamrnn.errors import ConfigurationError, nearest
from streamrnn.sources.base import shown

NONCODING = "."
CODONS = {"+": "012", "-": "abc"}
"""The label of each base of a codon, by the strand of its gene."""
RNA = "r"
CODING, RNAS = "CDS", ("tRNA", "rRNA")
COLUMNS = ("start0", "end", "strand", "type")


def labels_as_written(name: str, lengths: Sequence[int]) -> str:
    """Return the characters of a text file without its blanks and ends of lines.

    Args:
        name: A path.
        lengths: Letters of each sequence; the file labels one after the other.

    Raises:
        ConfigurationError: It cannot be read, or has more or fewer characters than letters.
    """
    labels = "".join(_text(name).split())
    if len(labels) != sum(lengths):
        raise ConfigurationError(
            f"{name}: expected {sum(lengths):,} labels, one character a letter of all sequences "
            f"together, got {len(labels):,}; is it of another FASTA file?"
        )
    return labels


def labels_of_features(name: str, lengths: Sequence[int]) -> str:
    """Return labels that are made from a table of genes.

    Bases of a ``CDS`` have the place in their codon: ``0``, ``1``, ``2`` on the strand ``+`` and
    ``a``, ``b``, ``c`` on ``-``, where a gene starts at its ``end``. Those of a ``tRNA`` or
    ``rRNA`` have ``r``, all others ``.``. Rows of other types are passed over; where rows
    overlap, the later one counts.

    Args:
        name: The path of a TSV file with a header, which names at least the columns ``start0``
            (from 0), ``end`` (the base after the last one), ``strand`` and ``type``.
        lengths: Letters of each sequence; there must be one.

    Raises:
        ConfigurationError: It cannot be read, lacks a column, has a row that is wrong, or none
            that is used; or there are several sequences.
    """
    if len(lengths) != 1:
        raise ConfigurationError(
            f"{name}: expected a FASTA file of one entry, got {len(lengths)}, and features do not "
            "say of which they are; split the FASTA file"
        )
    header, *lines = _text(name).split("\n")
    columns = header.split("\t")
    _check_columns(name, columns)
    labels, used = bytearray(NONCODING.encode() * lengths[0]), False
    for number, line in enumerate(lines, 2):
        row = dict(zip(columns, line.split("\t"), strict=False))
        if row.get("type") in (CODING, *RNAS):
            start, end = _place(f"{name}: line {number}", row, lengths[0])
            labels[start:end] = _pattern(row, end - start).encode()
            used = True
    if not used:
        raise ConfigurationError(
            f"{name}: expected rows of type {', '.join((CODING, *RNAS))}, got none"
        )
    return labels.decode()


def _check_columns(name: str, columns: Sequence[str]) -> None:
    for column in COLUMNS:
        if column not in columns:
            raise ConfigurationError(
                f"{name}: line 1: expected the columns {', '.join(COLUMNS)}, parted by TABs, got "
                f"{shown(', '.join(columns))}: there is no {column!r}{nearest(column, columns)}"
            )


def _place(place: str, row: Mapping[str, str], length: int) -> tuple[int, int]:
    try:
        start, end = int(row["start0"]), int(row["end"])
    except (TypeError, ValueError):
        start, end = -1, -1
    if not 0 <= start < end <= length:
        raise ConfigurationError(
            f"{place}: expected whole numbers 0 <= start0 < end <= {length}, the letters of the "
            f"sequence, got start0 {row['start0']!r} and end {row['end']!r}"
        )
    if row["strand"] not in CODONS:
        raise ConfigurationError(f"{place}: expected the strand + or -, got {row['strand']!r}")
    return start, end


def _pattern(row: Mapping[str, str], length: int) -> str:
    """Return the labels of a feature's bases, from its start0 on."""
    if row["type"] in RNAS:
        return RNA * length
    codons = (CODONS[row["strand"]] * (length // 3 + 1))[:length]
    return codons if row["strand"] == "+" else codons[::-1]


def _text(name: str) -> str:
    try:
        return Path(name).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigurationError(f"{name}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{name}: expected UTF-8 text: {error}") from error
