"""Where the words of a translation came from, as a grid of shades."""

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from streamrnn.demo.sequences.drawings import SHADES, safe
from streamrnn.tasks.translate import Attention

WIDEST, NARROWEST = 20, 2
"""Columns of a word of the source."""
FIRST = 14
"""Columns of written words at most."""
STEPS = len(SHADES) - 1


def grid(attention: Attention, styles: Sequence[str], columns: int, rows: int) -> list[Text]:
    """Return lines: the words of the source, and below, for each written word, its shades.

    Args:
        attention: What is drawn.
        styles: Of the written words.
        columns: Of the grid at most.
        rows: The same; what is beyond is left out.
    """
    source, written = [
        [safe(word) for word in each] for each in (attention.source, attention.words)
    ]
    first = min(FIRST, max(map(cell_len, written), default=0))
    widths = _widths(source, columns - first - 1)
    head = Text(" " * (first + 1), no_wrap=True, overflow="crop")
    for word, width in zip(source, widths, strict=True):
        head.append(f"{set_cell_size(word, width)} ", "bold")
    lines = [head]
    for word, style, shares in zip(written, styles, attention.shares, strict=True):
        line = Text(no_wrap=True, overflow="crop")
        line.append(f"{set_cell_size(word, first)} ", style)
        for share, width in zip(shares, widths, strict=True):
            line.append(SHADES[round(min(max(share, 0.0), 1.0) * STEPS)] * width + " ", "cyan")
        lines.append(line)
    return [*lines[: rows - 1], Text("…")] if len(lines) > rows else lines


def _widths(words: Sequence[str], columns: int) -> list[int]:
    """Return the columns of words, of which the longest are cut where there is not room for all."""
    for most in range(WIDEST, NARROWEST, -1):
        widths = [min(most, cell_len(word)) for word in words]
        if sum(widths) + len(widths) <= columns:
            return widths
    return [min(NARROWEST, cell_len(word)) for word in words]
