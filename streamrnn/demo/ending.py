"""What the demonstration says at its end."""

import time
from pathlib import Path

from streamrnn.demo.plot import plot
from streamrnn.demo.scores import Scores
from streamrnn.demo.view import View, score_table

WEEK = 168


def show_scores(view: View, scores: Scores) -> None:
    """Print the table, where it does not stand on the terminal already."""
    if not view.console.is_terminal:
        view.console.print(score_table(scores))


def draw(view: View, scores: Scores, picture: Path, unit: str) -> None:
    """Draw the last week, if there is anything to draw."""
    if not scores.events:
        return
    if plot(scores.newest, picture, WEEK, unit):
        view.console.print(f"picture      {picture}", highlight=False)
    else:
        view.console.print("no picture: pip install 'streamrnn[demo]' brings matplotlib")


def say(view: View, text: str) -> None:
    """Print lines as they are."""
    view.console.print(text, highlight=False, markup=False, soft_wrap=True)


def timing(view: View, started: float) -> str:
    """Return how long it took to the first prediction, and to the last."""
    return (
        f"first prediction after {view.first_prediction or 0:.2f} s, "
        f"all after {time.monotonic() - started:.2f} s"
    )
