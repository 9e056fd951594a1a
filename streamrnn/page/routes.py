"""The page's paths, and what they are answered with."""

import gzip
from collections.abc import Callable, Mapping
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from streamrnn.errors import ConfigurationError
from streamrnn.metrics.server import Page, Request, Routes
from streamrnn.page.events import Events
from streamrnn.page.feed import Feed
from streamrnn.page.summary import Summary

ASSETS = files("streamrnn.page") / "assets"
CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
CHART_LIBRARY = "/plotly.min.js"
A_YEAR = "public, max-age=31536000, immutable"
POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "img-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
)
"""What the page may do: nothing that is not served from here, and nothing written inline."""


def routes(
    feed: Feed, health: Mapping[str, Callable[[], object]], *, application: str, target: str
) -> Routes:
    """Return the page's routes.

    Args:
        feed: What is shown.
        health: By ``alive`` and ``ready``, what reports whether the worker is.
        application: Its name.
        target: What is forecast.

    Raises:
        ConfigurationError: The chart library is not installed.
    """
    library = _library()
    if library is None:
        raise ConfigurationError("metrics.page: the page draws with plotly: pip install plotly")
    about = {"application": application, "target": target}
    assets = [path.name for path in ASSETS.iterdir()]
    return {
        **{f"/{name}": _asset(name) for name in assets if Path(name).suffix in CONTENT_TYPES},
        "/": _asset("index.html"),
        "/events": Events(Summary(feed, health, about), feed).page,
        CHART_LIBRARY: lambda request: _chart_library(library, request),
    }


def _asset(name: str) -> Callable[[Request], Page]:
    def page(_: Request) -> Page:
        content = ASSETS.joinpath(name).read_bytes()
        if name == "index.html":
            # What is kept for a year is asked for by its version.
            kept = f"{CHART_LIBRARY}?{version('plotly')}"
            content = content.replace(CHART_LIBRARY.encode(), kept.encode())
        headers = {"Content-Security-Policy": POLICY}
        return Page(200, CONTENT_TYPES[Path(name).suffix], content, headers)

    return page


def _library() -> Path | None:
    # Importing it takes longer than all else before the first prediction.
    found = find_spec("plotly")
    if not (found and found.origin):
        return None
    path = Path(found.origin).parent / "package_data" / "plotly.min.js"
    return path if path.exists() else None


def _chart_library(path: Path, request: Request) -> Page:
    headers = {"Cache-Control": A_YEAR, "Vary": "Accept-Encoding"}
    content = path.read_bytes()
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        content, headers["Content-Encoding"] = _compressed(path), "gzip"
    return Page(200, CONTENT_TYPES[".js"], content, headers)


@cache
def _compressed(path: Path) -> bytes:
    return gzip.compress(path.read_bytes(), compresslevel=6)
