"""Frames of sound as a picture in colours: two bands a line."""

import math

import numpy as np
from numpy.typing import NDArray
from rich.color import Color
from rich.console import Console, ConsoleOptions, RenderResult
from rich.style import Style
from rich.text import Text

from streamrnn.demo.sequences.drawings import SHADES

PALETTE = (
    (6, 6, 22),
    (38, 16, 84),
    (92, 22, 122),
    (160, 38, 112),
    (220, 72, 72),
    (250, 142, 42),
    (254, 214, 92),
    (254, 252, 210),
)
"""Colours from the quietest to the loudest; those between are mixed."""
LEVELS = 64
QUIET, LOUD = 15.0, 99.5
"""The percentiles of an utterance's numbers that the palette spans."""
FRAMES = 2
"""Of a column, where the picture is not wider than the terminal then."""


class Spectrogram:
    """A picture of frames; in shades where there are no colours.

    Args:
        frames: ``(T, F)``, at least one.
        heard: The share of the frames that have been heard; later ones are not yet shown.
    """

    def __init__(self, frames: NDArray[np.float32], heard: float = 1.0) -> None:
        self._frames, self._heard = frames, heard

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        levels = self.levels(options.max_width)
        if console.color_system is None or console.no_color:
            yield from _shaded(levels)
            return
        for upper, lower in zip(levels[::2], levels[1::2], strict=True):
            line = Text(no_wrap=True, overflow="crop")
            for above, below in zip(upper.tolist(), lower.tolist(), strict=True):
                if above >= 0:
                    line.append("▀", STYLES[above][below])
            yield line

    def levels(self, width: int) -> NDArray[np.int64]:
        """Return the level of each cell ``(rows, columns)``, the highest band first.

        Rows are even in number; a column that has not been heard yet has -1.
        """
        low, high = np.percentile(self._frames, (QUIET, LOUD))
        scale = 1 / (high - low) if high > low else 0.0
        columns = max(1, min(width, math.ceil(len(self._frames) / FRAMES), len(self._frames)))
        parts = np.array_split(self._frames, columns)
        shares = np.clip((np.array([part.mean(0) for part in parts]) - low) * scale, 0, 1)
        levels = (shares * (LEVELS - 1)).round().astype(np.int64)
        levels[math.ceil(self._heard * columns) :] = -1
        rows = levels.T[::-1]
        return rows if len(rows) % 2 == 0 else np.vstack([rows, rows[-1:]])


def _shaded(levels: NDArray[np.int64]) -> list[Text]:
    shades = (np.maximum(levels[::2], levels[1::2]) * len(SHADES)) // LEVELS
    lines = ("".join(SHADES[max(0, shade)] for shade in row) for row in shades.tolist())
    return [Text(line, no_wrap=True, overflow="crop") for line in lines]


def _color(level: int) -> Color:
    place = level / (LEVELS - 1) * (len(PALETTE) - 1)
    first = min(int(place), len(PALETTE) - 2)
    mixed = (
        one + (other - one) * (place - first)
        for one, other in zip(PALETTE[first], PALETTE[first + 1], strict=True)
    )
    return Color.from_rgb(*mixed)


COLORS = [_color(level) for level in range(LEVELS)]
STYLES = [[Style(color=above, bgcolor=below) for below in COLORS] for above in COLORS]
"""Of a half block, by the levels of its upper and its lower half."""
