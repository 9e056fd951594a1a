"""Chords as a piano roll: time goes right, pitch goes up."""

from collections.abc import Sequence
from pathlib import Path

from streamrnn.errors import ConfigurationError
from streamrnn.music.notes import notes_of

STEPS_AN_INCH, HEIGHT = 6, 3.0
OCTAVE = 12


def draw_roll(chords: Sequence[Sequence[object]], path: Path) -> None:
    """Draw chords into a picture; its ending says of which format.

    Raises:
        ConfigurationError: A symbol is no pitch, or matplotlib is not installed.
    """
    notes = notes_of(chords)
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ConfigurationError(
            f"--output: {path}: pictures need matplotlib: pip install 'streamrnn[demo]'"
        ) from error
    figure = Figure(figsize=(max(4.0, len(chords) / STEPS_AN_INCH), HEIGHT), layout="constrained")
    axes = figure.add_subplot()
    for note in notes:
        axes.broken_barh([(note.begin, note.end - note.begin)], (note.pitch - 0.4, 0.8))
    pitches = [note.pitch for note in notes] or [60]
    octaves = range(min(pitches) // OCTAVE * OCTAVE, max(pitches) + OCTAVE, OCTAVE)
    axes.set_yticks(list(octaves), [f"C{pitch // OCTAVE - 1}" for pitch in octaves])
    axes.set_xlabel("step")
    axes.grid(visible=True, axis="y", alpha=0.3)
    figure.savefig(path)


def roll_of(chords: Sequence[Sequence[object]], width: int) -> list[str]:
    """Return lines of text that show chords, the highest pitch first.

    Args:
        chords: The pitches of each step.
        width: Steps that are shown at most, the last ones.
    """
    notes = notes_of(chords[-width:])
    steps, lines = len(chords[-width:]), []
    pitches = [note.pitch for note in notes]
    for pitch in range(max(pitches, default=0), min(pitches, default=1) - 1, -1):
        row = [" "] * steps
        for note in notes:
            if note.pitch == pitch:
                row[note.begin : note.end] = "█" + "▆" * (note.end - note.begin - 1)
        name = f"C{pitch // OCTAVE - 1}" if pitch % OCTAVE == 0 else ""
        lines.append(f"{name:>3} {''.join(row)}")
    return lines
