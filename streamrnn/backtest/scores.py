"""The errors of all methods over the same forecasts, added up as events come."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from streamrnn.backtest.figures import Kind
from streamrnn.backtest.intervals import interval_scores
from streamrnn.backtest.moments import Excerpt, Past, Worst
from streamrnn.backtest.peers import Peers, peer_names
from streamrnn.backtest.stream import Due, Made, Stream
from streamrnn.backtest.windows import Windows
from streamrnn.learner.calibration import Judgement
from streamrnn.learner.forecaster import Forecasts
from streamrnn.tasks.forecast import Event

UNUSUAL = 0.999
LEAST_RECORDS = 30
"""The least number of a stream's first records whose forecasts are not scored."""
LONG, LONG_STREAMS = 500, 100
"""Events that are kept of the first streams; of all others only what a moment needs."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What is scored.

    Attributes:
        experts: The names of those that are mixed.
        horizon: The farther of the two steps that are scored.
        seasons: Known seasons, in steps.
        coverage: The share of values that the intervals are to hold.
        peers: Whether River's methods learn, too.
        max_streams: The one idle longest is forgotten beyond.
    """

    experts: tuple[str, ...]
    horizon: int
    seasons: tuple[int, ...]
    coverage: float
    peers: bool
    max_streams: int

    @property
    def steps(self) -> list[int]:
        """How many steps ahead forecasts are scored."""
        return sorted({1, self.horizon})

    @property
    def first(self) -> int:
        """How many of a stream's first records no forecast is scored of that was made at them."""
        return max(self.seasons) if self.seasons else max(LEAST_RECORDS, self.horizon)

    @property
    def mixed(self) -> bool:
        """Whether the forecasts are a mixture of several."""
        return len(self.experts) > 1

    @property
    def methods(self) -> list[tuple[str, Kind]]:
        """The names of all methods; the first makes the forecasts that a run would send."""
        names: list[tuple[str, Kind]] = [("mixture", "forecast")] if self.mixed else []
        for expert in self.experts:
            alone: Kind = "expert" if self.mixed else "forecast"
            names.append(("network alone" if expert == "network" else expert, alone))
        names.append(("last value", "naive"))
        names += [(f"value a season ago ({season})", "naive") for season in self.seasons]
        if self.peers:
            names += [(name, "peer") for name in peer_names(self.seasons)]
        return names


@dataclass(slots=True)
class Sums:
    """Over the forecasts of one step ahead that were scored.

    Attributes:
        errors: Absolute, of each method, ``(methods,)``.
        told: How many forecasts each method had, ``(methods,)``.
        points: How many were scored: those of which all methods had one.
        judged: Those with an interval.
        covered: Those whose value lay within.
        width: Of the intervals.
        compared: Those with an interval from the last errors, too.
        score: The interval score of these.
        plain_score: The same of the intervals from the last errors.
    """

    errors: NDArray[np.float64]
    told: NDArray[np.int64]
    points: int = 0
    judged: int = 0
    covered: int = 0
    width: float = 0.0
    compared: int = 0
    score: float = 0.0
    plain_score: float = 0.0


