"""The figures that scores add up to."""

from importlib.metadata import version

import numpy as np
from numpy.typing import NDArray

from streamrnn.backtest import figures as f
from streamrnn.backtest.run import Outcome
from streamrnn.backtest.scores import Scores, Sums
from streamrnn.backtest.verdict import headline_of, verdict_of
from streamrnn.configuration import Configuration

LEAST_ERRORS, LEAST_COVERED = 30, 50
"""Forecasts over which errors, and the coverage, are averaged at least: fewer show only noise."""


def summarize(c: Configuration, outcome: Outcome) -> f.Figures:
    """Return the figures of a configuration's run."""
    scores, setting = outcome.scores, outcome.scores.setting
    last = [name for name, _ in setting.methods].index("last value")
    means = [sums.errors / sums.points for sums in scores.sums]
    methods = [
        f.Method(
            name,
            kind,
            [
                f.Error(step, float(mean[n]), _share(mean[n], mean[last]))
                for step, mean in zip(setting.steps, means, strict=True)
            ],
        )
        for n, (name, kind) in enumerate(setting.methods)
    ]
    points = [
        f.Points(step, sums.points) for step, sums in zip(setting.steps, scores.sums, strict=True)
    ]
    seconds = f.Seconds(
        outcome.seconds,
        outcome.learning_seconds,
        scores.peer_seconds,
        scores.seconds - scores.peer_seconds,
    )
    each = 1e6 / outcome.records
    return f.Figures(
        file=str(c.input.file),
        target=c.task.target,
        horizon=c.forecast.horizon,
        season=list(c.forecast.season),
        coverage=c.forecast.coverage,
        records=outcome.records,
        streams=scores.stream_count,
        dead_letters=outcome.letters.figures,
        first=setting.first,
        points=points,
        methods=methods,
        intervals=[
            _interval(step, sums, float(mean[last]))
            for step, sums, mean in zip(setting.steps, scores.sums, means, strict=True)
        ],
        anomalies=scores.unusual,
        drifts=scores.drifts,
        seconds=seconds,
        microseconds=f.Seconds(
            seconds.all * each,
            seconds.learning * each,
            seconds.peers * each,
            seconds.scoring * each,
        ),
        headline=headline_of(methods),
        verdict=verdict_of(methods, points),
        experts=list(setting.experts),
        over=[
            f.Over(
                step,
                _windows(scores, f"errors {step}", LEAST_ERRORS),
                _windows(scores, f"covered {step}", LEAST_COVERED),
                _windows(scores, f"shares {'1' if step == 1 else 'last'}", 1),
            )
            for step in setting.steps
        ],
        worst=_worst(scores),
        version=version("streamrnn"),
    )


def _interval(step: int, sums: Sums, change: float) -> f.Interval:
    width = _share(sums.width, sums.judged)
    return f.Interval(
        step,
        sums.judged,
        _share(sums.covered, sums.judged),
        width,
        _share(width, change),
        _share(sums.score, sums.compared),
        _share(sums.plain_score, sums.compared),
    )


def _windows(scores: Scores, name: str, least: int) -> list[f.Window]:
    windows = scores.windows
    firsts, means = windows.means(name, least)
    return [
        f.Window(first * windows.size, windows.times[first], mean)
        for first, mean in zip(firsts.tolist(), _listed(means), strict=True)
    ]


def _listed(means: NDArray[np.float64]) -> list[list[float]]:
    listed: list[list[float]] = means.tolist()
    return listed


def _worst(scores: Scores) -> list[f.Worst]:
    found = []
    for moment in scores.worst.moments:
        around, n = moment.around, moment.index
        value, forecast = around.numbers[n, :2].tolist()
        surprise = moment.surprise
        found.append(f.Worst(moment.key, moment.offset, around.times[n], value, forecast, surprise))
    return found


def _share(part: float, whole: float) -> float:
    return float(part / whole) if whole else float("nan")
