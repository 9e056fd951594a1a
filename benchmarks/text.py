"""What text costs: bits of a byte and time, unusual lines, beside compressors and a baseline.

Run: ``python -m benchmarks.text``; it writes ``benchmarks/results/text.md``. The texts are not part
of the project: see `benchmarks.forecasts`.
"""

import bz2
import lzma
import os
import random
import re
import statistics
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.forecasts import DATA
from benchmarks.machine import heading
from benchmarks.timing import medians
from streamrnn.build import text_reader_of
from streamrnn.configuration import parse
from streamrnn.configuration.presets import PRESETS
from streamrnn.learner.text import Reading, TextReader

SHAKESPEARE = DATA / "text" / "tinyshakespeare.txt"
LOGS = ("BGL", "Linux", "OpenSSH", "Zookeeper")
RUNS, TIMED = 3, 200_000
SWAPPED = 0.02
FIRST = 100
"""Lines that are not judged: what is usual shows only later."""


def reader(
    experts: list[str] | None = None, *, enabled: bool = True, **model: object
) -> TextReader:
    """Return a reader as a configuration has it."""
    task = {} if experts is None else {"experts": experts}
    document = {
        "input": {"file": "-"},
        "task": {"kind": "text", **task},
        "model": model,
        "learn": {"enabled": enabled},
        "output": {"file": "-"},
    }
    return text_reader_of(parse(document, "benchmark"))


def log(name: str) -> list[bytes]:
    """Return the lines of a log."""
    return lines_of((DATA / "logs" / f"{name}_2k.log").read_bytes())


def lines_of(text: bytes) -> list[bytes]:
    """Return the lines of a text as a file is read."""
    return text.removesuffix(b"\n").split(b"\n")


def read(mine: TextReader, lines: list[bytes]) -> list[Reading]:
    """Read lines in order."""
    row = mine.streams.row("")
    return [mine.read(row, line + b"\n") for line in lines]


def bits_of(lines: list[bytes], settings: dict[str, Any]) -> float:
    """Return bits a byte, over all lines with their ends."""
    readings = read(reader(**settings), lines)
    return sum(float(r.bits.sum()) for r in readings) / sum(len(r.bits) for r in readings)


def microseconds(lines: list[bytes]) -> dict[str, float]:
    """Return the median time a byte of each subject, which are run in turn."""
    size = sum(len(line) + 1 for line in lines)
    for settings in TIMES.values():
        _reads(lines[:10], settings)()
    taken = medians([partial(_reads, lines, settings) for settings in TIMES.values()], RUNS)
    return {name: each / size * 1e6 for name, each in zip(TIMES, taken, strict=True)}


def _reads(lines: list[bytes], settings: dict[str, Any]) -> Callable[[], object]:
    """Return what has lines read by a new reader."""
    mine = reader(**settings)
    return lambda: read(mine, lines)


PRODUCT = """
import time
import numpy as np
a, b = np.random.default_rng(0).normal(size=(2, 768, 768)).astype(np.float32)
times = []
for _ in range(30):
    started = time.perf_counter()
    a @ b
    times.append(time.perf_counter() - started)
print(768**3 / sorted(times)[15] / 1e6)
"""


def multiply_adds() -> float:
    """Return how many of them a core does in a microsecond in a large product by BLAS."""
    threads = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    ran = subprocess.run(
        [sys.executable, "-c", PRODUCT], env={**os.environ, **threads}, capture_output=True
    )
    return float(ran.stdout)


def parts(times: dict[str, float]) -> list[str]:
    """Return a table of where the time of a byte goes, and the limit of the network's part."""
    each = multiply_adds()
    rows = [
        "",
        "## Where the time goes: microseconds a byte",
        "",
        f"The limit is that of the network's products alone, at the {each:,.0f} multiply-adds a",
        "microsecond that BLAS does here with large matrices: three times as many as its weights",
        "have numbers, for a byte; what else a network does is not in it.",
        "",
        "| | default | `quality` |",
        "|---|---|---|",
    ]
    found: dict[str, list[str]] = {}
    for name in MIXED:
        whole, network = times[name], times[f"{name}: {NETWORK}"]
        made = reader(**SETTINGS[name]).learner.network
        table = made.embedding(made.model).size
        for part, number in {
            "all": whole,
            "the network": network,
            "contexts and mixing": whole - network,
            "without learning": times[f"{name}: {READING}"],
            "limit of the network's products": 3 * (made.size - table) / each,
        }.items():
            found.setdefault(part, []).append(f"{number:.1f}")
    return [*rows, *(f"| {name} | {' | '.join(cells)} |" for name, cells in found.items())]


def _network_alone(preset: str) -> dict[str, Any]:
    """Return settings of the network that stands beside contexts by a preset."""
    values = PRESETS["text", True, preset]
    parts = [name.split(".") for name in values]
    model = {key: values[f"{table}.{key}"] for table, key in parts if table == "model"}
    return {"experts": [], **model}


SETTINGS: dict[str, dict[str, Any]] = {
    "default": {},
    "`quality`": {"preset": "quality"},
    "network alone": {"experts": []},
    "network alone, `quality`": {"experts": [], "preset": "quality"},
}
MIXED = {"default": "fast", "`quality`": "quality"}
NETWORK, READING = "its network", "without learning"
TIMES: dict[str, dict[str, Any]] = {
    **SETTINGS,
    **{f"{name}: {NETWORK}": _network_alone(preset) for name, preset in MIXED.items()},
    **{f"{name}: {READING}": {**SETTINGS[name], "enabled": False} for name in MIXED},
}
"""What is timed: settings of readers."""


