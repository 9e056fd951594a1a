"""What was measured of one of the two: speech or translation."""

from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.texts.figures import Figures
from benchmarks.texts.quoted import Quoted


@dataclass(frozen=True, slots=True)
class Cost:
    """What a step takes, in microseconds of the processor's time, by medians over runs.

    Attributes:
        whole: By the defaults, everything included, by the measure.
        torch: By PyTorch, the network alone, with the same lessons; None where it is not installed.
        beside: The measure that this is held against.
    """

    whole: Mapping[str, float]
    torch: float | None
    beside: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was measured.

    Attributes:
        title: What a report calls it.
        quoted: What it is held against.
        figures: By the defaults.
        cost: Of a step, the same.
        rows: By what was left out or changed, and first by the defaults.
    """

    title: str
    quoted: Quoted
    figures: Figures
    cost: Cost
    rows: Mapping[str, Figures]
