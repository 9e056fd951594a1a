"""The figures as plain text for a terminal of 80 columns."""

import math
import textwrap
from collections.abc import Iterator, Sequence

from streamrnn.backtest.figures import DeadLetters, Figures
from streamrnn.backtest.verdict import in_words

WIDTH = 80
NAME = 42


def number(value: float) -> str:
    """Return a number with four digits, or more before the point."""
    if not math.isfinite(value):
        return "-"
    if value == 0:
        return "0"
    places = max(3 - math.floor(math.log10(abs(value))), 0)
    return f"{value:,.{places}f}" if places < 8 else f"{value:.3e}"


def ratio(value: float) -> str:
    """Return how many times another a number is."""
    return f"{value:.3f}" if abs(value) < 100 else number(value)


def share(value: float) -> str:
    """Return a share in percent."""
    return "-" if math.isnan(value) else f"{100 * value:.1f} %"


def printable(text: object) -> str:
    """Return a text from data on one line, without what would steer a terminal."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in str(text))


def table(figures: Figures) -> str:
    """Return all of it."""
    parts = [_about(figures), _errors(figures), _intervals(figures), _cost(figures)]
    if figures.dead_letters.count:
        parts.append(letters(figures.dead_letters))
    parts.append([*wrapped(figures.headline), *wrapped(figures.verdict)])
    return "\n\n".join("\n".join(part) for part in parts)


def _about(f: Figures) -> list[str]:
    seasons = f", season {' and '.join(map(str, f.season))}" if f.season else ""
    return [
        f"{printable(f.file)}: {printable(f.target)}, {in_words(f.horizon)}{seasons}",
        f"{counted(f.records, 'record')} of {counted(f.streams, 'stream')}, "
        f"{counted(f.dead_letters.count, 'dead letter')}, {f.seconds.all:,.1f} s",
    ]


def counted(count: int, what: str) -> str:
    """Return a count of something."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _errors(f: Figures) -> Iterator[str]:
    heads = "".join(f"{in_words(point.step):>18} " for point in f.points)
    yield f"{'error':<{NAME}}{heads}".rstrip()
    yield (" " * NAME + f"{'MAE':>9} {'relative':>8} " * len(f.points)).rstrip()
    best = [min(m.errors[place].mae for m in f.methods) for place in range(len(f.points))]
    for method in f.methods:
        cells = "".join(
            f"{number(error.mae):>9} {ratio(error.relative):>8}{'*' if error.mae == least else ' '}"
            for error, least in zip(method.errors, best, strict=True)
        )
        yield f"{method.name:<{NAME}}{cells}".rstrip()
    scored = " and ".join(f"{point.count:,}" for point in f.points)
    yield from wrapped(
        f"* the least. Relative to the last value's error; {scored} forecasts, the same ones for "
        f"all methods, made after the first {f.first:,} records of a stream."
    )


def _intervals(f: Figures) -> Iterator[str]:
    heads = "".join(f"{in_words(one.step):>19}" for one in f.intervals)
    yield f"{f'intervals for {100 * f.coverage:g} % of the values':<{NAME}}{heads}"
    rows: Sequence[tuple[str, list[str]]] = [
        ("values within", [share(one.coverage) for one in f.intervals]),
        ("mean width", [number(one.width) for one in f.intervals]),
        ("  times the last value's error", [ratio(one.relative_width) for one in f.intervals]),
        ("interval score", [number(one.score) for one in f.intervals]),
        ("  by the last 500 errors", [number(one.last_errors_score) for one in f.intervals]),
    ]
    for name, cells in rows:
        yield f"{name:<{NAME}}{''.join(f'{cell:>19}' for cell in cells)}"


def _cost(f: Figures) -> Iterator[str]:
    micros = f.microseconds
    peers = f"; River's methods {micros.peers:,.0f}" if micros.peers else ""
    yield (
        f"{counted(f.anomalies, 'record')} with an anomaly of 0.999 or more; "
        f"drift found {counted(f.drifts, 'time')}"
    )
    yield (
        f"{micros.learning:,.0f} microseconds a record to predict and learn{peers}; "
        f"{micros.all:,.0f} in all"
    )


def letters(dead: DeadLetters) -> Iterator[str]:
    """Yield the first dead letters, a line each."""
    yield f"{counted(dead.count, 'dead letter')}, of which the first:"
    for letter in dead.first:
        text = printable(f"record {letter.offset}: {letter.reason}: {letter.message}")
        yield "  " + textwrap.shorten(text, WIDTH - 2)


def wrapped(text: str) -> list[str]:
    """Return a text as lines."""
    return textwrap.wrap(text, WIDTH)
