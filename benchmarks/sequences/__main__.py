"""What whole sequences come to, beside peers and goals, and what each means is worth.

Run: ``python -m benchmarks.sequences``; it writes ``benchmarks/results/sequences.md``, if no stream
is left out. The files are not part of the project: see `benchmarks.forecasts`.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.forecasts import DATA
from benchmarks.sequences import chorales, labels, switching
from benchmarks.sequences.ablations import ablations
from benchmarks.sequences.cost import cost_of
from benchmarks.sequences.report import Outcome, text_of
from benchmarks.sequences.subjects import SUBJECTS, Figures, Settings

QUICK = 300
"""Sequences of a stream that are enough to see that all runs."""
RESULT = Path(__file__).parents[1] / "results" / "sequences.md"


def outcome_of(name: str, most: int | None) -> Outcome:
    """Return what is measured of a stream, of its first sequences if there is a limit."""
    subject = SUBJECTS[name]
    judge = chorales.judge if subject.task["kind"] == "compose" else labels.judge
    records = subject.records(most)

    def figures(called: str, settings: Settings) -> Figures:
        print(f"{name}: {called}", file=sys.stderr, flush=True)
        return judge(subject, records, settings)

    cost = cost_of(subject, records)
    whole = figures("the defaults", {})
    without = ablations(subject.configuration({}))
    others = {called: figures(called, settings) for called, settings in without.items()}
    if name == "ecoli":
        others[switching.TITLE] = switching.judge(subject, records)
    return Outcome(whole, cost, others)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print and write the tables.

    Args:
        arguments: Those of the command, if not the program's own.
    """
    parser = argparse.ArgumentParser(prog="benchmarks.sequences", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(SUBJECTS))
    parser.add_argument(
        "--quick", action="store_true", help=f"only the first {QUICK} sequences of each"
    )
    given = parser.parse_args(arguments)
    if unknown := sorted({*given.names} - {*SUBJECTS}):
        parser.error(f"unknown: {', '.join(unknown)} (known: {', '.join(SUBJECTS)})")
    if not DATA.is_dir():
        sys.exit(f"{DATA}: no such folder: set STREAMRNN_DATA to where the sequences are")
    most = QUICK if given.quick else None
    outcomes = {name: outcome_of(name, most) for name in given.names or SUBJECTS}
    text = text_of(outcomes)
    print(text)
    if not given.quick and outcomes.keys() == SUBJECTS.keys():
        RESULT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
