"""A small HTTP server for what operators and their machines ask."""

import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

from streamrnn.errors import ConfigurationError


class Page(NamedTuple):
    """What a path is answered with."""

    status: int
    content_type: str
    content: bytes


Routes = Mapping[str, Callable[[], Page]]


def serve(host: str, port: int, routes: Routes) -> int:
    """Serve pages by their paths from a thread; return the port, which 0 leaves to the system.

    Raises:
        ConfigurationError: The address cannot be listened on.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            make = routes.get(self.path.partition("?")[0])
            page = make() if make else Page(404, "text/plain", b"there is no such page\n")
            self.send_response(page.status)
            self.send_header("Content-Type", page.content_type)
            self.send_header("Content-Length", str(len(page.content)))
            self.end_headers()
            self.wfile.write(page.content)

        def log_message(self, format: str, *arguments: object) -> None:
            """Say nothing: probes ask every few seconds."""

    try:
        server = ThreadingHTTPServer((host, port), Handler)
    except OSError as error:
        raise ConfigurationError(
            f"metrics: cannot listen on {host}:{port}: {error.strerror}; set metrics.port"
        ) from error
    threading.Thread(target=server.serve_forever, name="http", daemon=True).start()
    return int(server.server_port)
