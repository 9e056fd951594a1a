"""How texts that were heard, and the errors in them, are drawn on a terminal."""

import numpy as np
from rich.text import Text

from streamrnn.demo.sequences.alignment import Pair
from streamrnn.demo.sequences.drawings import BAD, GOOD, safe
from streamrnn.demo.view import BARS

NAMES = {"heard": "heard  ", "said": "said   ", "past": "before "}
MISSING, DIM = "·", "bright_black"
CURVE_ROWS = 3


def texts(pairs: list[Pair], width: int) -> list[Text]:
    """Return lines of what was heard, each above what was said, with the same columns."""
    columns, lines = width - len(NAMES["heard"]), []
    for start in range(0, max(1, len(pairs)), columns):
        heard, said = (Text(NAMES[name], "bold", no_wrap=True) for name in ("heard", "said"))
        for pair in pairs[start : start + columns]:
            heard.append(*_heard(pair))
            said.append(*(safe(pair[1]), "not bold") if pair[1] else (MISSING, f"not bold {DIM}"))
        lines += [heard, said]
    return lines


def past_line(pairs: list[Pair]) -> Text:
    """Return a line of what was heard, and then of what was said."""
    line = Text(NAMES["past"], style=DIM, no_wrap=True, overflow="ellipsis")
    for pair in pairs:
        line.append(*_heard(pair))
    return line.append("  " + safe("".join(said for _, said in pairs)))


def _heard(pair: Pair) -> tuple[str, str]:
    """Return how the first character of a pair is shown: right, wrong or missing."""
    if not pair[0]:
        return MISSING, f"not bold {BAD}"
    style = f"not bold {GOOD}" if pair[0] == pair[1] else f"bold {BAD}"
    # A space that is wrong would not be seen.
    return (safe(pair[0]) if pair[0] != " " or pair[1] == " " else "_"), style


def curve(shares: list[float], columns: int) -> list[Text]:
    """Return lines that show shares from 0 to 1 over time, newest last."""
    if not shares:
        return []
    places = np.linspace(0, len(shares) - 1, min(columns, len(shares))).round().astype(int)
    heights = np.clip(np.array(shares)[places], 0, 1) * CURVE_ROWS
    lines = []
    for row in reversed(range(CURVE_ROWS)):
        parts = np.clip(heights - row, 0, 1) * len(BARS)
        drawn = "".join(BARS[int(part) - 1] if part else " " for part in parts.round())
        lines.append(Text(f"{(row + 1) / CURVE_ROWS:5.2f} ", DIM) + Text(drawn, "cyan"))
    return lines
