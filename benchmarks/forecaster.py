"""What a record costs: the forecaster at several sizes, beside River's HoltWinters in the same run.

Run it with ``make bench``. Each figure is a median over interleaved runs, after one to warm up.
"""

import statistics
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import numpy as np

from streamrnn.learner.forecaster import Forecaster, Hyperparameters

RECORDS, RUNS = 2_000, 7
NONE = np.zeros(0)


def forecaster(hidden: int, stride: int) -> Callable[[list[float]], None]:
    """Return a run of the forecaster over a series."""

    def run(series: list[float]) -> None:
        made = Forecaster(Hyperparameters(features=0, hidden=hidden, window=16, stride=stride))
        row = made.streams.row("")
        for value in series:
            made.predict(row, NONE, value)
            made.learn(row, value)

    return run


def holt_winters(series: list[float]) -> None:
    """Run River's smoother over a series."""
    smoother = import_module("river.time_series").HoltWinters(alpha=0.9)
    for value in series:
        smoother.learn_one(value)
        smoother.forecast(1)


def main() -> None:
    """Measure, print and keep the table."""
    series = np.random.default_rng(1).normal(size=RECORDS).cumsum().tolist()
    subjects = {"River HoltWinters": holt_winters} | {
        f"forecaster, H {hidden}, stride {stride}": forecaster(hidden, stride)
        for hidden in (16, 32, 64, 128)
        for stride in (16, 1)
    }
    times: dict[str, list[float]] = {name: [] for name in subjects}
    for turn in range(RUNS + 1):
        for name, subject in subjects.items():
            started = time.perf_counter()
            subject(series)
            if turn:
                times[name].append((time.perf_counter() - started) / RECORDS * 1e6)
    base = statistics.median(times["River HoltWinters"])
    lines = [
        "| predict and learn one record, window 16 | µs, median | least to most | x HoltWinters |",
        "|---|---|---|---|",
    ]
    for name, spent in times.items():
        median = statistics.median(spent)
        spread = f"{min(spent):.1f} - {max(spent):.1f}"
        lines.append(f"| {name} | {median:.1f} | {spread} | {median / base:.1f} |")
    table = "\n".join(lines) + "\n"
    print(table)
    (Path(__file__).parent / "results" / "forecaster.md").write_text(table, encoding="utf-8")


if __name__ == "__main__":
    main()
