"""Reading records of text: bits, what is unusual, and going on from a state."""

from typing import Any

import numpy as np
import pytest

from streamrnn.learner import text
from streamrnn.learner.text import Reading, TextReader

SMALL = {"memory": 8.0, "hidden": 6, "embedding": 3, "window": 5, "stride": 5}
LINES = [f"job {n} took {37 * n % 91} ms on node{n % 5}\n".encode() for n in range(120)]


def reader(**settings: Any) -> TextReader:
    return TextReader(text.Hyperparameters(**{**SMALL, **settings}))


def read(mine: TextReader, records: list[bytes], key: str = "") -> list[Reading]:
    return [mine.read(mine.streams.row(key), record) for record in records]


def content(readings: list[Reading]) -> bytes:
    return b"".join(
        each.bits.tobytes() + each.network_bits.tobytes() + np.array(each.anomaly).tobytes()
        for each in readings
    )


def test_bits_fall_and_the_mixture_is_ahead_of_the_network() -> None:
    readings = read(reader(), LINES)
    bits = [each.bits.mean() for each in readings]
    alone = [each.network_bits.mean() for each in readings]
    assert np.mean(bits[-20:]) < 0.5 * np.mean(bits[:20])
    assert np.mean(bits) < np.mean(alone) < 8
    assert [each.step for each in readings] == sorted(each.step for each in readings)


def test_without_experts_the_network_is_alone() -> None:
    for reading in read(reader(contexts=False), LINES[:5]):
        assert reading.bits is reading.network_bits


@pytest.mark.parametrize("settings", [{}, {"contexts": False}, {"own_weights": True}])
def test_it_goes_on_from_a_state_as_if_it_had_never_stopped(settings: dict[str, Any]) -> None:
    whole, first, second = reader(**settings), reader(**settings), reader(**settings)
    expected = content(read(whole, LINES, "a")) + content(read(whole, LINES[:9], "b"))
    before = content(read(first, LINES[:70], "a"))
    second.restore(first.state())
    after = content(read(second, LINES[70:], "a")) + content(read(second, LINES[:9], "b"))
    assert before + after == expected
    # The state is a copy of what the former goes on changing.
    assert content(read(first, LINES[70:], "a")) in expected


def test_how_many_bytes_are_read_at_once_makes_no_difference(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    expected = content(read(reader(), LINES[:20]))
    monkeypatch.setattr(text, "CHUNK", 7)
    assert content(read(reader(), LINES[:20])) == expected


def test_an_unusual_line_is_found_and_its_part_is_told() -> None:
    mine = reader()
    readings = read(mine, LINES)
    assert np.isnan(readings[0].anomaly)
    odd = b"job 120 took 3 ms on PANIC!stack-smashed\n"
    row = mine.streams.row("")
    reading = mine.read(row, odd)
    assert reading.anomaly > 0.97
    assert reading.alarm
    (span,) = mine.spans(row, odd, reading.bits)
    assert odd[span.begin : span.end] == b"PANIC!stack-smashed"
    assert span.bits == pytest.approx(reading.bits[span.begin : span.end].sum())
    # A run is one alarm.
    assert not mine.read(row, b"job 121 took 3 ms on CORE?dumped-again\n").alarm
    assert not mine.spans(row, LINES[3], np.zeros(len(LINES[3])))


def test_digits_make_no_line_unusual() -> None:
    mine = reader()
    read(mine, LINES)
    usual = mine.read(mine.streams.row(""), b"job 9183746 took 82736455 ms on node3\n")
    assert usual.anomaly < 0.97


def test_any_bytes_are_read() -> None:
    mine = reader()
    for record in (b"\n", b"\x00" * 50, bytes(range(256)), b"\xff\xfe\n\n\n", b"x" * 5000):
        reading = mine.read(mine.streams.row(""), record)
        assert len(reading.bits) == len(record)
        assert np.isfinite(reading.bits).all()
        assert (reading.bits >= 0).all()
        assert reading.undone == 0


def test_what_comes_next_is_told_and_changes_nothing() -> None:
    for settings in ({}, {"contexts": False}):
        mine = reader(**settings)
        read(mine, LINES)
        row = mine.streams.row("")
        chances = mine.chances(row)
        assert chances.sum() == pytest.approx(1, abs=1e-5)
        assert chances.argmax() == ord("j")
        assert mine.chances(row).tobytes() == chances.tobytes()
        bits = mine.read(row, b"j").bits[0]
        assert bits == pytest.approx(-np.log2(chances[ord("j")]), rel=1e-5)
