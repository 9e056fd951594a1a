"""Made-up forecasts of several streams, and their errors by a plain loop."""

import math
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from streamrnn.backtest.scores import Scores, Setting
from streamrnn.learner.calibration import Judgement
from streamrnn.learner.forecaster import Forecasts
from streamrnn.records import Record
from streamrnn.tasks.forecast import Event

EXPERTS = ("network", "smoother", "regression")


def setting(horizon: int = 3, seasons: tuple[int, ...] = (), *, peers: bool = False) -> Setting:
    return Setting(EXPERTS, horizon, seasons, 0.8, peers, max_streams=1000)


@dataclass(frozen=True)
class Told:
    """What a listener hears."""

    events: list[Event]
    forecasts: Forecasts
    judgement: Judgement

    def part(self, start: int, stop: int) -> "Told":
        cut = slice(start, stop)
        f, j = self.forecasts, self.judgement
        return Told(
            self.events[cut],
            replace(
                Forecasts(*(getattr(f, name)[cut] for name in f.__dataclass_fields__)),
                opinions=f.opinions[:, cut],
            ),
            Judgement(*(getattr(j, name)[cut] for name in j.__dataclass_fields__)),
        )


def told(seed: int, events: int, horizon: int, streams: int = 3) -> Told:
    """Make events up: of values that are unknown, forecasts without one, and events undone."""
    draw = np.random.default_rng(seed)
    values = draw.normal(size=events)
    values[draw.random(events) < 0.05] = np.nan
    ahead = draw.normal(size=(events, 1 + len(EXPERTS), horizon))
    ahead[draw.random(events) < 0.05] = np.nan
    ahead[draw.random(events) < 0.05, 2] = np.nan
    reach = draw.random((2, events, horizon)) * 3
    reach[:, draw.random(events) < 0.05] = np.nan
    shares = draw.random((events, len(EXPERTS), 2))
    forecasts = Forecasts(
        values=ahead[:, 0],
        error=np.full(events, np.nan),
        last_value_error=np.full(events, np.nan),
        change=1 + draw.random(events),
        loss=np.full(events, np.nan),
        step=np.arange(events),
        outcome=(draw.random(events) < 0.03).astype(np.int64),
        opinions=ahead[:, 1:].swapaxes(0, 1),
        shares=shares / shares.sum(axis=1, keepdims=True),
    )
    judgement = Judgement(
        lower=ahead[:, 0] - reach[0],
        upper=ahead[:, 0] + reach[1],
        anomaly=np.where(draw.random(events) < 0.1, np.nan, draw.random(events) + 0.05),
        covered=np.full(events, np.nan),
        drift=draw.random(events) < 0.02,
        alarm=draw.random(events) < 0.02,
    )
    return Told(
        [
            Event(Record(0, n + n // 7, None, b""), f"s{key}", f"t{n}", value)
            for n, (key, value) in enumerate(
                zip(draw.integers(streams, size=events).tolist(), values.tolist(), strict=True)
            )
        ],
        forecasts,
        judgement,
    )


def hear(scores: Scores, heard: Told, seed: int) -> None:
    """Let scores hear of all, cut into runs at random."""
    draw = np.random.default_rng(seed)
    start = 0
    while start < len(heard.events):
        stop = start + int(draw.integers(1, 40))
        part = heard.part(start, stop)
        scores.hear(part.events, part.forecasts, part.judgement)
        start = stop
    scores.end()


@dataclass
class Expected:
    """What a plain loop comes to, for one step ahead."""

    errors: list[list[float]] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    covered: list[bool] = field(default_factory=list)
    widths: list[float] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    plain: list[float] = field(default_factory=list)


def expected(heard: Told, made: Setting, step: int) -> Expected:
    """Score one event after another."""
    found = Expected()
    streams: dict[str | None, list[int]] = {}
    for n, event in enumerate(heard.events):
        if not heard.forecasts.outcome[n]:
            streams.setdefault(event.key, []).append(n)
    for rows in streams.values():
        _score_stream(found, heard, made, step, rows)
    return found


def _score_stream(found: Expected, heard: Told, made: Setting, step: int, rows: list[int]) -> None:
    f, j = heard.forecasts, heard.judgement
    values = [heard.events[row].value for row in rows]
    filled: list[float] = []
    for value in values:
        filled.append(value if not math.isnan(value) else filled[-1] if filled else math.nan)
    signed: list[float] = []
    plain: list[tuple[float, float] | None] = []
    for n, row in enumerate(rows):
        value, origin = values[n], n - step
        before = rows[origin] if origin >= 0 else None
        ahead = step - 1
        if before is not None:
            error = value - f.values[before, ahead]
            if not math.isnan(error):
                signed.append(error)
        last = signed[-500:]
        if len(last) >= 20:
            low, high = np.quantile(last, [(1 - made.coverage) / 2, (1 + made.coverage) / 2])
            plain.append((f.values[row, ahead] + low, f.values[row, ahead] + high))
        else:
            plain.append(None)
        if before is None or origin < made.first:
            continue
        mixed = float(f.values[before, ahead])
        opinions = [
            mixed if math.isnan(opinion) else opinion
            for opinion in f.opinions[:, before, ahead].tolist()
        ]
        forecasts = [mixed, *opinions, filled[origin]]
        for season in made.seasons:
            place = n
            while place > origin:
                place -= season
            forecasts.append(filled[place])
        errors = [abs(forecast - value) for forecast in forecasts]
        if any(math.isnan(error) for error in errors):
            continue
        found.errors.append(errors)
        found.places.append(heard.events[row].record.offset)
        lower, upper = j.lower[before, ahead], j.upper[before, ahead]
        if math.isnan(lower):
            continue
        found.covered.append(bool(lower <= value <= upper))
        found.widths.append(upper - lower)
        others = plain[origin]
        if others is not None and not math.isnan(others[0]):
            found.scores.append(_score(lower, upper, value, made.coverage))
            found.plain.append(_score(*others, value, made.coverage))


def _score(lower: float, upper: float, value: float, coverage: float) -> float:
    fine = 2 / (1 - coverage)
    if value < lower:
        return upper - lower + fine * (lower - value)
    if value > upper:
        return upper - lower + fine * (value - upper)
    return upper - lower


def column(rows: list[list[float]], n: int) -> NDArray[np.float64]:
    return np.array(rows)[:, n]
