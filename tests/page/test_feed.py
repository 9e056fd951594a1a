"""What is noted of the worker's answers, in bounded memory."""

import threading

from streamrnn.page.feed import HELD, IDLE_SECONDS, Feed
from streamrnn.page.series import DRAWN, Series
from tests.page.answers import answer, dead_letter, tell


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


NOTHING = None, 0


def names(feed: Feed) -> set[str | None]:
    return {stream.name for stream in feed.streams()}


def test_streams_are_bounded_and_the_first_stay_while_they_are_busy() -> None:
    feed = Feed(Clock())
    for n in range(3):
        tell(feed, *[answer(n, f"s{number}") for number in range(HELD + 50)])
    assert names(feed) == {f"s{number}" for number in range(HELD)}
    assert {stream.count for stream in feed.streams()} == {3}
    assert feed.totals().others == 3 * 50


def test_a_silent_stream_makes_room_for_a_new_one() -> None:
    clock = Clock()
    feed = Feed(clock)
    tell(feed, *[answer(0, f"s{number}") for number in range(HELD)])
    clock.now += IDLE_SECONDS
    tell(feed, *[answer(1, f"s{number}") for number in range(1, HELD)])
    tell(feed, answer(0, "new"), answer(0, "other"))
    assert names(feed) == {*(f"s{number}" for number in range(1, HELD)), "new"}


def test_a_stream_that_is_looked_at_does_not_go() -> None:
    clock = Clock()
    feed = Feed(clock)
    tell(feed, *[answer(0, f"s{number}") for number in range(HELD)])
    clock.now += IDLE_SECONDS
    feed.look(Series(0, "s7").identity, NOTHING)
    tell(feed, *[answer(0, f"new{number}") for number in range(HELD)])
    assert "s7" in names(feed)
    assert len(names(feed)) == HELD


def test_partitions_have_streams_of_their_own() -> None:
    feed = Feed()
    tell(feed, answer(0, None), partition=0)
    tell(feed, answer(0, None), partition=1)
    assert [(s.partition, s.name, s.count) for s in feed.streams()] == [(0, None, 1), (1, None, 1)]


def test_a_look_takes_what_is_new() -> None:
    feed = Feed()
    assert feed.look(None, NOTHING) is None
    tell(feed, answer(0), answer(1))
    first = feed.look(None, NOTHING)
    assert first is not None
    assert (first.count, first.new) == (2, 2)
    tell(feed, answer(2))
    second = feed.look(None, (first.identity, first.count))
    assert second is not None
    assert (second.count, second.new, second.points[-1].value) == (3, 1, 2.0)


def test_a_look_after_a_long_time_takes_the_newest() -> None:
    feed = Feed()
    tell(feed, answer(0))
    first = feed.look(None, NOTHING)
    assert first is not None
    tell(feed, *map(answer, range(1, 10_000)))
    second = feed.look(None, (first.identity, first.count))
    assert second is not None
    assert (second.count, second.new, second.points[-1].value) == (10_000, DRAWN, 9999.0)


def test_a_stream_that_is_not_there_is_answered_by_the_first_and_only_once() -> None:
    feed = Feed()
    tell(feed, answer(0, "a"), answer(0, "b"))
    first = feed.look("not there", ("not there", 7))
    assert first is not None
    assert (first.name, first.new) == ("a", 1)
    again = feed.look("not there", (first.identity, first.count))
    assert again is not None
    assert again.new == 0


def test_totals_are_of_all_records() -> None:
    clock = Clock()
    feed = Feed(clock)
    clock.now += 2
    tell(feed, answer(0), dead_letter(1), dead_letter(2, "type"), dead_letter(3))
    totals = feed.totals()
    assert totals.records == 4
    assert totals.rate == 2.0
    assert totals.dead_letters == {"malformed": 2, "type": 1}
    clock.now += 60
    assert feed.totals().rate == 0.0


def test_what_is_looked_at_meanwhile_is_whole() -> None:
    feed, done = Feed(), threading.Event()

    def learn() -> None:
        for n in range(0, 30_000, 10):
            tell(feed, *map(answer, range(n, n + 10)))
        done.set()

    thread = threading.Thread(target=learn)
    thread.start()
    known: tuple[str | None, int] = NOTHING
    while not done.is_set():
        look = feed.look(None, known)
        if look is None:
            continue
        values = [point.value for point in look.points]
        assert values == [float(n) for n in range(look.count - len(values), look.count)]
        assert look.ahead.forecast == [float(look.count)]
        known = look.identity, look.count
    thread.join()
