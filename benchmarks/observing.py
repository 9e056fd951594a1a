"""What metrics and logs cost: microseconds a record, beside the whole of its processing.

Run: ``python -m benchmarks.observing``; it writes ``benchmarks/results/observing.md``.
"""

import statistics
import time
from pathlib import Path

import numpy as np

from benchmarks.machine import heading
from streamrnn.build import build
from streamrnn.configuration import parse
from streamrnn.logs.dead_letters import DeadLetterLog
from streamrnn.metrics.counting import Counts
from streamrnn.observer import Answered, Observer
from streamrnn.records import Record
from streamrnn.transports.memory import MemoryClient, MemoryCluster

RECORDS, RUNS = 20_000, 7


class Kept(Observer):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.all: list[Answered] = []

    def answered(self, answered: Answered) -> None:
        """Keep it."""
        self.all.append(answered)


def answers(batch: int) -> list[Answered]:
    """Return what observers are told of a learner of 32 units, in runs of so many records."""
    cluster, kept = MemoryCluster(1), Kept()
    document = {
        "input": {"topic": "sensors"},
        "task": {"kind": "forecast", "target": "value"},
        "output": {"topic": "predictions"},
    }
    worker = build(parse(document, "benchmark"), [kept], client=MemoryClient(cluster))
    noise = np.random.default_rng(1).normal(size=RECORDS)
    log = cluster.inputs[0]
    for _ in range(3):
        worker.turn()
    for start in range(0, RECORDS, batch):
        log += [
            Record(0, n, b"a", b'{"value": %.4f}' % noise[n], (), 1.0)
            for n in range(start, start + batch)
        ]
        while worker.processors[0].committed < len(log):
            worker.turn()
    return kept.all


def cost(observer: Observer, told: list[Answered]) -> float:
    """Return the median microseconds that an observer takes for a record."""
    seconds = []
    for _ in range(RUNS):
        started = time.perf_counter()
        for answered in told:
            observer.answered(answered)
            observer.committed(0.01)
        seconds.append(time.perf_counter() - started)
    return 1e6 * statistics.median(seconds) / RECORDS


def main() -> None:
    """Measure, print and write the table."""
    lines = [
        *heading(
            "What observing costs",
            ["numpy", "prometheus-client"],
            "python -m benchmarks.observing",
        ),
        "| records in a run | metrics, µs a record | logs | processing itself |",
        "|---|---|---|---|",
    ]
    for batch in (10, 100, 1000):
        told = answers(batch)
        spent = sum(a.decode_seconds + a.learn_seconds + a.encode_seconds for a in told)
        counted, logged = cost(Counts(["a"]), told), cost(DeadLetterLog(), told)
        lines.append(f"| {batch} | {counted:.2f} | {logged:.2f} | {1e6 * spent / RECORDS:.1f} |")
    text = "\n".join(lines) + "\n"
    print(text)
    (Path(__file__).parent / "results" / "observing.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
