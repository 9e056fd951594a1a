"""Log lines: one JSON object each, with facts; what records hold only if it is asked for."""

import logging

import msgspec
import pytest

from streamrnn.logs.dead_letters import PAUSE_SECONDS, DeadLetterLog
from streamrnn.logs.lines import set_up
from streamrnn.observer import Answered
from streamrnn.records import DeadLetter, Record


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    printed = capsys.readouterr().err.splitlines()
    return [msgspec.json.decode(line, type=dict[str, object]) for line in printed]


def letters(count: int, first: int = 0) -> Answered:
    records = [Record(3, first + n, None, b"secret") for n in range(count)]
    answers = [DeadLetter(record, "type", "expected a number, got 'secret'") for record in records]
    return Answered(3, records, answers, 0.0, 0.0, 0.0)


def test_a_line_is_one_json_object_with_the_facts(capsys: pytest.CaptureFixture[str]) -> None:
    set_up("info", "json", contents=False)
    log = logging.getLogger("streamrnn.worker")
    log.info("partition %d is\nhere", 2, extra={"partition": 2, "strange": object})
    log.debug("not told")
    (line,) = lines(capsys)
    assert line["message"] == "partition 2 is\nhere"
    assert (line["level"], line["logger"]) == ("info", "streamrnn.worker")
    assert line["partition"] == 2
    assert str(line["time"]).endswith("+00:00")


def test_an_exception_is_part_of_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    set_up("info", "json", contents=False)
    try:
        raise ValueError("broken")
    except ValueError:
        logging.getLogger("streamrnn.health").exception("the check failed")
    (line,) = lines(capsys)
    assert "ValueError: broken" in str(line["exception"])


def test_text_is_for_reading(capsys: pytest.CaptureFixture[str]) -> None:
    set_up("warning", "text", contents=False)
    logging.getLogger("streamrnn.worker").warning("aborted: %s", "x")
    assert capsys.readouterr().err.endswith("WARNING aborted: x\n")


def test_other_packages_are_heard_from_warnings_on(capsys: pytest.CaptureFixture[str]) -> None:
    set_up("debug", "json", contents=False)
    logging.getLogger("kafka.client").info("connected")
    logging.getLogger("kafka.client").warning("lost")
    logging.getLogger("streamrnn.worker").debug("a detail")
    assert [line["message"] for line in lines(capsys)] == ["lost", "a detail"]


def test_dead_letters_are_summed_up_and_what_they_hold_is_not_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    set_up("info", "json", contents=False)
    now = [0.0]
    observer = DeadLetterLog(clock=lambda: now[0])
    observer.answered(letters(2))
    observer.answered(letters(5, first=2))
    now[0] = PAUSE_SECONDS
    observer.answered(letters(1, first=7))
    first, second = lines(capsys)
    assert first["reasons"] == {"type": 2}
    assert (second["reasons"], second["offset"]) == ({"type": 6}, 7)
    assert "secret" not in str((first, second))


def test_what_they_hold_is_told_where_it_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    set_up("info", "json", contents=True)
    DeadLetterLog().answered(letters(1))
    assert any("secret" in str(line["message"]) for line in lines(capsys))
