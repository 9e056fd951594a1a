"""Lines become records, and go at the rate that was asked for."""

import os
from contextlib import closing
from functools import partial
from itertools import count
from pathlib import Path

import pytest

from streamrnn.configuration.load import kafka_of
from streamrnn.errors import ConfigurationError
from streamrnn.replay import Pace, Records, format_of, replay
from streamrnn.sources import WholeFile

Sent = tuple[bytes | None, bytes, int]


class Memory:
    """Keeps what is sent, and is full while its list of refusals says so."""

    def __init__(self) -> None:
        self.sent: list[Sent] = []
        self.refusals = 0

    @property
    def full(self) -> bool:
        self.refusals -= 1
        return self.refusals >= 0

    def send(self, key: bytes | None, value: bytes, line: int) -> None:
        self.sent.append((key, value, line))


class Clock:
    """A time that passes only where it is waited for, and late by a little."""

    def __init__(self, late: float = 0.0) -> None:
        self.now, self._late = 100.0, late

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds + self._late


def sent(path: Path, text: str, key: str | None = None, *, form: str | None = None) -> list[Sent]:
    """Return what is sent of a file with this text."""
    path.write_text(text, encoding="utf-8", newline="")
    memory = Memory()
    with closing(WholeFile(str(path))) as source:
        make_records = partial(Records, format_of(str(path), form), key)
        number = replay(source, make_records, memory, Pace(None))
    assert number == len(memory.sent)
    return memory.sent


def test_rows_become_objects_with_numbers_as_they_are_written(tmp_path: Path) -> None:
    text = "when,pump,flow\nt0,a,1.50\nt1,,7\nt2,b,\nt3,c,007\nt4,d,1_000\nt5,e,nan\nt6,f, -2e3 \n"
    assert [value for _, value, _ in sent(tmp_path / "in.csv", text)] == [
        b'{"when":"t0","pump":"a","flow":1.50}',
        b'{"when":"t1","pump":null,"flow":7}',
        b'{"when":"t2","pump":"b","flow":null}',
        b'{"when":"t3","pump":"c","flow":7.0}',
        b'{"when":"t4","pump":"d","flow":"1_000"}',
        b'{"when":"t5","pump":"e","flow":"nan"}',
        b'{"when":"t6","pump":"f","flow":-2e3}',
    ]


def test_a_key_stays_text_and_an_absent_one_is_none(tmp_path: Path) -> None:
    text = "pump\tflow\n007\t1\n\t2\n"
    assert sent(tmp_path / "in.tsv", text, "pump") == [
        (b"007", b'{"pump":"007","flow":1}', 2),
        (None, b'{"pump":null,"flow":2}', 3),
    ]


def test_json_lines_stay_as_they_are(tmp_path: Path) -> None:
    text = '{"pump": "a",  "flow": 1}\n\nbroken\n{"pump": 7}\r\n{"flow": 2}'
    assert sent(tmp_path / "in.jsonl", text, "pump") == [
        (b"a", b'{"pump": "a",  "flow": 1}', 1),
        (None, b"broken", 3),
        (b"7", b'{"pump": 7}', 4),
        (None, b'{"flow": 2}', 5),
    ]


def test_a_row_that_is_none_stays_as_it_is(tmp_path: Path) -> None:
    text = '\ufeffpump,flow\na,1,2\n"a,1\n'
    assert sent(tmp_path / "in.csv", text, "pump") == [(None, b"a,1,2", 2), (None, b'"a,1', 3)]


def test_text_lines_stay_as_they_are(tmp_path: Path) -> None:
    assert sent(tmp_path / "in.log", "one\ntwo\n") == [(None, b"one", 1), (None, b"two", 2)]
    assert sent(tmp_path / "in.csv", "one\n", form="text") == [(None, b"one", 1)]


@pytest.mark.parametrize(
    ("name", "text", "key", "expected"),
    [
        ("in.csv", "pump,flow\n", "pmup", "did you mean 'pump'?"),
        ("in.jsonl", '{"pump": 1}\n', "pmup", "did you mean 'pump'?"),
        ("in.csv", "a,a\n", None, "expected names that differ"),
        ("in.txt", "one\n", "pump", "text lines have no fields"),
        ("in.parquet", "", None, "cannot tell the format"),
    ],
)
def test_what_cannot_be_sent_is_a_clear_error(
    tmp_path: Path, name: str, text: str, key: str | None, expected: str
) -> None:
    with pytest.raises(ConfigurationError, match=expected.replace("?", r"\?")):
        sent(tmp_path / name, text, key)


