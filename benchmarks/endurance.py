"""What an event costs late in a stream, among many streams, and with a feature fallen silent."""

import argparse
import math
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import psutil

from benchmarks.data import Events, walk
from benchmarks.machine import heading
from benchmarks.subjects import regressor

PACKAGES = ("numpy", "numba", "river")
HIDDEN, FEATURES, STRIDE = 32, 8, 16
BLOCK = 100_000
"""Events of the first and the last measurement; the stream passes through them again and again."""
SILENT_AFTER = 1_000
"""Events after which a silent feature is zero."""


def memory() -> float:
    """Return the process's resident memory in mebibytes."""
    return float(psutil.Process().memory_info().rss) / 2**20


def cost(run: Callable[[], object], events: int) -> float:
    """Return a run's microseconds per event."""
    started = time.perf_counter()
    run()
    return (time.perf_counter() - started) / events * 1e6


def compile_kernels() -> None:
    """Go through all that is timed once, so that nothing is compiled or read from disk later."""
    events = walk(256, FEATURES)
    regressor(hidden=HIDDEN, stride=STRIDE).predict_learn_many(events.x, events.y)
    model = regressor(hidden=HIDDEN, stride=STRIDE, key="sensor", max_streams=2)
    deal(model, events, streams=2, count=256, first=0)


def long_stream(millions: float) -> list[str]:
    """Return a table of the first events of a stream and of those after many."""
    model, events = regressor(hidden=HIDDEN, stride=STRIDE), walk(BLOCK, FEATURES)

    def run() -> None:
        model.predict_learn_many(events.x, events.y)

    spent = [(cost(run, BLOCK), memory())]
    passes = max(1, round(millions * 1e6 / BLOCK) - 1)
    for _ in range(passes):
        run()
    spent.append((cost(run, BLOCK), memory()))
    (early, small), (late, large) = spent
    return [
        "## A long stream",
        "",
        f"Arrays, {HIDDEN} hidden units, {FEATURES} inputs, stride {STRIDE}.",
        "",
        "| events | µs per event | resident MiB |",
        "|---|---:|---:|",
        f"| the first {BLOCK:,} | {early:.2f} | {small:.1f} |",
        f"| {BLOCK:,} after {(passes + 1) * BLOCK:,} | {late:.2f} | {large:.1f} |",
        f"| late to early | {late / early:.3f} | {large - small:+.1f} |",
        "",
    ]


def deal(model: Any, events: Events, streams: int, count: int, first: int) -> float:
    """Deal events to streams in turn; return the microseconds per event.

    Args:
        model: The regressor, with the key "sensor".
        events: Features and targets, used again and again.
        streams: How many streams there are.
        count: How many events to deal.
        first: Events dealt before.
    """
    pairs = events.pairs
    spent, place = 0.0, first
    while place < first + count:
        # Made before they are timed, and in small lots: a million at once would be most memory.
        lot = [
            ({**pairs[p % len(pairs)][0], "sensor": f"s{p % streams}"}, pairs[p % len(pairs)][1])
            for p in range(place, min(place + 10_000, first + count))
        ]
        started = time.perf_counter()
        for x, y in lot:
            model.predict_one(x)
            model.learn_one(x, y)
        spent += time.perf_counter() - started
        place += len(lot)
    return spent / count * 1e6


def many_streams(numbers: list[int], count: int) -> list[str]:
    """Return a table of the cost of an event among some numbers of streams."""
    lines = [
        "## Many streams",
        "",
        "One at a time with dictionaries, dealt to the streams in turn; a first pass makes every",
        f"stream and is counted by itself. {HIDDEN} hidden units, {FEATURES} inputs, stride "
        f"{STRIDE}.",
        "",
        "| streams | µs per event, making the streams | µs per event | resident MiB | added MiB |",
        "|---:|---:|---:|---:|---:|",
    ]
    events = walk(10_000, FEATURES)
    _ = events.pairs
    for streams in numbers:
        before = memory()
        model = regressor(hidden=HIDDEN, stride=STRIDE, key="sensor", max_streams=streams)
        made = deal(model, events, streams, streams, 0)
        # Whole windows of every stream, so that it learns as often as it should.
        windows = math.ceil(count / (streams * STRIDE))
        after = deal(model, events, streams, windows * streams * STRIDE, streams)
        now = memory()
        lines.append(
            f"| {streams:,} | {made:.2f} | {after:.2f} | {now:.1f} | {now - before:+.1f} |"
        )
        del model
    return [*lines, ""]


def silent_feature(count: int, rounds: int) -> list[str]:
    """Return a table of a feature that falls silent against one that lives on, in turns."""
    live = walk(count, FEATURES)
    zeros = live.x.copy()
    zeros[:, -1] = 0
    inputs = {"live": live.x, "silent": zeros}
    models = {name: regressor(hidden=HIDDEN, stride=STRIDE) for name in inputs}
    times: dict[str, list[float]] = {name: [] for name in inputs}
    for model in models.values():
        model.predict_learn_many(live.x[:SILENT_AFTER], live.y[:SILENT_AFTER])
    for turn in range(rounds + 1):
        for name, x in inputs.items():
            run = partial(models[name].predict_learn_many, x, live.y)
            spent = cost(run, count)
            # The first turn lets what remembers the feature die away.
            if turn:
                times[name].append(spent)
    medians = {name: statistics.median(spent) for name, spent in times.items()}
    return [
        "## A silent feature",
        "",
        f"One of {FEATURES} features is zero after {SILENT_AFTER:,} events, against the same",
        f"stream where it lives on; {rounds} rounds of {count:,} events, after one to warm up.",
        "",
        "| feature | median µs per event | least to most |",
        "|---|---:|---:|",
        *(
            f"| {name} | {medians[name]:.2f} | {min(spent):.2f} - {max(spent):.2f} |"
            for name, spent in times.items()
        ),
        f"| silent to live | {medians['silent'] / medians['live']:.3f} | |",
        "",
    ]


def main() -> None:
    """Measure, print and keep the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.endurance", description=__doc__)
    parser.add_argument("--millions", type=float, default=1, help="length of the long stream")
    parser.add_argument("--million", action="store_true", help="a million streams as well")
    parser.add_argument(
        "--results", type=Path, default=Path(__file__).parent / "results", help="where they go"
    )
    options = parser.parse_args()
    compile_kernels()
    command = f"python -m benchmarks.endurance --millions {options.millions:g}"
    streams = [1, 1_000]
    if options.million:
        command += " --million"
        streams.append(1_000_000)
    lines = [
        *heading("Endurance", PACKAGES, command),
        *long_stream(options.millions),
        *silent_feature(count=50_000, rounds=5),
        *many_streams(streams, count=100_000),
    ]
    text = "\n".join(lines)
    options.results.mkdir(parents=True, exist_ok=True)
    (options.results / "endurance.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
