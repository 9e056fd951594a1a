"""What the page is told while it is open: server-sent events, a few a second at most."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping

import msgspec

from streamrnn.metrics.server import Page, Request, Stream
from streamrnn.page.feed import Feed, Look
from streamrnn.page.series import DRAWN, Point, covered, ratios
from streamrnn.page.summary import Message, Summary

PAUSE_SECONDS = 0.25
"""From one look at the feed to the next."""
HEARTBEAT_SECONDS = 5.0
RETRY_MILLISECONDS = 2000
OPEN_AT_MOST = 16


class Events:
    """Opens connections for pages, bounded in number.

    Args:
        summary: Of all streams.
        feed: Where one of them is.
        sleep: Waits for so many seconds.
    """

    def __init__(
        self, summary: Summary, feed: Feed, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._summary, self._feed, self._sleep = summary, feed, sleep
        self._free = threading.Semaphore(OPEN_AT_MOST)

    def page(self, request: Request) -> Page | Stream:
        """Answer a page that wants to be told, from where it was told before."""
        if not self._free.acquire(blocking=False):
            words = b"too many pages are open: close some, this one then goes on by itself\n"
            return Page(503, "text/plain; charset=utf-8", words)
        told = request.headers.get("Last-Event-ID", "")
        connection = Connection(self._summary, self._feed, self._sleep, self._free.release)
        connection.resume(request.query.get("stream"), told)
        return Stream("text/event-stream; charset=utf-8", connection)


class Connection:
    """One open page: each event says what is new since the one before.

    Args:
        summary: Of all streams.
        feed: Where one of them is.
        sleep: Waits for so many seconds.
        on_close: Called once.
    """

    def __init__(
        self,
        summary: Summary,
        feed: Feed,
        sleep: Callable[[float], None],
        on_close: Callable[[], None],
    ) -> None:
        self._summary, self._feed, self._sleep = summary, feed, sleep
        self._on_close: Callable[[], None] | None = on_close
        self._wanted: str | None = None
        self._known: tuple[str | None, int] = None, 0
        self._told = Message()

    def resume(self, wanted: str | None, told: str) -> None:
        """Take up the stream that is wanted, after the event that was told last."""
        self._wanted = wanted
        run, _, place = told.partition("/")
        identity, _, count = place.partition("/")
        if run == self._feed.run and count.isdecimal():
            self._known = identity, int(count[:18])

    def __iter__(self) -> Iterator[bytes]:
        yield f"retry: {RETRY_MILLISECONDS}\n\n".encode()
        silence = 0.0
        while self._on_close:
            event = self._event()
            if event is None and silence >= HEARTBEAT_SECONDS:
                event = b": still here\n\n"
            if event:
                yield event
                silence = 0.0
            self._sleep(PAUSE_SECONDS)
            silence += PAUSE_SECONDS

    def close(self) -> None:
        """Make room for another one."""
        on_close, self._on_close = self._on_close, None
        if on_close:
            on_close()

    def _event(self) -> bytes | None:
        message = Message()
        before, _ = self._known
        look = self._feed.look(self._wanted or before, self._known)
        if look and (look.new or look.identity != before):
            message["stream"] = stream_message(look)
            self._known = look.identity, look.count
        summary = self._summary.message()
        if summary is not self._told:
            message |= summary
            self._told = summary
        if not message:
            return None
        place = "/".join([self._feed.run, str(self._known[0]), str(self._known[1])])
        content = msgspec.json.encode({"run": self._feed.run, **message})
        return b"id: %b\ndata: %b\n\n" % (place.encode(), content)


def stream_message(look: Look) -> Message:
    """Return what is new of a stream, in columns; what is no number becomes null."""
    first = len(look.points) - look.new
    return {
        "id": look.identity,
        "partition": look.partition,
        "name": look.name,
        "start": look.count - look.new,
        "step": look.step,
        "covered": covered(look.points[-DRAWN:]),
        "columns": {
            **_columns(look.points[first:]),
            "ratio": ratios(look.points, look.new),
        },
        "ahead": look.ahead,
    }


def _columns(points: list[Point]) -> Mapping[str, list[object]]:
    names = ("time", "value", "forecast", "lower", "upper", "anomaly")
    return {name: [getattr(point, name) for point in points] for name in names}
