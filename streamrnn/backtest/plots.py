"""What the page's plots show; their titles say it."""

import math
from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from streamrnn.backtest.figures import Figures, Over, Window
from streamrnn.backtest.moments import COLUMNS, Excerpt, Moment
from streamrnn.backtest.places import Place, places
from streamrnn.backtest.scores import Scores
from streamrnn.backtest.table import number, share
from streamrnn.backtest.verdict import in_words

STREAMS = 8
NEAR, FAR = 1, 4
"""The columns of `COLUMNS` where the forecast and its interval begin."""

Numbers = list[float | None]


class Line(msgspec.Struct, frozen=True):
    """A line of a plot; ``kind`` says how it is drawn, ``shown`` whether it is at first."""

    name: str
    kind: str
    shown: bool
    y: Numbers


class Plot(msgspec.Struct, frozen=True):
    """Lines over the file."""

    title: str
    x: list[Place]
    lines: list[Line]


class Forecast(msgspec.Struct, frozen=True):
    """What was forecast of values, so many steps before them."""

    forecast: Numbers
    lower: Numbers
    upper: Numbers


class Shown(msgspec.Struct, frozen=True):
    """Values of one stream with their forecasts, for each of the steps."""

    name: str
    x: list[Place]
    values: Numbers
    forecasts: list[Forecast]


class Card(msgspec.Struct, frozen=True):
    """A moment that was forecast badly, and what lay around it."""

    title: str
    words: str
    index: int
    shown: Shown


class Step(msgspec.Struct, frozen=True):
    """The plots of forecasts so many steps ahead."""

    words: str
    errors: Plot
    coverage: Plot
    shares: Plot | None


class Plots(msgspec.Struct, frozen=True):
    """All that the page draws."""

    target: str
    coverage: float
    steps: list[Step]
    streams: list[Shown]
    worst: list[Card]


def plots_of(figures: Figures, scores: Scores) -> Plots:
    """Return what the page draws."""
    steps = len(figures.over)
    kept = [(len(s.past.events.offsets), s.count, s.past) for s in scores.streams.values()]
    most = sorted(kept, key=lambda one: one[:2], reverse=True)[:STREAMS]
    return Plots(
        target=figures.target,
        coverage=figures.coverage,
        steps=[_step(figures, over) for over in figures.over],
        streams=[_shown(past.key, past.events, steps) for _, _, past in most],
        worst=[_card(moment, steps) for moment in scores.worst.moments],
    )


def _step(f: Figures, over: Over) -> Step:
    shares = None
    if len(f.experts) > 1:
        means = np.array([window.means for window in over.shares]).mean(axis=0)
        best = np.argsort(-means)[:3]
        names = ", ".join(f"{f.experts[n]} {share(float(means[n]))}" for n in best)
        shares = _plot(
            f"Trusted most: {names}", over.shares, f.experts, ["share"] * len(means), {*f.experts}
        )
    return Step(in_words(over.step), _errors(f, over), _coverage(f, over), shares)


def _errors(f: Figures, over: Over) -> Plot:
    last = [method.name for method in f.methods].index("last value")
    ratios = [
        msgspec.structs.replace(
            window, means=[_ratio(mean, window.means[last]) for mean in window.means]
        )
        for window in over.errors
    ]
    below = sum(window.means[0] < 1 for window in ratios)
    title = (
        f"Less error than the last value's in {below} of {len(ratios)} parts of the file"
        if len(ratios) > 1
        else "The error, as a share of the last value's"
    )
    names, kinds = [m.name for m in f.methods], [m.kind for m in f.methods]
    return _plot(title, ratios, names, kinds, _leading(f, over.step))


def _leading(f: Figures, step: int) -> set[str]:
    """Return the names of what is forecast, of the last value and of the best of each kind."""
    place = [error.step for error in f.methods[0].errors].index(step)
    kinds = [
        [m for m in f.methods if m.kind == "naive" and m.name != "last value"],
        [m for m in f.methods if m.kind == "peer"],
    ]
    best = [min(kind, key=lambda m: m.errors[place].mae).name for kind in kinds if kind]
    return {f.methods[0].name, "last value", *best}


def _coverage(f: Figures, over: Over) -> Plot:
    held = [window.means[0] for window in over.coverage]
    title = f"{100 * f.coverage:g} % are to lie within the intervals"
    if held:
        title += f"; in parts of the file {100 * min(held):.0f} to {100 * max(held):.0f} % do"
    return _plot(title, over.coverage, ["within"], ["coverage"], {"within"})


def _plot(
    title: str, windows: list[Window], names: list[str], kinds: Sequence[str], shown: set[str]
) -> Plot:
    at = places([window.offset for window in windows], [window.time for window in windows])
    columns = np.array([window.means for window in windows]).reshape(len(windows), len(names)).T
    lines = [
        Line(name, kind, name in shown, _numbers(column))
        for name, kind, column in zip(names, kinds, columns, strict=True)
    ]
    return Plot(title, at, lines)


def _shown(key: str | None, events: Excerpt, steps: int) -> Shown:
    starts = (NEAR, FAR)[:steps]
    numbers = dict(enumerate(events.numbers.T))
    return Shown(
        "" if key is None else key,
        places(events.offsets.tolist(), events.times),
        _numbers(numbers[COLUMNS.index("value")]),
        [Forecast(*(_numbers(numbers[start + n]) for n in range(3))) for start in starts],
    )


def _card(moment: Moment, steps: int) -> Card:
    around, n = moment.around, moment.index
    value, forecast = around.numbers[n, :2].tolist()
    size = f"{moment.surprise:,.1f}" if math.isfinite(moment.surprise) else "infinitely many"
    time = around.times[n]
    where = f"record {moment.offset:,}" if time is None else str(time)
    stream = "" if moment.key is None else f"{moment.key}, "
    return Card(
        f"{stream}{where}",
        f"{number(value)} came where {number(forecast)} was expected: {size} mean changes away",
        n,
        _shown(moment.key, around, steps),
    )


def _numbers(column: NDArray[np.float64]) -> Numbers:
    return [value if math.isfinite(value) else None for value in column.tolist()]


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else math.nan
