"""One set of checks for every codec: what is a number, and what is not."""

import math

import pytest

from streamrnn.codecs import codec_for
from streamrnn.errors import ConfigurationError, RecordError

GOOD = [("csv", b"p,1.5"), ("tsv", b"p\t1.5"), ("jsonl", b'{"key": "p", "y": 1.5}')]
ABSENT = [("csv", b"p,"), ("tsv", b"p\t "), ("jsonl", b'{"key": "p", "y": null}')]
BAD = [
    ("csv", b"p,abc", "type"),
    ("csv", b"p,1_000", "type"),
    ("csv", b"p,nan", "range"),
    ("csv", b"p,-inf", "range"),
    ("csv", b"p,1e400", "range"),
    ("csv", b"p", "malformed"),
    ("csv", b'p,"1', "malformed"),
    ("csv", b"p,\xff", "malformed"),
    ("jsonl", b'{"y": "1.5"}', "type"),
    ("jsonl", b'{"y": true}', "type"),
    ("jsonl", b'{"y": 1e200}', "range"),
    ("jsonl", b'{"y": NaN}', "malformed"),
    ("jsonl", b"[1]", "malformed"),
    ("jsonl", b'{"y": "\xff"}', "malformed"),
]


def number(name: str, record: bytes) -> float:
    codec = codec_for(name)
    if codec.has_header:
        codec.read_header(b"key\ty" if name == "tsv" else b"key,y")
    return codec.number("y", codec.decode(record).get("y"))


@pytest.mark.parametrize(("name", "record"), GOOD)
def test_a_number_is_read(name: str, record: bytes) -> None:
    assert number(name, record) == 1.5


@pytest.mark.parametrize(("name", "record"), ABSENT)
def test_what_is_absent_is_not_zero(name: str, record: bytes) -> None:
    assert math.isnan(number(name, record))


@pytest.mark.parametrize(("name", "record", "reason"), BAD)
def test_what_is_wrong_has_a_reason(name: str, record: bytes, reason: str) -> None:
    with pytest.raises(RecordError) as error:
        number(name, record)
    assert error.value.reason == reason


def test_a_header_with_doubles_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="names that differ"):
        codec_for("csv").read_header(b"a,a")
