"""How good forecasts are: five real series, with the defaults, beside River's methods.

Run: ``python -m benchmarks.forecasts``; it writes ``benchmarks/results/forecasts.md``. The series
are not part of the project: their folder is ``../shared/data``, or that of ``STREAMRNN_DATA``.
"""

import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.machine import heading
from streamrnn.backtest.figures import Error, Figures
from streamrnn.backtest.run import stream
from streamrnn.backtest.summary import summarize
from streamrnn.configuration import parse

DATA = Path(os.environ.get("STREAMRNN_DATA", "../shared/data"))
SERIES: dict[str, tuple[str, str, str, list[int], int]] = {
    "taxi": ("anomaly/nyc_taxi.csv", "timestamp", "value", [48, 336], 24),
    "ETTh1": ("time_series/ETTh1.csv", "date", "OT", [24, 168], 24),
    "mintemp": ("time_series/daily_min_temperatures.csv", "Date", "Temp", [365], 24),
    "sunspots": ("time_series/monthly_sunspots.csv", "Month", "Sunspots", [132], 24),
    "airline": ("time_series/airline_passengers.csv", "Month", "Passengers", [12], 12),
}
WITHOUT = ("last_value", "last_season", "smoother", "regression")


def figures(name: str, *, peers: bool = False, **task: Any) -> Figures:
    """Return what a configuration comes to on a series."""
    file, time, target, season, horizon = SERIES[name]
    task = {"target": target, "season": season, "horizon": horizon, **task}
    document = {
        "input": {"file": str(DATA / file), "time": time},
        "task": {"kind": "forecast", **task},
        "output": {"file": "unused.jsonl"},
    }
    configuration = parse(document, name)
    return summarize(configuration, stream(configuration, peers=peers))


def errors() -> list[str]:
    """Return the table of errors."""
    lines = [
        "## Error relative to the last value's, one step ahead / `horizon` steps ahead",
        "",
        f"| | {' | '.join(SERIES)} |",
        "|---|" + "---|" * len(SERIES),
    ]
    whole = {name: figures(name, peers=True) for name in SERIES}
    # The last season stands among the experts, and each series has a season of its own.
    told = [
        {re.sub(r"\(\d+", "(season", m.name): m for m in found.methods if "ago" not in m.name}
        for found in whole.values()
    ]
    for method in dict.fromkeys(name for names in told for name in names):
        cells = [_pair(names[method].errors) if method in names else "" for names in told]
        lines.append(f"| {method} | {' | '.join(cells)} |")
    for left_out in WITHOUT:
        rest = [kind for kind in WITHOUT if kind != left_out]
        cells = [_pair(figures(name, experts=rest).methods[0].errors) for name in SERIES]
        lines.append(f"| mixture without `{left_out}` | {' | '.join(cells)} |")
    return [*lines, *_found(whole), *_intervals(whole)]


def _pair(errors: Sequence[Error]) -> str:
    return " / ".join(f"{error.relative:.3f}" for error in errors)


def _found(whole: dict[str, Figures]) -> list[str]:
    """Return errors of the mixture where the season is not given, after that season's length."""
    lines = ["", "## Seasons found instead of given: mean absolute error of the mixture, times", ""]
    lines += [f"| | {' | '.join(SERIES)} |", "|---|" + "---|" * len(SERIES)]
    cells = []
    for name, given in whole.items():
        found = figures(name, season=[])
        pairs = zip(found.methods[0].errors, given.methods[0].errors, strict=True)
        cells.append(" / ".join(f"{mine.mae / its.mae:.3f}" for mine, its in pairs))
    return [*lines, f"| found / given | {' | '.join(cells)} |"]


def _intervals(whole: dict[str, Figures]) -> list[str]:
    lines = ["", "## Intervals for 90 % of the values, and what a record costs", ""]
    lines += [f"| | {' | '.join(SERIES)} |", "|---|" + "---|" * len(SERIES)]
    rows: dict[str, Callable[[Figures], list[str]]] = {
        "values within, %": lambda f: [f"{100 * one.coverage:.1f}" for one in f.intervals],
        "interval score against the last 500 errors' quantiles": lambda f: [
            f"{one.score / one.last_errors_score:.3f}" for one in f.intervals
        ],
        "microseconds to predict and learn a record": lambda f: [f"{f.microseconds.learning:.0f}"],
    }
    for name, cells in rows.items():
        lines.append(f"| {name} | {' | '.join(' / '.join(cells(f)) for f in whole.values())} |")
    return lines


def main() -> None:
    """Measure, print and write the tables."""
    if not DATA.is_dir():
        sys.exit(f"{DATA}: no such folder: set STREAMRNN_DATA to where the series are")
    lines = [
        *heading("How good forecasts are", ["numpy", "river"], "python -m benchmarks.forecasts"),
        "One pass, each value forecast before it is learned, one configuration: the defaults; only",
        "target, season and horizon (24; of airline 12) differ. Scored after the longest season.",
        "An expert that says nothing yet stands at the mixture's forecast.",
        "",
        *errors(),
    ]
    text = "\n".join(lines) + "\n"
    print(text)
    (Path(__file__).parent / "results" / "forecasts.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
