"""The report: its tables, and what is said of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.machine import heading
from benchmarks.sequences.cost import RUNS, STEPS, Cost
from benchmarks.sequences.labels import HONEST, MOST_FREQUENT
from benchmarks.sequences.quoted import LOWER_IS_BETTER, QUOTED, Pair, Quoted
from benchmarks.sequences.subjects import SUBJECTS, Figures

INTRODUCTION = [
    "One pass, each sequence predicted before it is learned, by the task that a configuration",
    "makes, with the defaults: of its keys only those are written that say what is read and what",
    "is wanted. Figures are of the whole stream / of its last half. Times are the processor's, to",
    f"decode, predict and learn: medians of {RUNS} runs over the first {STEPS:,} steps. Beside",
    "them stands what the network alone takes in PyTorch, in the same run: of the same size, given",
    "the same sequences, with the same lessons, those of a learning step as one batch; and how",
    "many times longer that is. What peers come to is quoted: measured with PyTorch 2.13 on one",
    "core of another machine, one pass over the same files, tuned in hindsight. The best of peers",
    "is the best figure of any, each by itself; all are told at the end.",
]
COSTS = ["µs a step", "network in PyTorch", "times", "quoted peer's µs"]
NOTES = {
    "ecoli": [
        "Genes: what is quoted does not say how near a run must come to count, so the peers' F1 of",
        "coding runs is told at the end only. A peer that was measured here stands among what",
        "each means is worth; its accuracy is about that of the one with 4-mers that is quoted.",
    ],
    "jsb": [
        "Chorales: the pieces for training in one pass, then the test pieces, frozen / while",
        "learning; fewer nats are better. Here a chord is written note by note, each knowing the",
        "lower ones, and its end; peers say of each pitch by itself whether it sounds. Both are",
        "likelihoods of the same sets, and so can be compared.",
    ],
}
HONESTY = [
    "",
    "## Beside the most frequent label and the last one",
    "",
    "Macro-F1 is the mean over labels. Kappa is 0 where the last label again would have been as",
    "good, and 1 where all is right. Of tags each step counts, and the last label is that of the",
    "step before, which nobody knows when a sequence is tagged.",
]
WORTH = [
    "",
    "## What each means is worth",
    "",
    "The defaults, with other seeds, then with one of them left out in turn.",
]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was measured of a stream.

    Attributes:
        figures: By the defaults.
        cost: Of a step, the same.
        without: By what was left out.
    """

    figures: Figures
    cost: Cost
    without: Mapping[str, Figures]


def text_of(outcomes: Mapping[str, Outcome]) -> str:
    """Return the report on some streams, by their names in `SUBJECTS`."""
    lines = [
        *heading("Whole sequences", ["numpy", "numba"], "python -m benchmarks.sequences"),
        *INTRODUCTION,
        *table(
            ["", "measure", "streamrnn", "best of peers", "goal", *COSTS],
            _overview(outcomes),
        ),
    ]
    for name in outcomes:
        lines += ["", *NOTES[name]] if name in NOTES else []
    lines += [*HONESTY, *table(["", *HONEST], _honest(outcomes)), *WORTH]
    for name, outcome in outcomes.items():
        lines += _worth(name, outcome)
    quoted = table(["", "peer", "measure", "quoted", "µs a step"], _peers(outcomes))
    return "\n".join([*lines, "", "## Peers, as quoted", *quoted]) + "\n"


def table(header: Sequence[str], rows: Iterator[Sequence[str]]) -> list[str]:
    """Return the lines of a table, with a blank one before it."""
    return [
        "",
        f"| {' | '.join(header)} |",
        "|---" * len(header) + "|",
        *(f"| {' | '.join(row)} |" for row in rows),
    ]


def _overview(outcomes: Mapping[str, Outcome]) -> Iterator[Sequence[str]]:
    """Yield the rows of all streams beside peers and goals."""
    for name, outcome in outcomes.items():
        subject, quoted = SUBJECTS[name], QUOTED[name]
        title, costs = subject.title, [*_costs(outcome.cost), quoted.microseconds]
        for measure in subject.measures:
            against = [_pair(_best(quoted, measure)), _pair(quoted.goals.get(measure))]
            yield [title, measure, _pair(outcome.figures[measure]), *against, *costs]
            # What holds of all figures of a stream is told once.
            title, costs = "", [""] * len(COSTS)


def _costs(cost: Cost) -> list[str]:
    """Return what a step takes here and in PyTorch, and how many times longer that is."""
    if cost.torch is None:
        return [f"{cost.whole:.1f}", "", ""]
    return [f"{cost.whole:.1f}", f"{cost.torch:.0f}", f"{cost.torch / cost.whole:.1f}"]


def _best(quoted: Quoted, measure: str) -> Pair | None:
    """Return the best that any peer comes to, on the whole and on the last half by itself."""
    pairs = [peer.figures[measure] for peer in quoted.peers if measure in peer.figures]
    if not pairs:
        return None
    best = min if measure in LOWER_IS_BETTER else max
    return best(whole for whole, _ in pairs), best(last for _, last in pairs if last is not None)


def _honest(outcomes: Mapping[str, Outcome]) -> Iterator[Sequence[str]]:
    """Yield the scores of labels."""
    for name, outcome in outcomes.items():
        if MOST_FREQUENT in outcome.figures:
            yield [SUBJECTS[name].title, *(_pair(outcome.figures[score]) for score in HONEST)]


def _worth(name: str, outcome: Outcome) -> list[str]:
    """Return the table of what each means of a stream is worth."""
    measures = [*SUBJECTS[name].measures]
    measures += [other for other in outcome.figures if other not in {*measures, *HONEST}]
    rows = {"the defaults": outcome.figures, **outcome.without}
    cells = (
        [called, *(_pair(figures[measure]) for measure in measures)]
        for called, figures in rows.items()
    )
    return ["", f"### {SUBJECTS[name].title}", *table(["", *measures], cells)]


def _peers(outcomes: Mapping[str, Outcome]) -> Iterator[Sequence[str]]:
    """Yield what was quoted."""
    for name in outcomes:
        title = SUBJECTS[name].title
        for peer in QUOTED[name].peers:
            called, cost = peer.name, f"{peer.microseconds:,}" if peer.microseconds else ""
            for measure, pair in peer.figures.items():
                yield [title, called, measure, _pair(pair), cost]
                title = called = cost = ""


def _pair(pair: Pair | None) -> str:
    return " / ".join(f"{number:.3f}" for number in pair or () if number is not None)
