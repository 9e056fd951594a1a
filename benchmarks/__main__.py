"""The speed of learning online, beside PyTorch, JAX and deep-river in the same run."""

import argparse
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from benchmarks import peers_deep_river, peers_jax, peers_torch, report, subjects
from benchmarks.measure import Run, Subject, measure
from benchmarks.settings import CHUNKED, SINGLE_CHUNKED, SINGLE_SLIDING, SIZES, SLIDING

Start = Callable[[int, int], Run]

EACH = "event by event"
COMPARISON: tuple[tuple[str, str, str, Start], ...] = (
    (CHUNKED, report.OURS, "streamrnn", subjects.arrays(16)),
    (CHUNKED, f"PyTorch eager, {EACH}", "torch", peers_torch.chunked),
    (CHUNKED, "PyTorch eager, whole chunks", "torch", peers_torch.chunks),
    (CHUNKED, f"JAX jit, {EACH}", "jax", peers_jax.chunked),
    (CHUNKED, "JAX jit, whole arrays", "jax", peers_jax.chunked_whole),
    (SLIDING, report.OURS, "streamrnn", subjects.arrays(1)),
    (SLIDING, f"PyTorch eager, {EACH}", "torch", peers_torch.sliding),
    (SLIDING, f"JAX jit, {EACH}", "jax", peers_jax.sliding),
    (SLIDING, "JAX jit, whole arrays", "jax", peers_jax.sliding_whole),
    (SINGLE_CHUNKED, report.OURS, "streamrnn", subjects.single(16)),
    # deep-river learns at every event and has no stride.
    (SINGLE_CHUNKED, "deep-river, stride 1", "deep_river", peers_deep_river.single),
    (SINGLE_SLIDING, report.OURS, "streamrnn", subjects.single(1)),
    (SINGLE_SLIDING, "deep-river, stride 1", "deep_river", peers_deep_river.single),
)
"""Scenario, name, the module that it needs, and what makes it."""


def main() -> None:
    """Measure, print and keep the table and the plot."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="how often each subject runs")
    parser.add_argument("--seconds", type=float, default=0.25, help="the least time of one run")
    parser.add_argument("--hidden", type=int, nargs="*", help="only these sizes")
    parser.add_argument(
        "--results", type=Path, default=Path(__file__).parent / "results", help="where they go"
    )
    options = parser.parse_args()
    made = [
        Subject(scenario, name, hidden, inputs, start if find_spec(module) else None)
        for scenario in dict.fromkeys(row[0] for row in COMPARISON)
        for hidden, inputs in SIZES
        if not options.hidden or hidden in options.hidden
        for of, name, module, start in COMPARISON
        if of == scenario
    ]
    results = measure(made, options.rounds, options.seconds, block=peers_jax.BLOCK)
    options.results.mkdir(parents=True, exist_ok=True)
    text = report.markdown(results, options.rounds)
    (options.results / "speed.md").write_text(text, encoding="utf-8")
    report.plot(results, options.results / "speed.png")
    print(text)


if __name__ == "__main__":
    main()
