"""A small HTTP server for what operators, their machines and their browsers ask."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from types import MappingProxyType
from typing import NamedTuple, Protocol
from urllib.parse import parse_qsl, urlsplit

from streamrnn.errors import ConfigurationError

SILENCE_SECONDS = 20.0
"""How long a client may neither send nor take anything before its connection ends."""
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""What every page is sent with, where it does not say otherwise."""


class Request(NamedTuple):
    """What is asked beside the path."""

    query: Mapping[str, str]
    headers: Message


class Page(NamedTuple):
    """What a path is answered with."""

    status: int
    content_type: str
    content: bytes
    headers: Mapping[str, str] = MappingProxyType({})


class Pieces(Protocol):
    """Come one after the other; the one who takes them closes them."""

    def __iter__(self) -> Iterator[bytes]: ...
    def close(self) -> None: ...


class Stream(NamedTuple):
    """What a path is answered with that has no end."""

    content_type: str
    pieces: Pieces


Routes = Mapping[str, Callable[[Request], Page | Stream]]


def serve(host: str, port: int, routes: Routes) -> int:
    """Serve pages by their paths from threads; return the port, which 0 leaves to the system.

    Raises:
        ConfigurationError: The address cannot be listened on.
    """
    try:
        server = ThreadingHTTPServer((host, port), _handler(routes, local=_is_loopback(host)))
    except OSError as error:
        raise ConfigurationError(
            f"metrics: cannot listen on {host}:{port}: {error.strerror}; set metrics.port"
        ) from error
    threading.Thread(target=server.serve_forever, name="http", daemon=True).start()
    return int(server.server_port)


def _handler(routes: Routes, *, local: bool) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = SILENCE_SECONDS

        def do_GET(self) -> None:
            answer = self._answer()
            try:
                if isinstance(answer, Page):
                    self._send(answer)
                else:
                    self._stream(answer)
            except (ConnectionError, TimeoutError):
                # Whoever has asked is gone, or takes nothing any more.
                self.close_connection = True

        def _answer(self) -> Page | Stream:
            host = self.headers.get("Host", "")
            if local and not names_this_machine(host):
                return _text(421, f"{host!r} is no name of this machine: ask for localhost")
            parts = urlsplit(self.path)
            make = routes.get(parts.path)
            if not make:
                return _text(404, "there is no such page")
            return make(Request(dict(parse_qsl(parts.query)), self.headers))

        def _send(self, page: Page) -> None:
            length = {"Content-Length": str(len(page.content))}
            self._begin(page.status, page.content_type, {**length, **page.headers})
            self.wfile.write(page.content)

        def _stream(self, stream: Stream) -> None:
            with closing(stream.pieces) as pieces:
                self._begin(200, stream.content_type, {})
                for piece in pieces:
                    self.wfile.write(piece)

        def _begin(self, status: int, content_type: str, headers: Mapping[str, str]) -> None:
            self.send_response(status)
            for header in {**HEADERS, "Content-Type": content_type, **headers}.items():
                self.send_header(*header)
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:
            """Say nothing: probes ask every few seconds."""

    return Handler


def _text(status: int, words: str) -> Page:
    return Page(status, "text/plain; charset=utf-8", f"{words}\n".encode())


def names_this_machine(host: str) -> bool:
    """Whether a browser that asks with this ``Host`` cannot have been lured here.

    Any site may let its own name point to 127.0.0.1, and its scripts would then read what is
    served here as if it were theirs. An address is no name, and ``localhost`` is nobody's.
    """
    name = urlsplit(f"//{host}").hostname or ""
    if name in ("", "localhost") or name.endswith(".localhost"):
        return True
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
