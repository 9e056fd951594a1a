"""How each example's newest sequence is drawn on a terminal."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Group
from rich.text import Text

from streamrnn.demo.view import BARS, bars
from streamrnn.learner.sequences.classifier import SequenceClassifier
from streamrnn.learner.sequences.sequence import of_frames
from streamrnn.music.roll import roll_of
from streamrnn.tasks.answering import Answer
from streamrnn.visible import visible

GOOD, BAD = "green", "red"
TAGS = ("cyan", "magenta", "yellow", "green", "bright_blue", "bright_red")
TRACKS = {"012": "+", "abc": "-"}
"""The labels of a gene's bases, by the strand it is on."""
CUTS = 24
"""Moments of a sequence at which it is asked what it is taken for so far."""
SHADES = " ░▒▓█"

Drawing = Callable[[Answer, Any, int], Group]
"""Draws an answer, with the learner that made it, in so many columns."""


def safe(text: str) -> str:
    """Return a text as it can be shown."""
    return visible(text.encode("utf-8", "surrogatepass"))


def sentence(answer: Answer, learner: Any, width: int) -> Group:
    """Draw a sentence, what it was taken for, and what it is."""
    made, target = answer.prediction, answer.target
    verdict = "?" if made.prediction is None else str(made.prediction)
    chance = made.probabilities.get(str(made.prediction), 0.0)
    style = GOOD if made.prediction == target else BAD
    head = Text(f"{verdict} ", style=f"bold {style}") + Text(f"{chance:4.0%}  ")
    return Group(head + Text(safe(str(answer.shown))[: width - 10]))


def tagged(answer: Answer, learner: Any, width: int) -> Group:
    """Draw words coloured by their tags: those that were guessed, and below the right ones."""
    words = [safe(str(word)) for word in answer.shown] if isinstance(answer.shown, list) else []
    guessed = answer.prediction.prediction or ["O"] * len(words)
    rows = []
    true = answer.target if isinstance(answer.target, list) else []
    for name, tags in (("guessed", guessed), ("true", true)):
        row = Text(f"{name:<8}", no_wrap=True, overflow="crop")
        for word, tag in zip(words, tags, strict=False):
            row.append(f"{word} ", style_of(str(tag)))
        rows.append(row)
    return Group(*rows)


def style_of(tag: str) -> str:
    """Return the colour of a tag's kind."""
    if tag == "O":
        return "bright_black"
    kind = tag.partition("-")[2] or tag
    return f"bold {TAGS[sum(map(ord, kind)) % len(TAGS)]}"


def genome(answer: Answer, learner: Any, width: int) -> Group:
    """Draw genes as tracks, those on one strand and those on the other, above the true ones."""
    guessed = answer.prediction.prediction or []
    true = answer.target if isinstance(answer.target, list) else []
    columns, rows = min(width - 12, 100), []
    for strand, sign in TRACKS.items():
        for name, labels, style in (("guessed", guessed, "cyan"), ("true", true, "green")):
            rows.append(Text(f"{sign} {name:<8} ") + Text(track(labels, strand, columns), style))
    return Group(*rows)


def track(labels: Sequence[object], strand: str, columns: int) -> str:
    """Return how much of each part of a sequence has one of some labels."""
    on = np.array([str(label) in strand for label in labels], np.float64)
    if not len(on):
        return ""
    parts = np.array_split(on, min(columns, len(on)))
    return "".join(SHADES[round(float(part.mean()) * (len(SHADES) - 1))] for part in parts)


def heard(answer: Answer, learner: Any, width: int) -> Group:
    """Draw a sequence of frames, and below what it is taken for as it goes on."""
    frames = np.array(answer.shown, np.float32)
    frames = frames.reshape(len(frames), -1)
    rows = [Text(line, style="cyan") for line in picture(frames, CUTS * 2)]
    if isinstance(learner, SequenceClassifier) and len(learner.labels):
        rows += chances(frames, learner, answer)
    return Group(*rows)


def picture(frames: NDArray[np.float32], columns: int) -> list[str]:
    """Return lines that show frames ``(T, F)``: a curve for each number, or shades for many."""
    places = np.linspace(0, len(frames) - 1, columns).round().astype(int)
    shown = frames[places]
    low, high = float(frames.min()), float(frames.max())
    if shown.shape[1] <= 4:
        return [bars(column.tolist(), low, high) for column in shown.T]
    scale = (len(SHADES) - 1) / (high - low) if high > low else 0.0
    levels = ((shown - low) * scale).round().astype(int)
    return ["".join(SHADES[level] for level in row) for row in levels.T[::-2]]


def chances(frames: NDArray[np.float32], learner: SequenceClassifier, answer: Answer) -> list[Text]:
    """Return a line for each of the likeliest labels: how likely it is after each moment."""
    cuts = [max(2, round(len(frames) * (k + 1) / CUTS)) for k in range(CUTS)]
    made = np.array([learner.answer(of_frames(frames[:cut])).shares for cut in cuts])
    order = np.argsort(-made[-1], kind="stable")[:4]
    rows = []
    for place in order:
        label = learner.labels[int(place)]
        curve = "".join(2 * BARS[round(share * (len(BARS) - 1))] for share in made[:, place])
        style = GOOD if label == answer.target else "white"
        rows.append(Text(f"{curve} {label} {made[-1][place]:.0%}", style=style))
    return rows


def roll(answer: Answer, learner: Any, width: int) -> Group:
    """Draw chords as a piano roll."""
    chords = answer.shown if isinstance(answer.shown, list) else []
    rows = [Text(line, style="cyan", no_wrap=True) for line in roll_of(chords, min(width - 5, 80))]
    return Group(*rows)


DRAWINGS: dict[str, Drawing] = {
    "sentiment": sentence,
    "dna": genome,
    "names": tagged,
    "activity": heard,
    "digits": heard,
    "music": roll,
}
