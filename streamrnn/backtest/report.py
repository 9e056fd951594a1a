"""The figures as one page, which loads nothing from elsewhere."""

import base64
import hashlib
from collections.abc import Iterator
from html import escape
from importlib import import_module
from importlib.resources import files

import msgspec

from streamrnn.backtest.figures import Figures
from streamrnn.backtest.plots import plots_of
from streamrnn.backtest.scores import Scores
from streamrnn.backtest.table import counted, number, ratio, share
from streamrnn.backtest.verdict import in_words

ASSETS = files("streamrnn.backtest") / "assets"


def report(figures: Figures, scores: Scores) -> bytes:
    """Return the page as HTML.

    Its policy lets the browser load nothing, and run nothing but the two scripts that are put in
    here. What came in records is escaped text, in the page as well as in the data.
    """
    library: str = import_module("plotly.offline").get_plotlyjs()
    script = _asset("report.js")
    policy = (
        f"default-src 'none'; script-src {_digest(library)} {_digest(script)}; "
        "style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'"
    )
    parts = {
        "policy": policy,
        "title": escape(f"{figures.target} in {figures.file}"),
        "style": _asset("report.css"),
        "about": escape(_about(figures)),
        "headline": escape(figures.headline),
        "verdict": escape(figures.verdict),
        "methods": "\n".join(_methods(figures)),
        "tiles": "\n".join(_tiles(figures)),
        "scored": escape(_scored(figures)),
        "letters": "\n".join(_letters(figures)),
        "data": _data(msgspec.json.encode(plots_of(figures, scores))),
        "library": library,
        "script": script,
    }
    # What is put in is not looked through for places of others.
    head, *rest = _asset("report.html").split("{{")
    pieces = [head]
    for piece in rest:
        name, after = piece.split("}}", 1)
        pieces += [parts[name], after]
    return "".join(pieces).encode()


def _asset(name: str) -> str:
    return ASSETS.joinpath(name).read_text(encoding="utf-8")


def _digest(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def _data(encoded: bytes) -> str:
    """Return JSON that no text in it can end the element of."""
    return encoded.decode().replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _about(f: Figures) -> str:
    seasons = f", season {' and '.join(map(str, f.season))}" if f.season else ""
    return f"{f.target} in {f.file}, {in_words(f.horizon)}{seasons}"


def _methods(f: Figures) -> Iterator[str]:
    steps = range(len(f.points))
    heads = "".join(
        f'<th scope="col" colspan="2">{in_words(point.step).capitalize()}</th>'
        for point in f.points
    )
    yield f'<thead><tr><th scope="col">Mean absolute error</th>{heads}</tr></thead><tbody>'
    best = [min(m.errors[place].mae for m in f.methods) for place in steps]
    longest = [
        max(1.0, min(max(m.errors[place].relative for m in f.methods), 1.5)) for place in steps
    ]
    for method in f.methods:
        cells = []
        for place in steps:
            error = method.errors[place]
            mark = ' class="best"' if error.mae == best[place] else ""
            length = 100 * min(error.relative / longest[place], 1.0) if error.relative >= 0 else 0
            cells.append(
                f"<td{mark}>{number(error.mae)}</td>"
                f'<td{mark}><span class="bar" style="--length:{length:.1f}%"></span>'
                f"{ratio(error.relative)}</td>"
            )
        name = escape(method.name)
        yield f'<tr class="{method.kind}"><th scope="row">{name}</th>{"".join(cells)}</tr>'
    yield "</tbody>"


def _scored(f: Figures) -> str:
    counts = " and ".join(f"{point.count:,}" for point in f.points)
    return (
        f"With bars: as a share of the last value's. Over {counts} forecasts, the same ones for "
        f"all methods, made after the first {f.first:,} records of a stream."
    )


def _tiles(f: Figures) -> Iterator[str]:
    letters = f.dead_letters.count
    tiles = [
        ("Records", f"{f.records:,}", f"of {counted(f.streams, 'stream')}"),
        *(
            (
                f"In intervals {in_words(one.step)}",
                share(one.coverage),
                f"{100 * f.coverage:g} % wanted; {number(one.width)} wide on average",
            )
            for one in f.intervals
        ),
        ("µs a record", f"{f.microseconds.learning:,.0f}", "to predict and learn"),
        (
            "Anomalies",
            f"{f.anomalies:,}",
            f"of 0.999 or more; drift found {counted(f.drifts, 'time')}",
        ),
        ("Dead letters", f"{letters:,}", "records without an answer"),
    ]
    for name, value, words in tiles:
        yield (
            f"<div><dt>{escape(name)}</dt><dd>{escape(value)}<small>{escape(words)}</small></dd>"
            "</div>"
        )


def _letters(f: Figures) -> Iterator[str]:
    if f.dead_letters.first:
        items = "".join(
            f"<li>record {one.offset:,}: {escape(one.message)}</li>" for one in f.dead_letters.first
        )
        yield f"<section><h2>The first dead letters</h2><ul>{items}</ul></section>"
