"""The figures of whole sequences as plain text for a terminal of 80 columns."""

from collections.abc import Iterator

from streamrnn.backtest.sequences.figures import Figures
from streamrnn.backtest.table import NAME, counted, letters, number, printable, wrapped


def table(figures: Figures) -> str:
    """Return all of it."""
    parts = [_about(figures), _scores(figures), _notes(figures), _cost(figures)]
    if figures.dead_letters.count:
        parts.append(_dead(figures))
    return "\n\n".join("\n".join(part) for part in parts)


def _about(f: Figures) -> Iterator[str]:
    target = f": {printable(f.target)}" if f.target is not None else ""
    yield f"{printable(f.file)}{target}, by the task {f.task}"
    yield (
        f"{counted(f.records, 'record')}, {counted(f.sequences, 'sequence')} of "
        f"{counted(f.steps, 'step')}, {counted(f.dead_letters.count, 'dead letter')}, "
        f"{f.seconds.all:,.1f} s"
    )


def _scores(f: Figures) -> Iterator[str]:
    yield _row("", "whole stream", "last half")
    yield _row(f"{f.judged.of} scored", f"{f.judged.whole:,}", f"{f.judged.last_half:,}")
    for score in f.scores:
        name = score.measure if score.by is None else f"  {score.by}"
        yield _row(name, number(score.whole), number(score.last_half))


def _row(name: str, *cells: str) -> str:
    return f"{name:<{NAME}}{''.join(f'{cell:>18}' for cell in cells)}"


def _notes(f: Figures) -> Iterator[str]:
    yield from wrapped(" ".join(f.notes))


def _cost(f: Figures) -> Iterator[str]:
    micros = f.microseconds
    yield (
        f"{number(micros.record)} microseconds a record to predict and learn, "
        f"{number(micros.step)} a step"
    )


def _dead(f: Figures) -> Iterator[str]:
    reasons = ", ".join(f"{count:,} {printable(reason)}" for reason, count in f.reasons.items())
    yield from wrapped(f"dead letters by their reason: {reasons}")
    yield from letters(f.dead_letters)
