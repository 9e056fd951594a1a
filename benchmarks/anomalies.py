"""Alarms on the development files of the Numenta Anomaly Benchmark, beside published detectors.

Run: ``python -m benchmarks.anomalies``; it writes ``benchmarks/results/anomalies.md``. The files
are not part of the project: see `benchmarks.forecasts`.
"""

import csv
import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.forecasts import DATA
from benchmarks.machine import heading
from benchmarks.nab import Window, probation, score
from streamrnn.learner.forecaster import Forecaster, Hyperparameters

FOLDER = DATA / "anomaly"
HORIZON = 24
OURS, HALF_SPACE_TREES = "streamrnn", "River HalfSpaceTrees"


def series(file: str) -> tuple[list[str], list[float]]:
    """Return the times and the values of a file."""
    with (FOLDER / file).open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    return [row["timestamp"] for row in rows], [float(row["value"]) for row in rows]


def windows(file: str, times: list[str]) -> list[Window]:
    """Return the places of a file's windows."""
    labels = json.loads((FOLDER / "nab_labels.json").read_text(encoding="utf-8"))
    place = {time: n for n, time in enumerate(times)}
    return [(place[first[:19]], place[last[:19]]) for first, last in labels[file]["windows"]]


def own_alarms(values: list[float]) -> list[int]:
    """Return the places of the alarms that the defaults raise."""
    forecaster = Forecaster(Hyperparameters(features=0, horizon=HORIZON))
    forecaster.streams.row("")
    rows, column = np.zeros(len(values), np.int64), np.array(values)
    made = forecaster.predict_and_learn(rows, np.zeros((len(values), 0)), column)
    return [int(n) for n in np.flatnonzero(forecaster.judge(rows, column, made).alarm)]


def tree_scores(values: list[float]) -> list[float]:
    """Return the scores of River's half-space trees, on values scaled as they come."""
    # River's methods carry no types, hence the imports.
    trees: Any = import_module("river.anomaly").HalfSpaceTrees(seed=1)
    scaler: Any = import_module("river.preprocessing").MinMaxScaler()
    found = []
    for value in values:
        x = {"value": value}
        scaler.learn_one(x)
        scaled = scaler.transform_one(x)
        found.append(float(trees.score_one(scaled)))
        trees.learn_one(scaled)
    return found


def main() -> None:
    """Measure, print and write the table."""
    if not FOLDER.is_dir():
        sys.exit(f"{FOLDER}: no such folder: set STREAMRNN_DATA to where the series are")
    with (FOLDER / "nab_published_scores.csv").open(encoding="utf-8", newline="") as lines:
        published = {row.pop("f"): {k: float(v) for k, v in row.items()} for row in _rows(lines)}
    scored: dict[str, dict[str, float]] = {}
    trees, places = {}, {}
    for file in published:
        times, values = series(file)
        places[file] = windows(file, times), len(values)
        scored[file] = {OURS: score(own_alarms(values), *places[file])}
        trees[file] = tree_scores(values)
    scored_trees = _best_threshold(trees, places)
    detectors = [OURS, HALF_SPACE_TREES, *next(iter(published.values()))]
    lines_out = [
        *heading("Alarms", ["numpy", "river"], "python -m benchmarks.anomalies"),
        "The standard profile's score, not normalised; more is better, a detector that never",
        f"alarms has the negative number of windows. {OURS}: the defaults, {HORIZON} steps ahead,",
        "seasons found. River's trees alarm above one threshold for all files, the best in",
        "hindsight. The others are as published.",
        "",
        f"| file | {' | '.join(detectors)} |",
        "|---|" + "---|" * len(detectors),
    ]
    total = dict.fromkeys(detectors, 0.0)
    for file, others in published.items():
        row = {**scored[file], HALF_SPACE_TREES: scored_trees[file], **others}
        for name, number in row.items():
            total[name] += number
        cells = " | ".join(f"{row[name]:.2f}" for name in detectors)
        lines_out.append(f"| {file} | {cells} |")
    lines_out.append(f"| sum | {' | '.join(f'{total[name]:.2f}' for name in detectors)} |")
    text = "\n".join(lines_out) + "\n"
    print(text)
    (Path(__file__).parent / "results" / "anomalies.md").write_text(text, encoding="utf-8")


def _rows(lines: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(lines))


def _best_threshold(
    trees: dict[str, list[float]], places: dict[str, tuple[list[Window], int]]
) -> dict[str, float]:
    """Return the scores of each file at the one threshold that makes their sum largest."""
    later = [n for file, found in trees.items() for n in found[probation(len(found)) :]]
    best: dict[str, float] = {}
    for threshold in np.quantile(later, 1 - np.geomspace(1e-4, 0.1, 60)):
        now = {
            file: score([n for n, each in enumerate(found) if each > threshold], *places[file])
            for file, found in trees.items()
        }
        if not best or sum(now.values()) > sum(best.values()):
            best = now
    return best


if __name__ == "__main__":
    main()