def test_a_file_that_is_missing_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "flow.csv").touch()
    with pytest.raises(ConfigurationError, match=r"did you mean 'flow.csv'\?"):
        WholeFile(str(tmp_path / "flwo.csv"))


def test_it_starts_again_at_the_end_until_it_is_stopped(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_text("flow\n1\n2\n", encoding="utf-8")
    source, memory = WholeFile(str(path)), Memory()
    number = replay(
        source,
        partial(Records, "csv", None),
        memory,
        Pace(None),
        repeat=True,
        stopped=lambda: len(memory.sent) == 5,
    )
    source.close()
    assert number == 5
    assert [(value[8:9], line) for _, value, line in memory.sent] == [
        (b"1", 2),
        (b"2", 3),
        (b"1", 2),
        (b"2", 3),
        (b"1", 2),
    ]


def test_a_file_without_records_is_not_repeated_for_ever(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_text("flow\n", encoding="utf-8")
    source = WholeFile(str(path))
    assert replay(source, partial(Records, "csv", None), Memory(), Pace(None), repeat=True) == 0
    source.close()


def test_a_pipe_is_not_repeated() -> None:
    reading, writing = os.pipe()
    source = WholeFile(f"/dev/fd/{reading}")
    with pytest.raises(ConfigurationError, match="a pipe is read only once"):
        replay(source, partial(Records, "text", None), Memory(), Pace(None), repeat=True)
    source.close()
    os.close(reading)
    os.close(writing)


def never() -> bool:
    return False


def test_the_pace_does_not_drift_where_each_wait_is_late() -> None:
    clock, memory = Clock(late=0.004), Memory()
    pace = Pace(50, clock, clock.sleep)
    times = []
    for _ in range(1001):
        pace.wait(memory, never)
        times.append(clock.now - 100)
    assert all(n / 50 - 0.001 <= time <= n / 50 + 0.0041 for n, time in enumerate(times))


def test_after_a_silence_there_is_no_burst() -> None:
    clock, memory = Clock(), Memory()
    pace = Pace(10, clock, clock.sleep)
    pace.wait(memory, never)
    clock.now += 60
    before = clock.now
    for _ in range(11):
        pace.wait(memory, never)
    assert clock.now - before == pytest.approx(1)


def test_a_wait_ends_when_it_is_to_stop() -> None:
    clock, asked = Clock(), count()
    pace = Pace(0.001, clock, clock.sleep)
    pace.wait(Memory(), never)
    pace.wait(Memory(), lambda: next(asked) == 3)
    assert clock.now < 101


def test_a_sender_that_is_full_is_waited_for() -> None:
    clock, memory = Clock(), Memory()
    memory.refusals = 3
    Pace(None, clock, clock.sleep).wait(memory, never)
    assert memory.refusals == -1
    memory.refusals = 10**9
    asked = count()
    Pace(None, clock, clock.sleep).wait(memory, lambda: next(asked) == 3)


def test_the_environment_says_how_the_cluster_is_reached() -> None:
    environment = {
        "KAFKA_BOOTSTRAP_SERVERS": "a:1",
        "KAFKA_SECURITY_PROTOCOL": "SSL",
        "STREAMRNN_KAFKA__SSL_CHECK_HOSTNAME": "false",
        "STREAMRNN_MODEL__HIDDEN": "many",
    }
    kafka = kafka_of(None, environment)
    assert (kafka.bootstrap_servers, kafka.security_protocol) == ("a:1", "SSL")
    assert not kafka.ssl_check_hostname
    assert kafka_of("b:2", environment).bootstrap_servers == "b:2"
    assert kafka_of(None, {}).bootstrap_servers == "localhost:9092"


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"KAFKA_SECURITY_PROTOCOL": "SASL_SSL"}, "needs kafka.sasl_mechanism"),
        ({"KAFKA_SECURITY_PROTOCOL": "TLS"}, "KAFKA_SECURITY_PROTOCOL: .*expected one of"),
        ({"STREAMRNN_KAFKA__SASL_PASSWORD": "x"}, "set KAFKA_SASL_PASSWORD in the environment"),
    ],
)
def test_a_wrong_environment_is_a_clear_error(environment: dict[str, str], expected: str) -> None:
    with pytest.raises(ConfigurationError, match=expected):
        kafka_of(None, environment)
