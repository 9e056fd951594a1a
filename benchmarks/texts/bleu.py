"""BLEU, as sacrebleu counts it."""

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

PACKAGE = "sacrebleu"
INSTALL = f"BLEU is counted by {PACKAGE}, which is not installed: pip install {PACKAGE}"


def installed() -> bool:
    """Return whether it can be counted."""
    return find_spec(PACKAGE) is not None


def bleu(translations: Sequence[str], references: Sequence[str]) -> float:
    """Return the score of translations, each with one reference, as they are written."""
    return float(_metric().corpus_score(translations, [references]).score)


def signature() -> str:
    """Return how it is counted."""
    metric = _metric()
    # What it says of references is known only after some were seen.
    metric.corpus_score(["a"], [["a"]])
    return str(metric.get_signature())


def _metric() -> Any:
    return import_module(PACKAGE).metrics.BLEU()
