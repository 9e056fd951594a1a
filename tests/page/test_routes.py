"""The page as any browser gets it."""

import gzip
import re
import socket
import time
import urllib.error
import urllib.request
from email.message import Message
from pathlib import Path
from urllib.request import Request

import pytest

from streamrnn.configuration import parse
from streamrnn.errors import ConfigurationError
from streamrnn.metrics.server import names_this_machine, serve
from streamrnn.page.events import OPEN_AT_MOST, Events
from streamrnn.page.feed import Feed
from streamrnn.page.routes import ASSETS, routes
from streamrnn.page.summary import Summary
from tests.page.answers import answer, tell


@pytest.fixture(scope="module")
def address() -> str:
    shown = routes(Feed(), {}, application="office", target="temperature")
    return f"http://127.0.0.1:{serve('127.0.0.1', 0, shown)}"


def get(url: str, **headers: str) -> tuple[bytes, Message]:
    asked = {name.replace("_", "-"): value for name, value in headers.items()}
    with urllib.request.urlopen(Request(url, headers=asked), timeout=10) as answer:
        return answer.read(), answer.headers


def test_the_page_and_all_that_it_names_are_served(address: str) -> None:
    content, headers = get(f"{address}/")
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    named = re.findall(r'(?:src|href)="([^"]+)"', content.decode())
    for name in Path(str(ASSETS)).glob("*.js"):
        named += [f"/{found}" for found in re.findall(r'from "\./(.+)"', name.read_text())]
    assert len(set(named)) > 6
    for name in set(named):
        assert get(address + name)[0]


def test_nothing_inline_can_run_and_nothing_comes_from_elsewhere(address: str) -> None:
    policy = get(f"{address}/")[1]["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; ")
    assert "unsafe" not in policy
    for path in Path(str(ASSETS)).iterdir():
        text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://|innerHTML|insertAdjacentHTML|document\.write", text)
        assert not re.search(r"<script>|<style|\sstyle=|\son\w+=\"|javascript:", text)


def test_each_answer_is_what_it_says_it_is(address: str) -> None:
    for path in ("/", "/page.js", "/page.css", "/icon.svg", "/plotly.min.js"):
        headers = get(address + path)[1]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_the_chart_library_is_kept_and_packed(address: str) -> None:
    content, headers = get(f"{address}/plotly.min.js")
    assert headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert headers["Content-Encoding"] is None
    packed, headers = get(f"{address}/plotly.min.js", Accept_Encoding="gzip, br")
    assert headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed) == content
    assert len(packed) < len(content) / 2
    assert re.search(rb'src="/plotly.min.js\?[\d.]+"', get(f"{address}/")[0])


def test_a_name_that_leads_here_from_elsewhere_is_refused(address: str) -> None:
    port = address.rpartition(":")[2]
    for good in (f"localhost:{port}", f"127.0.0.1:{port}", f"[::1]:{port}", "a.localhost"):
        assert get(f"{address}/", Host=good)[0]
    with pytest.raises(urllib.error.HTTPError, match="421"):
        get(f"{address}/events", Host=f"attacker.example:{port}")
    assert not names_this_machine("localhost.attacker.example")
    assert not names_this_machine("127.0.0.1.attacker.example")


def test_what_is_bound_for_all_may_be_called_by_any_name() -> None:
    port = serve("0.0.0.0", 0, routes(Feed(), {}, application="office", target="t"))
    assert get(f"http://127.0.0.1:{port}/", Host="learner.cluster.example")[0]


def test_a_page_that_is_closed_makes_room() -> None:
    feed = Feed()
    events = Events(Summary(feed, {}, {}), feed, lambda _: time.sleep(0.001))
    port = serve("127.0.0.1", 0, {"/events": events.page})
    tell(feed, answer(0))
    opened, until = 0, time.monotonic() + 30
    while opened < 3 * OPEN_AT_MOST and time.monotonic() < until:
        with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
            client.sendall(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
            # The server notices a moment later that those before are gone.
            opened += b"200" in client.recv(15)
    assert opened == 3 * OPEN_AT_MOST


def test_without_the_chart_library_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streamrnn.page.routes.find_spec", lambda _: None)
    with pytest.raises(ConfigurationError, match="pip install plotly"):
        routes(Feed(), {}, application="office", target="temperature")


def test_a_page_without_a_port_is_an_error() -> None:
    document = {
        "input": {"file": "in.csv"},
        "task": {"kind": "forecast", "target": "flow"},
        "output": {"file": "out.jsonl"},
        "metrics": {"page": True},
    }
    with pytest.raises(ConfigurationError, match=r"expected metrics\.port"):
        parse(document, "test")
