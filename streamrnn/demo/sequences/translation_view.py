"""The live view of translations: the newest sentences, and where the last one's words came from."""

import math
from difflib import SequenceMatcher

from rich.console import Group
from rich.text import Text

from streamrnn.demo.sequences.attention import grid
from streamrnn.demo.sequences.drawings import BAD, GOOD, safe
from streamrnn.demo.sequences.translating import TranslatingSummary
from streamrnn.demo.sequences.view import SequencesView
from streamrnn.demo.view import bars
from streamrnn.learner.sequences.sequence import TOKEN, words_of
from streamrnn.tasks.answering import Answer

CURVE = 60
"""Columns of the curve."""
GRID_ROWS, HEAD_ROWS, SENTENCE_ROWS = 12, 3, 4
"""Lines of the attention at most, of what is above the sentences, and of each of them."""
DIM = "bright_black"


class TranslationView(SequencesView):
    """Shows the newest sentences with what was said of them before their translation was seen."""

    frame_seconds = 1.0

    def due(self, count: int) -> float:
        """Return when a sentence is to be shown: the first ones have more time each."""
        return self._seconds * math.sqrt(count / self._sequences)

    def panel(self) -> Group:
        """Return the headline, the newest sentences, and the attention of the last one."""
        assert isinstance(self.summary, TranslatingSummary)
        lines = [Text(self.summary.headline()), curve(self.summary.running), Text()]
        # The cursor has a line of its own.
        room = self.console.height - 1 - HEAD_ROWS - GRID_ROWS
        for answer in self._newest[-max(1, room // SENTENCE_ROWS) :]:
            lines += [*sentences(answer), Text()]
        made = self._newest[-1].prediction
        if made.attention is not None and made.attention.words:
            styles = styles_of(made.attention.words, self._newest[-1].target)
            lines += grid(made.attention, styles, self.console.width - 1, GRID_ROWS)
        return Group(*lines)


def sentences(answer: Answer) -> list[Text]:
    """Return a line each of a source, of what was said of it, and of its translation."""
    said = answer.prediction.prediction or ""
    lines = [
        Text(name, DIM, no_wrap=True, overflow="ellipsis")
        for name in ("source   ", "said     ", "true     ")
    ]
    lines[0].append(safe(str(answer.shown)), "default")
    end = 0
    for found, style in zip(
        TOKEN.finditer(said), styles_of(words_of(said), answer.target), strict=True
    ):
        lines[1].append(safe(said[end : found.start()]))
        lines[1].append(safe(found.group()), style)
        end = found.end()
    lines[2].append(safe(str(answer.target or "")), "default")
    return lines


def styles_of(words: list[str], target: object) -> list[str]:
    """Return the colours of written words: of those that a true translation has in their order."""
    true = words_of(target) if isinstance(target, str) else []
    styles = [BAD] * len(words)
    for block in SequenceMatcher(None, words, true, autojunk=False).get_matching_blocks():
        styles[block.a : block.a + block.size] = [f"bold {GOOD}"] * block.size
    return styles


def curve(shares: list[float]) -> Text:
    """Return a line that shows shares over time, from 0 to the largest, newest last."""
    columns = min(CURVE, len(shares))
    places = [round((k + 1) * len(shares) / columns) - 1 for k in range(columns)]
    shown = [shares[k] for k in places]
    return Text("right    ", DIM).append(bars(shown, 0.0, max(shown, default=0.0)), "cyan")
