"""What transcripts have come to, beside those of the utterances that sounded most alike."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.table import Table

from streamrnn.demo.sequences.summary import Summary, share
from streamrnn.kernels.edits import edits_between
from streamrnn.tasks.answering import Answer

LAST = 40
"""Utterances of the running error."""
PARTS, DURATION = 8, 20.0
"""What utterances are compared by: the mean of each part; the log of the frames, so weighted."""


class HearingSummary(Summary):
    """Errors of transcripts, in characters: all, of the last half, and of the last utterances.

    Args:
        name: Of the example.
        sequences: How many there will be.

    Attributes:
        running: The errors a character in the last utterances, after each one.
    """

    def __init__(self, name: str, sequences: int) -> None:
        super().__init__(name, sequences)
        self._half = sequences // 2
        self._characters, self._errors, self._alike = [list[int]() for _ in range(3)]
        self._sounds, self._texts = list[NDArray[np.float64]](), list[str]()
        self.running: list[float] = []

    def add(self, answer: Answer) -> None:
        """Count what was heard in an utterance."""
        self.count += 1
        if not isinstance(answer.target, str):
            return
        said, sound = answer.target, sound_of(answer.shown)
        # Where nothing was known yet, nothing was heard.
        self._errors.append(edits_between(answer.prediction.prediction or "", said))
        self._alike.append(edits_between(self._most_alike(sound), said))
        self._characters.append(len(said))
        self._sounds.append(sound)
        self._texts.append(said)
        self.running.append(share(self._errors[-LAST:], self._characters[-LAST:]))

    def _most_alike(self, sound: NDArray[np.float64]) -> str:
        """Return the transcript of the utterance so far that sounded most like one."""
        if not self._sounds:
            return ""
        apart = ((np.array(self._sounds) - sound) ** 2).sum(1)
        return self._texts[int(np.argmin(apart))]

    def headline(self) -> str:
        """Return where it stands, in a line."""
        all_of_it = share(self._errors, self._characters)
        last = self.running[-1] if self.running else 0.0
        return (
            f"{self.count:>5} utterances  errors a character: {last:.3f} in the last {LAST}, "
            f"{all_of_it:.3f} in all"
        )

    def table(self) -> Table:
        """Return all scores."""
        table = Table()
        for name in ("", "all", "last half"):
            table.add_column(name, justify="right" if name else "left")
        right = [not error for error in self._errors]
        rows: dict[str, tuple[Sequence[int], Sequence[int]]] = {
            "errors a character": (self._errors, self._characters),
            "the text of what sounded most alike": (self._alike, self._characters),
            "texts without an error": (right, [1] * len(right)),
        }
        for name, (counts, wholes) in rows.items():
            shares = (share(counts[n:], wholes[n:]) for n in (0, self._half))
            table.add_row(name, *(f"{each:.3f}" for each in shares))
        return table


def sound_of(frames: Any) -> NDArray[np.float64]:
    """Return what an utterance is compared by."""
    array = np.array(frames, np.float64).reshape(len(frames), -1)
    # Each part has a frame at least, the last one again where there are too few.
    places = np.minimum(np.arange(max(PARTS, len(array))), len(array) - 1)
    means = [part.mean(0) for part in np.array_split(array[places], PARTS)]
    return np.append(np.concatenate(means) / PARTS**0.5, DURATION * np.log(len(array)))
