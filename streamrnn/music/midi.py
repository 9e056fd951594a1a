"""Chords as a MIDI file, which any player of music reads."""

from collections.abc import Sequence
from pathlib import Path

from mido import Message, MetaMessage, MidiFile, MidiTrack, bpm2tempo

from streamrnn.music.notes import notes_of

TICKS, VELOCITY = 480, 64
"""Ticks of a step, which is a beat; how hard notes are struck, of 127."""


def write_midi(chords: Sequence[Sequence[object]], path: Path, tempo: float) -> None:
    """Write chords as a MIDI file of one track.

    Args:
        chords: The pitches of each step.
        path: Of the file.
        tempo: Steps a minute.

    Raises:
        ConfigurationError: A symbol is no pitch.
    """
    file, track = MidiFile(ticks_per_beat=TICKS), MidiTrack()
    track.append(MetaMessage("set_tempo", tempo=bpm2tempo(tempo)))
    events = []
    for note in notes_of(chords):
        # At one moment what ends comes first, so that a note can be struck again.
        events.append((note.begin, True, note.pitch))
        events.append((note.end, False, note.pitch))
    now = 0
    for step, begins, pitch in sorted(events):
        kind = "note_on" if begins else "note_off"
        track.append(Message(kind, note=pitch, velocity=VELOCITY, time=(step - now) * TICKS))
        now = step
    file.tracks.append(track)
    file.save(path)
