"""The table and the plot of a comparison."""

import math
from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib import pyplot as plt

from benchmarks.machine import heading
from benchmarks.measure import Result

PACKAGES = ("numpy", "numba", "torch", "deep-river", "jax", "river")
OURS = "streamrnn"


def markdown(results: Sequence[Result], rounds: int) -> str:
    """Return the whole report."""
    lines = [
        *heading("Speed", PACKAGES, "make bench"),
        "One event is one prediction and its part of the learning: an LSTM with a linear output,",
        "squared error, Adam, a clipped gradient, window 16. Microseconds per event: the median of",
        f"{rounds} rounds, and the least and the most; every subject runs once in every round.",
        "",
    ]
    for scenario in dict.fromkeys(r.subject.scenario for r in results):
        lines += [
            f"## {scenario[0].upper()}{scenario[1:]}",
            "",
            "| hidden, inputs | | median µs | least to most | x streamrnn |",
            "|---|---|---:|---:|---:|",
            *(_row(r, results) for r in results if r.subject.scenario == scenario),
            "",
        ]
    return "\n".join(lines)


def _row(result: Result, results: Sequence[Result]) -> str:
    subject = result.subject
    row = f"| {subject.hidden}, {subject.inputs} | {subject.name} "
    if not result.times:
        return row + "| not installed | | |"
    spread = f"{min(result.times):.2f} - {max(result.times):.2f}"
    ratio = result.median / _ours(result, results)
    told = "" if math.isnan(ratio) else f"{ratio:.2f}"
    return row + f"| {result.median:.2f} | {spread} | {told} |"


def _ours(result: Result, results: Sequence[Result]) -> float:
    """Return our median in the same scenario and size."""
    subject = result.subject
    for other in results:
        same = (other.subject.scenario, other.subject.hidden) == (subject.scenario, subject.hidden)
        if same and other.subject.name == OURS:
            return other.median
    return math.nan


def plot(results: Sequence[Result], path: Path) -> None:
    """Draw the medians against the size, with the spread, one picture for each scenario."""
    mpl.use("Agg")
    scenarios = list(dict.fromkeys(r.subject.scenario for r in results))
    figure, axes = plt.subplots(
        1, len(scenarios), figsize=(4.2 * len(scenarios), 4.4), sharey=True, squeeze=False
    )
    names = list(dict.fromkeys(r.subject.name for r in results if r.times))
    for axis, scenario in zip(axes[0], scenarios, strict=True):
        for colour, name in enumerate(names):
            found = [
                r
                for r in results
                if r.times and (r.subject.scenario, r.subject.name) == (scenario, name)
            ]
            if not found:
                continue
            medians = [r.median for r in found]
            below = [r.median - min(r.times) for r in found]
            above = [max(r.times) - r.median for r in found]
            axis.errorbar(
                [r.subject.hidden for r in found],
                medians,
                yerr=[below, above],
                label=name,
                color=f"C{colour}",
                linewidth=2.5 if name == OURS else 1.2,
                marker="o",
                markersize=4,
                capsize=3,
            )
        sizes = sorted({r.subject.hidden for r in results})
        axis.set(title=scenario.replace(": ", "\n"), xlabel="hidden units")
        axis.set_xscale("log", base=2)
        axis.set_yscale("log")
        axis.set_xticks(sizes, [str(size) for size in sizes])
        axis.grid(which="both", alpha=0.25)
    axes[0][0].set_ylabel("µs per event")
    handles = {
        label: handle
        for axis in axes[0]
        for handle, label in zip(*axis.get_legend_handles_labels(), strict=True)
    }
    figure.legend(handles.values(), handles.keys(), loc="lower center", ncol=3, frameon=False)
    figure.tight_layout(rect=(0, 0.15, 1, 1))
    figure.savefig(path, dpi=130)
    plt.close(figure)
