"""What is measured of texts, and how it is written down."""

from collections.abc import Mapping

Figures = dict[str, tuple[float, ...]]
"""By the measure; of all texts and of the last half, if there are two."""

ERRORS, FAULTLESS = "character error rate", "transcripts without an error"
TOKENS, BLEU = "token accuracy", "BLEU"
FRAME, LEARNED, BOTH = "µs a frame", "µs a target token, learned", "the same, translated first"
COSTS = frozenset({FRAME, LEARNED, BOTH})
LOWER_IS_BETTER = COSTS | {ERRORS}
DIGITS: Mapping[str, int] = {BLEU: 1, FRAME: 0, LEARNED: 0, BOTH: 0}
"""After the point; of others there are three."""


def written(measure: str, figures: tuple[float, ...] | None) -> str:
    """Return the figures of a measure as a cell of a table."""
    digits = DIGITS.get(measure, 3)
    return " / ".join(f"{figure:,.{digits}f}" for figure in figures or ())


def shortfalls(figures: Figures, goals: Figures) -> list[str]:
    """Return, in words, which goals are missed."""
    found = []
    for measure, goal in goals.items():
        reached, pair = figures[measure], len(goal) > 1
        for name, one, wanted in zip(("whole", "last half"), reached, goal, strict=False):
            missed = one > wanted if measure in LOWER_IS_BETTER else one < wanted
            if missed:
                called = f"{measure}, {name}" if pair else measure
                told = written(measure, (one,)), written(measure, (wanted,))
                found.append(f"{called}: {told[0]}, where {told[1]} is the goal")
    return found
