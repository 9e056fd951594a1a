"""BLEU of translations, by sacrebleu where it is installed."""

from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np

PACKAGE = "sacrebleu"
INSTALL = f"pip install {PACKAGE}"
ORDERS = 4
"""Words in a row that are compared, at most."""


def bleu_known() -> bool:
    """Return whether sacrebleu is installed."""
    return find_spec(PACKAGE) is not None


def bleu_of(said: Sequence[str], true: Sequence[str]) -> float:
    """Return the BLEU, 0 to 100, of translations with one reference each; 0 of none."""
    if not said:
        return 0.0
    return float(_metrics().BLEU().corpus_score(said, [true]).score)


def _metrics() -> Any:
    return import_module(f"{PACKAGE}.metrics")


class Bleu:
    """BLEU of all texts together (Papineni et al. 2002), whose counts add up text by text.

    Attributes:
        judged: Texts.
    """

    def __init__(self) -> None:
        self._of: Any = _metrics().BLEU
        self._measure: Callable[..., Any] = self._of().corpus_score
        self.judged, self._lengths = 0, np.zeros(2, np.int64)
        self._counts, self._totals = np.zeros((2, ORDERS), np.int64)

    def add(self, prediction: str | None, text: str) -> None:
        """Count a text and what was predicted; None is as wrong as an empty text."""
        found = self._measure([prediction or ""], [[text]])
        self.judged += 1
        self._lengths += found.sys_len, found.ref_len
        self._counts += found.counts
        self._totals += found.totals

    @property
    def score(self) -> float:
        """BLEU, 0 to 100."""
        predicted, came = self._lengths.tolist()
        found = self._of.compute_bleu(
            self._counts.tolist(), self._totals.tolist(), predicted, came, smooth_method="exp"
        )
        return float(found.score)
