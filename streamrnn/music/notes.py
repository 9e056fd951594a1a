"""Chords, one after the other, as notes that are held."""

from collections.abc import Sequence
from dataclasses import dataclass

from streamrnn.errors import ConfigurationError

HIGHEST = 127
"""The highest pitch of MIDI."""


@dataclass(frozen=True, slots=True)
class Note:
    """A note that is held.

    Attributes:
        pitch: By MIDI: 60 is the middle C.
        begin: The step in which it begins.
        end: The step before which it ends.
    """

    pitch: int
    begin: int
    end: int


def notes_of(chords: Sequence[Sequence[object]]) -> list[Note]:
    """Return the notes of chords in order; one that comes again in the next step goes on.

    Raises:
        ConfigurationError: A symbol is no pitch.
    """
    notes, begun = list[Note](), dict[int, int]()
    for step, chord in enumerate([*chords, ()]):
        pitches = {_pitch(symbol) for symbol in chord}
        for pitch in sorted(begun.keys() - pitches):
            notes.append(Note(pitch, begun.pop(pitch), step))
        for pitch in pitches - begun.keys():
            begun[pitch] = step
    return sorted(notes, key=lambda note: (note.begin, note.pitch))


def _pitch(symbol: object) -> int:
    if type(symbol) is not int or not 0 <= symbol <= HIGHEST:
        raise ConfigurationError(
            f"--output: expected pitches, whole numbers from 0 to {HIGHEST}, as music, "
            f"got {symbol!r}; without --output symbols are printed"
        )
    return symbol
