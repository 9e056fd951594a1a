"""What speech and translation come to, beside peers and goals, and what each means is worth.

Run: ``python -m benchmarks.texts``; it writes ``benchmarks/results/texts.md``, if nothing is left
out. The files are not part of the project: see `benchmarks.forecasts`. BLEU needs sacrebleu, and
the peers' columns are empty without PyTorch; both are installed beside the project.
"""

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from benchmarks.forecasts import DATA
from benchmarks.texts import bleu, speech, translation
from benchmarks.texts.neighbours import Neighbours
from benchmarks.texts.report import text_of
from streamrnn.bleu import bleu_known

SUBJECTS = {"speech": speech.outcome_of, "translation": translation.outcome_of}
QUICK = {"speech": 30, "translation": 300}
"""Utterances and pairs that are enough to see that all runs."""
RESULT = Path(__file__).parents[1] / "results" / "texts.md"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print and write the tables.

    Args:
        arguments: Those of the command, if not the program's own.
    """
    parser = argparse.ArgumentParser(prog="benchmarks.texts", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(SUBJECTS))
    parser.add_argument("--quick", action="store_true", help="only the first of each")
    given = parser.parse_args(arguments)
    if unknown := sorted({*given.names} - {*SUBJECTS}):
        parser.error(f"unknown: {', '.join(unknown)} (known: {', '.join(SUBJECTS)})")
    if not DATA.is_dir():
        sys.exit(f"{DATA}: no such folder: set STREAMRNN_DATA to where the texts are")
    names = given.names or [*SUBJECTS]
    if "translation" in names and not bleu_known():
        sys.exit(bleu.MISSING)
    neighbours = Neighbours()
    outcomes = {
        name: SUBJECTS[name](
            QUICK[name] if given.quick else None,
            partial(_tell, name),
        )
        for name in names
    }
    text = text_of(outcomes, neighbours.told())
    print(text)
    if not given.quick and outcomes.keys() == SUBJECTS.keys():
        RESULT.write_text(text, encoding="utf-8")


def _tell(name: str, run: str) -> None:
    print(f"{name}: {run}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