def area(scores: list[float], positive: list[bool]) -> float:
    """Return the area under the ROC curve: how often a positive one has the larger score."""
    order = np.argsort(scores, kind="stable")
    ranks, values = np.empty(len(scores)), np.asarray(scores)[order]
    for value in np.unique(values):
        same = values == value
        ranks[order[same]] = np.flatnonzero(same).mean() + 1
    good = np.asarray(positive)
    count = good.sum()
    return float((ranks[good].sum() - count * (count + 1) / 2) / (count * (~good).sum()))


def rareness(lines: list[bytes]) -> list[float]:
    """Return the baseline: how seldom a line came before, its digits masked."""
    seen: Counter[bytes] = Counter()
    found = []
    for line in lines:
        masked = re.sub(rb"[0-9]+", b"0", line)
        found.append(-float(seen[masked]))
        seen[masked] += 1
    return found


def anomalies(lines: list[bytes]) -> list[float]:
    """Return how unusual each line is by the defaults."""
    return [reading.anomaly for reading in read(reader(), lines)]


def alerts() -> dict[str, tuple[float, float]]:
    """Return the areas of the defaults and of the baseline, for the first line of what alerts."""
    labels, lines = zip(*(line.split(b" ", 1) for line in log("BGL")), strict=True)
    bad = [label != b"-" for label in labels]
    texts, first_of_run, first_of_text = set[bytes](), [False] * len(bad), [False] * len(bad)
    for n, line in enumerate(lines):
        if bad[n]:
            first_of_run[n] = n == 0 or not bad[n - 1]
            text = re.sub(rb"[0-9]+", b"0", line.split(b" ", 8)[-1])
            first_of_text[n] = text not in texts
            texts.add(text)
    scores = anomalies(list(lines)), rareness(list(lines))
    found = {}
    for name, positive in (
        ("first line of a run of alerts", first_of_run),
        ("first line of a new text of an alert", first_of_text),
    ):
        kept = [n for n in range(FIRST, len(bad)) if positive[n] or not bad[n]]
        ours, theirs = (
            area([each[n] for n in kept], [positive[n] for n in kept]) for each in scores
        )
        found[name] = ours, theirs
    return found


def swapped(name: str, seed: int = 1) -> tuple[float, float]:
    """Return the areas for lines in which two words were swapped."""
    draw, lines, changed = random.Random(seed), log(name), []
    for n, line in enumerate(lines):
        words = line.split(b" ")
        one, other = sorted(draw.sample(range(len(words)), 2)) if len(words) > 1 else (0, 0)
        change = draw.random() < SWAPPED and words[one] != words[other]
        if change:
            words[one], words[other] = words[other], words[one]
            lines[n] = b" ".join(words)
        changed.append(change)
    ours, theirs = anomalies(lines)[FIRST:], rareness(lines)[FIRST:]
    return area(ours, changed[FIRST:]), area(theirs, changed[FIRST:])


def main() -> None:
    """Measure, print and write the tables."""
    if not SHAKESPEARE.is_file():
        sys.exit(f"{SHAKESPEARE}: no such file: set STREAMRNN_DATA to where the texts are")
    whole = SHAKESPEARE.read_bytes()
    lines, logs = lines_of(whole), {name: log(name) for name in LOGS}
    times = microseconds(lines_of(whole[:TIMED]))
    rows = [
        *heading("What text costs", ["numpy", "numba"], "python -m benchmarks.text"),
        "Bits a byte in one pass, each byte before it is learned, with the ends of lines; one",
        "configuration for texts and logs. The processor's times are medians of",
        f"{RUNS} runs in turn over the first {TIMED:,} bytes of tinyshakespeare, by lines. xz and",
        "bzip2 see a file as a whole.",
        "",
        f"| | tinyshakespeare | microseconds a byte | {' | '.join(LOGS)} |",
        "|---|" + "---|" * (2 + len(LOGS)),
    ]
    for name, settings in SETTINGS.items():
        cells = [f"{bits_of(lines, settings):.3f}", f"{times[name]:.1f}"]
        cells += [f"{bits_of(logs[each], settings):.3f}" for each in LOGS]
        rows.append(f"| {name} | {' | '.join(cells)} |")
    for name, pack in (("xz -9", lzma.compress), ("bzip2 -9", bz2.compress)):
        packed = [8 * len(pack(w)) / len(w) for w in (whole, *(b"\n".join(logs[k]) for k in LOGS))]
        cells = [f"{packed[0]:.3f}", "", *(f"{each:.3f}" for each in packed[1:])]
        rows.append(f"| {name} | {' | '.join(cells)} |")
    rows += parts(times)
    rows += [
        "",
        "## Unusual lines: area under the ROC curve",
        "",
        f"By `anomaly`, the first {FIRST} lines not judged; the labels are withheld. The baseline",
        "is how seldom a line came before, its digits masked.",
        "",
        "| | defaults | baseline |",
        "|---|---|---|",
    ]
    for name, pair in alerts().items():
        rows.append(f"| BGL, {name} | {pair[0]:.3f} | {pair[1]:.3f} |")
    pairs = [swapped(name) for name in LOGS]
    for name, (ours, theirs) in zip(LOGS, pairs, strict=True):
        rows.append(f"| {name}, two words swapped in 2 % | {ours:.3f} | {theirs:.3f} |")
    means = [statistics.mean(pair[k] for pair in pairs) for k in range(2)]
    rows.append(f"| mean of these four | {means[0]:.3f} | {means[1]:.3f} |")
    text = "\n".join(rows) + "\n"
    print(text)
    (Path(__file__).parent / "results" / "text.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
