"""The report: its tables, and what is said of them."""

from collections.abc import Iterator, Mapping, Sequence

from benchmarks.machine import heading
from benchmarks.sequences.report import table
from benchmarks.texts import bleu
from benchmarks.texts.figures import shortfalls, written
from benchmarks.texts.outcome import Outcome
from benchmarks.texts.translating import EVERY
from benchmarks.texts.translation import LAST, PAIRS
from benchmarks.timing import RUNS
from streamrnn.bleu import PACKAGE

PACKAGES = ["numpy", "numba", "torch", PACKAGE]
INTRODUCTION = [
    "One pass over each file in its order: what is said, or the translation, is foreseen before it",
    "is learned, with the defaults: of the keys of a configuration only those are written that say",
    "what is read and what is wanted. Two figures are of the whole stream / of its last half. What",
    "peers come to is quoted: measured with PyTorch 2.13 on one core of another machine, one pass",
    "over the same files, tuned in hindsight. All of them are told at the end.",
]
NOTES = {
    "speech": [
        "Speech: errors are the characters that must be changed, put in or left out, of all that",
        "there are; the first utterance, before which nothing is known, counts as missed.",
    ],
    "translation": [
        f"Translation: the first {PAIRS:,} pairs. Tokens are words and marks as they stand, with",
        "their capitals, and the end of each text, each foreseen after the true ones before it; of",
        "what is quoted it is not known how its tokens were cut.",
        f"BLEU is that of the last {LAST:,} texts, each translated greedily before it is learned,",
        "as a person writes it",
    ],
}
COST = [
    "",
    "## What it costs",
    "",
    f"Microseconds of the processor's time, medians of {RUNS} runs in turn over the whole stream,",
    "everything included. What it takes to learn a target token is of the learner alone;",
    "translated first, it is all that the task needs for a record, from its JSON on, with a greedy",
    "translation.",
    "",
    "Beside them stands what the network alone takes in PyTorch (eager, one thread), in the same",
    "run: of the same size, with as many learning steps, given the same sequences, those of a step",
    "as one batch; and how many times longer that is. For speech it is convolution, recurrent",
    "layer, PyTorch's CTC loss and Adam, without RMSNorm, averaged weights, search and spelling;",
    "for translation vectors, encoder, decoder, attention and output over as many candidates,",
    f"without lexicon and memory: its learning steps alone, and every {EVERY}th of these.",
]
WORTH = [
    "",
    "## What each means is worth",
    "",
    "The defaults, with other seeds, then with one of them left out or changed in turn, all on the",
    "whole streams. The times are of one run each.",
]


def text_of(outcomes: Mapping[str, Outcome], neighbours: str | None) -> str:
    """Return the report.

    Args:
        outcomes: By the names of `NOTES`.
        neighbours: What other programs took meanwhile, if that is known.
    """
    lines = heading("Texts: speech and translation", PACKAGES, "python -m benchmarks.texts")
    if neighbours:
        lines.insert(-1, neighbours)
    lines += [
        *INTRODUCTION,
        *table(["", "measure", "streamrnn", "best peer, quoted", "goal"], _overview(outcomes)),
    ]
    for name in outcomes:
        lines += ["", *NOTES[name]]
        if name == "translation":
            lines[-1] += f" (`{bleu.signature()}`)."
    missed = [f"- {each}" for outcome in outcomes.values() for each in _missed(outcome)]
    lines += ["", "## Short of the goal", "", *(missed or ["Nothing."])]
    lines += [*COST, *table(["", "", "streamrnn", "network in PyTorch", "times"], _costs(outcomes))]
    lines += WORTH
    for outcome in outcomes.values():
        lines += ["", f"### {outcome.title}", *_worth(outcome)]
    lines += [
        "",
        "## Peers, as quoted",
        *table(["", "peer", "measure", "quoted"], _peers(outcomes)),
    ]
    return "\n".join(lines) + "\n"


def _overview(outcomes: Mapping[str, Outcome]) -> Iterator[Sequence[str]]:
    for outcome in outcomes.values():
        title, quoted = outcome.title, outcome.quoted
        for measure, figures in outcome.figures.items():
            against = quoted.peers[-1].figures.get(measure), quoted.goals.get(measure)
            cells = [written(measure, each) for each in (figures, *against)]
            yield [title, measure, *cells]
            title = ""


def _missed(outcome: Outcome) -> list[str]:
    found = shortfalls(outcome.figures, outcome.quoted.goals)
    return [f"{outcome.title}: {each}" for each in found]


def _costs(outcomes: Mapping[str, Outcome]) -> Iterator[Sequence[str]]:
    for outcome in outcomes.values():
        title, cost = outcome.title, outcome.cost
        for measure, each in cost.whole.items():
            beside = ["", ""]
            if cost.torch is not None and measure == cost.beside:
                beside = [f"{cost.torch:,.0f}", f"{cost.torch / each:.1f}"]
            yield [title, measure, f"{each:.1f}", *beside]
            title = ""


def _worth(outcome: Outcome) -> list[str]:
    measures = [*next(iter(outcome.rows.values()))]
    cells = (
        [name, *(written(measure, figures[measure]) for measure in measures)]
        for name, figures in outcome.rows.items()
    )
    return table(["", *measures], cells)


def _peers(outcomes: Mapping[str, Outcome]) -> Iterator[Sequence[str]]:
    for outcome in outcomes.values():
        title = outcome.title
        for peer in outcome.quoted.peers:
            called = peer.name
            for measure, figures in peer.figures.items():
                yield [title, called, measure, written(measure, figures)]
                title = called = ""
