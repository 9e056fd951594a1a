"""The live view of speech: its sound, the text that is heard in it, and the one that was said."""

import math
import time
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from rich.console import Group
from rich.text import Text

from streamrnn.demo.sequences.alignment import Pair, aligned
from streamrnn.demo.sequences.drawings import safe
from streamrnn.demo.sequences.hearing import HearingSummary
from streamrnn.demo.sequences.hearing_drawings import NAMES, curve, past_line, texts
from streamrnn.demo.sequences.spectrogram import Spectrogram
from streamrnn.demo.sequences.view import SequencesView
from streamrnn.learner.sequences.sequence import of_frames
from streamrnn.observer import Answered
from streamrnn.tasks.answering import Answer

KEPT = 4
"""Texts before the newest that stay in sight."""
APART = 10
"""Utterances from one that is listened to as it goes on to the next."""
MOMENTS, MOMENT_SECONDS, HOLD_SECONDS = 12, 0.05, 0.3
"""Of an utterance that is listened to: how often its text is shown, how long, and how long at
last."""
FIELD = "frames"
CURVE_COLUMNS, LEAST_WIDTH = 60, 20


class HearingView(SequencesView):
    """Shows the newest utterance, the texts before it, and how the error falls.

    Some utterances are shown as they go on, with the text that is heard in them so far, before they
    are learned.

    Args:
        name: Of the example.
        summary: Counts what it is told.
        started: When the program began, on the monotonic clock.
        seconds: On a terminal, how long all but listening is to take at least.
        records: All of them, as they will come.
        learner: Returns what learns.
    """

    plain = 50

    def __init__(
        self,
        name: str,
        summary: HearingSummary,
        started: float,
        seconds: float,
        records: Sequence[bytes],
        learner: Callable[[], Any],
    ) -> None:
        super().__init__(name, summary, started, seconds, records, learner)
        self._records, self._hearing = records, summary
        self._listened, self._hold = 0, 0.0
        self._newest_first = list[list[Pair]]()

    def answered(self, answered: Answered) -> None:
        """Show each utterance, then listen to the one that comes next."""
        super().answered(answered)
        following = answered.records[-1].offset + 1
        if not self.console.is_terminal or following >= len(self._records):
            return
        if following >= self._listened + APART and len(self._current.labels):
            self._listened = following
            self._listen(_array(msgspec.json.decode(self._records[following])[FIELD]))

    def _listen(self, frames: NDArray[np.float32]) -> None:
        """Show an utterance as it goes on."""
        for moment in range(1, MOMENTS + 1):
            heard = moment / MOMENTS
            sound = of_frames(frames[: math.ceil(heard * len(frames))])
            text = Text(NAMES["heard"], style="bold") + Text(
                safe(self._current.answer(sound).text), style="cyan"
            )
            self._live.update(
                self._drawn(
                    Spectrogram(frames, heard),
                    [text, Text(NAMES["said"], "bold")],
                    self._newest_first,
                ),
                refresh=True,
            )
            time.sleep(MOMENT_SECONDS)
        # What comes next is its answer, which is to be seen.
        self._shown, self._hold = 0.0, HOLD_SECONDS
        self._started += MOMENTS * MOMENT_SECONDS + HOLD_SECONDS

    def _add(self, answer: Answer) -> None:
        self._newest_first = [_pairs(answer), *self._newest_first][: KEPT + 1]
        super()._add(answer)
        time.sleep(self._hold)
        self._hold = 0.0

    def panel(self) -> Group:
        """Return the newest utterance, its texts, and those before."""
        pairs, *past = self._newest_first
        sound = Spectrogram(_array(self._newest[-1].shown))
        return self._drawn(sound, texts(pairs, self._width), past)

    def _drawn(self, sound: Spectrogram, lines: list[Text], past: list[list[Pair]]) -> Group:
        columns = min(CURVE_COLUMNS, self._width - 8)
        return Group(
            Text(self._hearing.headline(), no_wrap=True, overflow="crop"),
            *curve(self._hearing.running, columns),
            Text(),
            sound,
            Text(),
            *lines,
            Text(),
            *map(past_line, past[:KEPT]),
        )

    @property
    def _width(self) -> int:
        return max(LEAST_WIDTH, self.console.width - 1)


def _pairs(answer: Answer) -> list[Pair]:
    said = answer.target if isinstance(answer.target, str) else ""
    return aligned(answer.prediction.prediction or "", said)


def _array(frames: Any) -> NDArray[np.float32]:
    """Return frames as they were written, a row each."""
    return np.array(frames, np.float32).reshape(len(frames), -1)
