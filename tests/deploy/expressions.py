"""What expressions of PromQL are made of, as far as the tests of dashboards and alerts ask."""

import re

from streamrnn.metrics.definitions import DEFINITIONS

ENDINGS = {
    "counter": ("_total",),
    "gauge": ("",),
    "histogram": ("_bucket", "_sum", "_count"),
}
SET_OPERATOR = r"\b(?:and|or|unless)\b(?: on \([^)]*\))?"
COMPARISON_OF_SERIES = r"[<>]=? on \([^)]*\) group_left \(\)"
COMPARISON_WITH_NUMBER = r"(?:[<>]=?|==)\s*[\d.]+"


def exposed() -> dict[str, str]:
    """Return the names of all series of the service, and the metric that each belongs to."""
    return {
        definition.name + ending: definition.name
        for definition in DEFINITIONS
        for ending in ENDINGS[definition.kind]
    }


def named_in(expression: str) -> set[str]:
    """Return the names of the service's series in an expression."""
    return set(re.findall(r"\bstreamrnn_\w+", expression))


def without_thresholds(expression: str) -> list[str]:
    """Return what an alert's expression compares and combines, each on its own."""
    compared = re.sub(COMPARISON_WITH_NUMBER, "", expression)
    pieces = re.split(f"{SET_OPERATOR}|{COMPARISON_OF_SERIES}", compared)
    return [_balanced(piece).strip() for piece in pieces]


def _balanced(piece: str) -> str:
    """Return a piece without the parentheses, and what they belong to, that it cuts in two."""
    opened: list[int] = []
    for place, character in enumerate(piece):
        if character == "(":
            opened.append(place)
        elif character == ")" and opened:
            opened.pop()
        elif character == ")":
            return piece[:place]
    return piece[opened[-1] + 1 :] if opened else piece
