"""What an open page is told."""

import json
import math
from collections.abc import Iterator
from email.message import Message
from typing import Any, NoReturn

from streamrnn.metrics.server import Page, Request, Stream
from streamrnn.page.events import HEARTBEAT_SECONDS, OPEN_AT_MOST, PAUSE_SECONDS, Events
from streamrnn.page.feed import Feed
from streamrnn.page.series import DRAWN, Series
from streamrnn.page.summary import Summary
from tests.page.answers import answer, dead_letter, tell


class Clock:
    """Moves only by what is waited for."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class Reader:
    """Reads the events of one page."""

    def __init__(self, events: Events, stream: str | None = None, told: str | None = None) -> None:
        headers = Message()
        if told:
            headers["Last-Event-ID"] = told
        opened = events.page(Request({"stream": stream} if stream else {}, headers))
        assert isinstance(opened, Stream)
        self.connection = opened.pieces
        self._pieces: Iterator[bytes] = iter(opened.pieces)
        assert next(self._pieces).startswith(b"retry: ")
        self.told = ""

    def piece(self) -> bytes:
        return next(self._pieces)

    def event(self) -> dict[str, Any]:
        """Return the next event as a browser's script would get it."""
        lines = self.piece().decode().split("\n")
        assert lines[2:] == ["", ""]
        assert lines[0].startswith("id: ")
        assert lines[1].startswith("data: ")
        self.told = lines[0].removeprefix("id: ")
        found = json.loads(lines[1].removeprefix("data: "), parse_constant=refuse)
        assert isinstance(found, dict)
        return found


def refuse(constant: str) -> NoReturn:
    raise AssertionError(f"{constant} is not JSON")


def make(feed: Feed) -> Events:
    clock = Clock()
    asked = {"alive": lambda: {"good": True}}
    about = {"application": "office", "target": "temperature"}
    return Events(Summary(feed, asked, about, clock), feed, clock.sleep)


def test_the_first_event_has_everything_and_those_after_it_what_is_new() -> None:
    feed = Feed()
    tell(feed, answer(0), answer(1, anomaly=0.9995), dead_letter(2))
    reader = Reader(make(feed))
    first = reader.event()
    assert first["about"] == {"application": "office", "target": "temperature"}
    assert first["worker"]["deadLetters"] == {"malformed": 1}
    assert first["worker"]["health"] == {"alive": {"good": True}}
    assert [(s["name"], s["anomalies"]) for s in first["streams"]] == [("a", 1)]
    assert first["stream"]["start"] == 0
    assert first["stream"]["columns"]["value"] == [0.0, 1.0]
    assert first["stream"]["columns"]["forecast"] == [None, 1.0]
    assert first["stream"]["ahead"] == {"forecast": [2.0], "lower": [1.5], "upper": [2.5]}
    tell(feed, answer(2))
    second = reader.event()
    assert second["stream"]["start"] == 2
    assert second["stream"]["columns"]["value"] == [2.0]


def test_what_is_no_number_is_null() -> None:
    feed = Feed()
    tell(feed, answer(0, value=math.nan, time=math.inf), answer(1, value=math.inf))
    columns = Reader(make(feed)).event()["stream"]["columns"]
    assert columns["value"] == columns["ratio"] == columns["time"] == [None, None]


def test_a_key_cannot_break_out_of_its_event() -> None:
    key = "\n\nevent: evil\ndata: {}\r\n\n</script><img src=x onerror=alert(1)>\u2028"
    feed = Feed()
    tell(feed, answer(0, key))
    assert Reader(make(feed)).event()["stream"]["name"] == key


def test_a_page_that_comes_back_goes_on_where_it_was() -> None:
    feed = Feed()
    events = make(feed)
    tell(feed, *map(answer, range(10)))
    reader = Reader(events)
    reader.event()
    reader.connection.close()
    tell(feed, *map(answer, range(10, 13)))
    message = Reader(events, told=reader.told).event()
    assert message["stream"]["columns"]["value"] == [10.0, 11.0, 12.0]
    assert "worker" in message


def test_a_page_that_outlived_its_worker_begins_anew() -> None:
    before, after = Feed(), Feed()
    tell(before, *map(answer, range(10)))
    reader = Reader(make(before))
    first = reader.event()
    tell(after, *map(answer, range(20)))
    message = Reader(make(after), told=reader.told).event()
    assert message["run"] != first["run"]
    assert message["stream"]["start"] == 0
    assert len(message["stream"]["columns"]["value"]) == 20


def test_what_is_said_to_be_told_may_be_anything() -> None:
    feed = Feed()
    tell(feed, answer(0))
    for told in ("", "/", "x/y/z", f"{feed.run}/a/-1", f"{feed.run}/a/{'9' * 400}"):
        assert Reader(make(feed), told=told).event()["stream"]["start"] == 0


def test_the_stream_that_is_wanted_is_told_as_soon_as_it_is_there() -> None:
    feed = Feed()
    events = make(feed)
    tell(feed, answer(0, "a"))
    reader = Reader(events, stream=Series(0, "b").identity)
    assert reader.event()["stream"]["name"] == "a"
    tell(feed, answer(0, "b"))
    assert reader.event()["stream"]["name"] == "b"


def test_a_slow_page_costs_nobody_memory_and_gets_the_newest() -> None:
    feed = Feed()
    tell(feed, answer(0))
    reader = Reader(make(feed))
    reader.event()
    tell(feed, *map(answer, range(1, 20_000)))
    message = reader.event()
    assert message["stream"]["start"] == 20_000 - DRAWN
    assert len(message["stream"]["columns"]["value"]) == DRAWN


def test_a_few_events_a_second_at_most_and_a_sign_of_life_in_silence() -> None:
    feed, clock = Feed(lambda: 0.0), Clock()
    reader = Reader(Events(Summary(feed, {}, {}, clock), feed, clock.sleep))
    reader.event()
    before = clock.now
    assert reader.piece() == b": still here\n\n"
    assert clock.now - before >= HEARTBEAT_SECONDS
    for n in range(8):
        tell(feed, answer(n))
        before = clock.now
        reader.event()
        assert clock.now - before >= PAUSE_SECONDS


def refused(events: Events) -> bool:
    answer = events.page(Request({}, Message()))
    return isinstance(answer, Page) and answer.status == 503


def test_pages_are_bounded_and_one_that_closes_makes_room() -> None:
    events = make(Feed())
    readers = [Reader(events) for _ in range(OPEN_AT_MOST)]
    assert refused(events)
    readers[0].connection.close()
    readers[0].connection.close()
    Reader(events)
    assert refused(events)