class Scores:
    """Listens to a task.

    Args:
        setting: What is scored.

    Attributes:
        sums: For each of the steps.
        windows: ``errors`` and ``covered`` for each of the steps, and the experts' ``shares``.
        worst: What was forecast worst.
        streams: By key, the one idle longest first.
        stream_count: Streams so far.
        longest: The most records that a stream had.
        unusual: Records with an anomaly of `UNUSUAL` or more.
        drifts: How often a stream's errors were found to have grown.
        seconds: How long scoring took, River's methods included.
        peer_seconds: Those alone.
    """

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        methods, steps = len(setting.methods), setting.steps
        self.sums = [Sums(np.zeros(methods), np.zeros(methods, np.int64)) for _ in steps]
        widths = {"shares 1": len(setting.experts), "shares last": len(setting.experts)}
        for step in steps:
            widths |= {f"errors {step}": methods, f"covered {step}": 1}
        self.windows = Windows(widths)
        self.worst = Worst()
        self.streams: dict[str | None, Stream] = {}
        self.stream_count = self.longest = self.unusual = self.drifts = 0
        self.seconds = self.peer_seconds = 0.0

    def hear(self, events: Sequence[Event], forecasts: Forecasts, judgement: Judgement) -> None:
        """Score what was forecast of events, and keep what is forecast from them."""
        started = time.perf_counter()
        self.unusual += int((judgement.anomaly >= UNUSUAL).sum())
        self.drifts += int(judgement.drift.sum())
        offsets = np.array([event.record.offset for event in events])
        self.windows.follow(offsets, [event.time for event in events])
        # One that was undone is no step of its stream.
        good = np.flatnonzero(forecasts.outcome == 0)
        for name, place in (("shares 1", 0), ("shares last", 1)):
            self.windows.add(name, offsets[good], forecasts.shares[good, :, place])
        for key, rows in _by_stream(events, good).items():
            self._score(key, rows, events, offsets, forecasts, judgement)
        self.seconds += time.perf_counter() - started

    def _score(
        self,
        key: str | None,
        rows: list[int],
        events: Sequence[Event],
        offsets: NDArray[np.int64],
        forecasts: Forecasts,
        judgement: Judgement,
    ) -> None:
        stream, steps = self._stream(key), np.array(self.setting.steps) - 1
        before = stream.peers.seconds if stream.peers else 0.0
        values = np.array([events[row].value for row in rows])
        own = forecasts.values[rows][:, None, steps]
        if self.setting.mixed:
            opinions = forecasts.opinions[:, rows][:, :, steps].swapaxes(0, 1)
            # One that says nothing leaves it to the others.
            opinions = np.where(np.isnan(opinions), own, opinions)
            own = np.concatenate([own, opinions], axis=1)
        bounds = [judgement.lower[rows][:, steps], judgement.upper[rows][:, steps]]
        due = stream.meet(Made(values, own, np.stack(bounds, axis=1)))
        self.longest = max(self.longest, stream.count)
        if stream.peers:
            self.peer_seconds += stream.peers.seconds - before
        for step, sums, one in zip(self.setting.steps, self.sums, due, strict=True):
            self._add(step, sums, one, values, offsets[rows])
        columns = [[one.forecasts[:, :1], one.interval] for one in (due[0], due[-1])]
        change = forecasts.change[rows]
        with np.errstate(divide="ignore", invalid="ignore"):
            surprises = np.abs(values - due[0].forecasts[:, 0]) / change
        surprises[due[0].origins < self.setting.first] = np.nan
        stream.past.append(
            Excerpt(
                offsets[rows],
                [events[row].time for row in rows],
                np.concatenate([values[:, None], *columns[0], *columns[1]], axis=1),
                surprises,
            )
        )

    def _stream(self, key: str | None) -> Stream:
        stream = self.streams.pop(key, None)
        if stream is None:
            stream = self._new_stream(key)
            self.stream_count += 1
            if len(self.streams) >= self.setting.max_streams:
                self.streams.pop(next(iter(self.streams))).past.end()
        self.streams[key] = stream
        return stream

    def _new_stream(self, key: str | None) -> Stream:
        s = self.setting
        own = sum(kind in ("forecast", "expert") for _, kind in s.methods)
        limit = LONG if self.stream_count < LONG_STREAMS else 0
        peers = Peers(s.steps, s.seasons) if s.peers else None
        past = Past(key, limit, self.worst)
        return Stream(s.steps, s.seasons, s.coverage, own, peers, past)

    def _add(
        self,
        step: int,
        sums: Sums,
        due: Due,
        values: NDArray[np.float64],
        offsets: NDArray[np.int64],
    ) -> None:
        errors = np.abs(due.forecasts - values[:, None])
        known, wanted = np.isfinite(errors), due.origins >= self.setting.first
        wanted &= np.isfinite(values)
        sums.told += known[wanted].sum(axis=0)
        scored = wanted & known.all(axis=1)
        sums.points += int(scored.sum())
        sums.errors += errors[scored].sum(axis=0)
        self.windows.add(f"errors {step}", offsets[scored], errors[scored])
        judged = scored & np.isfinite(due.interval).all(axis=1)
        lower, upper = due.interval.T
        covered = (lower <= values) & (values <= upper)
        sums.judged += int(judged.sum())
        sums.covered += int(covered[judged].sum())
        sums.width += float((upper - lower)[judged].sum())
        self.windows.add(f"covered {step}", offsets[judged], covered[judged][:, None])
        both = judged & np.isfinite(due.plain).all(axis=1)
        sums.compared += int(both.sum())
        coverage, (plain_lower, plain_upper) = self.setting.coverage, due.plain.T
        sums.score += float(interval_scores(lower, upper, values, coverage)[both].sum())
        sums.plain_score += float(
            interval_scores(plain_lower, plain_upper, values, coverage)[both].sum()
        )

    def end(self) -> None:
        """Decide on what the file's end has left open."""
        for stream in self.streams.values():
            stream.past.end()


def _by_stream(events: Sequence[Event], rows: NDArray[np.int64]) -> dict[str | None, list[int]]:
    found: dict[str | None, list[int]] = {}
    for row in rows.tolist():
        found.setdefault(events[row].key, []).append(row)
    return found
