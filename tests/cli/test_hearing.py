"""The demonstration of speech: its picture, its two texts side by side, and its scores."""

import dataclasses
import io
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from rich.console import Console

from streamrnn.cli import main
from streamrnn.demo.sequences import examples, hearing_view
from streamrnn.demo.sequences.alignment import aligned
from streamrnn.demo.sequences.hearing import HearingSummary, sound_of
from streamrnn.demo.sequences.hearing_drawings import curve, texts
from streamrnn.demo.sequences.hearing_view import HearingView
from streamrnn.demo.sequences.spectrogram import LEVELS, Spectrogram
from streamrnn.kernels.edits import edits_between
from streamrnn.tasks.answering import Answer
from streamrnn.tasks.transcribe import Transcribed

LOW, HIGH = [[0.0] * 20] * 8, [[5.0] * 20] * 8
words = st.text("abc ", max_size=8)


def answer(frames: list[list[float]], heard: str | None, said: str) -> Answer:
    made = Transcribed(None, 0, 0, None, heard, 0.0, 0)
    return Answer(made, shown=frames, target=said)


@settings(deadline=None)  # The first call compiles.
@given(words, words)
def test_texts_are_aligned_by_the_fewest_edits(heard: str, said: str) -> None:
    pairs = aligned(heard, said)
    assert "".join(one for one, _ in pairs) == heard
    assert "".join(other for _, other in pairs) == said
    assert sum(one != other for one, other in pairs) == edits_between(heard, said)


def test_what_was_heard_stands_above_what_was_said() -> None:
    heard, said = texts(aligned("lck it", "locked it"), 40)
    assert heard.plain == "heard  l·ck·· it"
    assert said.plain == "said   locked it"
    lines = texts(aligned("abcdef", "abcdef"), 10)
    assert [line.plain for line in lines] == [
        "heard  abc",
        "said   abc",
        "heard  def",
        "said   def",
    ]
    extra, missing = texts(aligned("a bc", "abc"), 40)
    assert (extra.plain, missing.plain) == ("heard  a_bc", "said   a·bc")


def test_a_spectrogram_has_its_high_bands_above_and_ends_where_it_was_heard() -> None:
    frames = np.zeros((40, 5), np.float32)
    frames[:, 4] = 1
    levels = Spectrogram(frames, 0.5).levels(10)
    assert levels.shape == (6, 10)
    assert set(levels[0, :5].tolist()) == {LEVELS - 1}
    assert not levels[1:, :5].any()
    assert set(levels[:, 5:].ravel().tolist()) == {-1}
    silence = Spectrogram(np.ones((1, 2), np.float32)).levels(80)
    assert silence.tolist() == [[0], [0]]


@pytest.mark.parametrize(("colors", "expected"), [("truecolor", "38;2;"), (None, "██")])
def test_a_spectrogram_is_in_colours_or_in_shades(colors: str | None, expected: str) -> None:
    made = io.StringIO()
    console = Console(
        file=made, force_terminal=colors is not None, color_system="truecolor", width=20
    )
    if colors is None:
        console = Console(file=made, width=20)
    frames = np.zeros((8, 4), np.float32)
    frames[:, 0] = 1
    console.print(Spectrogram(frames))
    assert expected in made.getvalue()
    assert len(made.getvalue().splitlines()) == 2


def test_errors_are_counted_beside_what_sounded_most_alike() -> None:
    summary = HearingSummary("speech", 4)
    summary.add(answer(LOW, None, "low"))
    summary.add(answer(HIGH, "lo", "high"))
    summary.add(answer(HIGH, "high", "high"))
    summary.add(answer(LOW, "low", "lot"))
    assert "4 utterances  errors a character: 0.571 in the last 40" in summary.headline()
    assert summary.running == pytest.approx([1.0, 1.0, 7 / 11, 8 / 14])
    made = io.StringIO()
    Console(file=made, width=80).print(summary.table())
    rows = [line.strip("│ ") for line in made.getvalue().splitlines() if line.startswith("│")]
    cells = [[cell.strip() for cell in row.split("│")] for row in rows]
    assert cells == [
        ["errors a character", "0.571", "0.143"],
        ["the text of what sounded most alike", "0.571", "0.143"],
        ["texts without an error", "0.250", "0.500"],
    ]


def test_short_sounds_can_be_compared_with_long_ones() -> None:
    assert sound_of([[1.0, 2.0]]).shape == sound_of([[1.0, 2.0]] * 300).shape


def test_the_curve_falls_as_the_error_does() -> None:
    assert curve([], 10) == []
    lines = [line.plain for line in curve([2.0, 0.5, 0.0], 10)]
    assert lines == [" 1.00 █  ", " 0.67 █▄ ", " 0.33 ██ "]


@pytest.mark.parametrize("colored", [True, False])
def test_no_transcript_moves_the_cursor(
    colored: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """With a terminal, utterances are also shown while they are listened to."""
    if colored:
        monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setattr(hearing_view, "MOMENT_SECONDS", 0.0)
    monkeypatch.setattr(hearing_view, "HOLD_SECONDS", 0.0)
    monkeypatch.setattr(hearing_view, "APART", 1)
    record = msgspec.json.encode({"frames": LOW + HIGH, "text": "a\x1b]0;mine\x07\x9b2Jb"})
    example = examples.EXAMPLES["speech"]
    made = dataclasses.replace(example, records=lambda: iter(120 * [record]), seconds=0.0)
    monkeypatch.setitem(examples.EXAMPLES, "speech", made)
    listened = list[int]()
    listen = HearingView._listen

    def spy(view: HearingView, frames: NDArray[np.float32]) -> None:
        listened.append(len(frames))
        listen(view, frames)

    monkeypatch.setattr(HearingView, "_listen", spy)
    assert main(["demo", "speech", "--directory", str(tmp_path)]) == 0
    shown = capsys.readouterr().out
    assert bool(listened) == colored
    assert "␛" in shown
    assert not any(harmful in shown for harmful in ("\x1b]", "\x07", "\x9b"))
    assert "errors a character" in shown
