"""Records of text become answers or dead letters, whatever they hold."""

import json
from typing import Any

import msgspec
import numpy as np
import pytest

from streamrnn.build import task_of
from streamrnn.codecs import codec_for, encode
from streamrnn.configuration import parse
from streamrnn.learner.learner import Learner
from streamrnn.records import DeadLetter, Record
from streamrnn.tasks.task import Task
from streamrnn.tasks.text import Answer


def task(form: str = "text", source: dict[str, Any] | None = None, **settings: Any) -> Task:
    document = {
        "input": {"file": "-", "format": form, **(source or {})},
        "task": {"kind": "text", "memory": 8, **settings},
        "model": {"hidden": 4, "embedding": 2},
        "output": {"file": "-"},
    }
    return task_of(parse(document, "test"), codec_for(form))


def answers(mine: Task, *values: bytes | None, key: bytes | None = None) -> list[Any]:
    return list(mine.answer([Record(0, n, key, value) for n, value in enumerate(values)]))


def test_a_line_is_answered_by_its_bits() -> None:
    mine = task()
    first, second = answers(mine, b"hello", b"")
    assert isinstance(first, Answer)
    assert len(first.bits) == len("hello\n")
    assert first.prediction.bits == pytest.approx(first.bits.sum())
    assert (first.text, second.text) == (b"hello", b"")
    sent = json.loads(encode(first.prediction))
    names = "key partition offset time step bits network_bits anomaly alarm"
    assert list(sent) == names.split()
    assert (sent["key"], sent["time"], sent["anomaly"], sent["alarm"]) == (None, None, None, False)
    assert mine.learning_seconds > 0
    assert mine.step == 0


def test_spans_are_told_where_they_are_asked_for() -> None:
    mine = task(spans=True)
    made = answers(mine, *[b"all is as it was, %d" % (n % 3) for n in range(60)], b"all is ZGQXJKV")
    sent = json.loads(encode(made[-1].prediction))
    assert [span[:2] for span in sent["spans"]] == [[7, 14]]
    assert json.loads(encode(made[5].prediction))["spans"] == []


def test_fields_of_json_name_text_stream_and_time() -> None:
    mine = task("jsonl", {"key": "host", "time": "at"}, target="message")
    line = {"host": "a", "at": 7, "message": "Grüße\u0000\ud83d\ude00"}
    other = {"host": "b", "at": None, "message": ""}
    first, second = answers(mine, *(json.dumps(each).encode() for each in (line, other)))
    assert (first.prediction.key, first.prediction.time) == ("a", 7)
    assert first.text == "Grüße\0😀".encode()
    assert (second.prediction.key, second.text) == ("b", b"")
    assert len(mine.learner.streams) == 2


@pytest.mark.parametrize(
    ("value", "reason", "expected"),
    [
        (None, "malformed", "expected a value"),
        (b"[1]", "malformed", "expected a JSON object"),
        (b'{"host": "a"}', "missing", "message: expected text, got nothing"),
        (b'{"host": "a", "message": 3}', "type", "message: expected text, got 3"),
        (b'{"message": "a"}', "missing", "host: expected the name of a stream"),
        (
            b'{"host": "a", "message": "' + b"x" * 101 + b'"}',
            "range",
            "message: expected at most 100 bytes (task.longest_record), got 101",
        ),
    ],
)
def test_what_is_no_text_is_a_dead_letter(value: bytes | None, reason: str, expected: str) -> None:
    mine = task("jsonl", {"key": "host"}, target="message", longest_record=100)
    (letter,) = answers(mine, value)
    assert isinstance(letter, DeadLetter)
    assert letter.reason == reason
    assert expected in letter.message
    assert len(mine.learner.streams) == 0


def test_bytes_of_no_encoding_are_read_as_they_are() -> None:
    records = [b"\xff\xfe\x00", b"\x1b[2J", bytes(range(256)).replace(b"\n", b""), b"y" * 20_000]
    for record, answer in zip(records, answers(task(), *records), strict=True):
        assert isinstance(answer, Answer)
        assert answer.text == record
        assert np.isfinite(answer.bits).all()


def test_half_of_a_pair_is_kept_as_three_bytes() -> None:
    (answer,) = answers(task("jsonl"), b'{"text": "a\\ud800b"}')
    assert isinstance(answer, DeadLetter) or answer.text == b"a\xed\xa0\x80b"


def test_a_network_that_is_broken_makes_a_dead_letter() -> None:
    mine = task()
    answers(mine, b"fine")
    learner = mine.learner
    assert isinstance(learner, Learner)
    learner.network.parameters[:] = np.nan
    (letter,) = answers(mine, b"not")
    assert isinstance(letter, DeadLetter)
    assert letter.reason == "learning"


def test_a_record_has_the_key_of_its_topic() -> None:
    (answer,) = answers(task(), b"x", key=b"host-1")
    assert answer.prediction.key == "host-1"
    assert msgspec.json.decode(encode(answer.prediction))["key"] == "host-1"
