"""What ``streamrnn generate`` writes: bytes of a text, or the steps of a composition."""

import argparse
import codecs
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from streamrnn.build import composer_of, generator_of
from streamrnn.configuration import Configuration
from streamrnn.errors import ConfigurationError
from streamrnn.learner.sequences.labels import Label
from streamrnn.learner.sequences.sequence import words_of
from streamrnn.learner.sequences.vocabulary import Step, symbols_of
from streamrnn.visible import visible

BYTES, STEPS = 500, 64
PICTURES = ".png", ".svg", ".pdf"


def write_text(configuration: Configuration, options: argparse.Namespace) -> None:
    """Print text that goes on from a prompt."""
    length = BYTES if options.length is None else options.length
    generator = generator_of(
        configuration, options.partition, options.key, options.temperature, options.seed
    )
    prompt = options.prompt.encode("utf-8", "surrogateescape")
    written = generator.write(prompt, length)
    if not sys.stdout.isatty():
        for byte in written:
            sys.stdout.buffer.write(byte)
        return
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    for byte in written:
        for character in decoder.decode(byte):
            print(_safe(character), end="", flush=True)
    print()


def _safe(character: str) -> str:
    return character if character in "\n\t" else visible(character.encode())


def write_composition(configuration: Configuration, options: argparse.Namespace) -> None:
    """Print the steps of a sequence from nothing, or write them as music."""
    kind, length = configuration.input.steps, STEPS if options.length is None else options.length
    suffix = Path(options.output or "").suffix
    if options.output and suffix not in (".mid", *PICTURES):
        raise ConfigurationError(
            f"--output: expected a file ending in .mid, {', '.join(PICTURES)}, "
            f"got {options.output!r}"
        )
    beginning = prompt_of(kind, options.prompt)
    composer = composer_of(configuration, options.partition)
    written = composer.write(beginning, length, options.temperature, options.seed)
    if options.output:
        chords = [symbols_of(step) for step in beginning] + list(written)
        save(chords, Path(options.output), options.tempo)
        print(f"{options.output}: {len(chords)} steps", file=sys.stderr)
    elif kind == "items":
        for step in written:
            print(msgspec.json.encode(step if composer.sets else step[0]).decode(), flush=True)
    else:
        _print_symbols(written, " " if kind == "words" else "")


def _print_symbols(written: Iterator[list[Label]], between: str) -> None:
    terminal, first = sys.stdout.isatty(), True
    for (symbol,) in written:
        text = "" if first else between
        first = False
        shown = "".join(map(_safe, str(symbol))) if terminal else str(symbol)
        print(text + shown, end="", flush=True)
    print()


def prompt_of(kind: str, prompt: str) -> list[Step]:
    """Return the steps of a prompt.

    Raises:
        ConfigurationError: It is no list.
    """
    if not prompt:
        return []
    if kind == "words":
        return list(words_of(prompt))
    if kind == "characters":
        return list(prompt)
    try:
        steps: list[Step] = msgspec.json.decode(prompt, type=list[Label | list[Label]])
    except msgspec.DecodeError as error:
        raise ConfigurationError(
            f"--prompt: expected a list as JSON has it, such as [[60, 64, 67]]: {error}"
        ) from error
    return steps


def save(chords: Sequence[Sequence[Label]], path: Path, tempo: float) -> None:
    """Write chords as music, or as a picture of it.

    Raises:
        ConfigurationError: A symbol is no pitch, or the file cannot be written.
    """
    # They bring libraries that nothing else needs.
    from streamrnn.music.midi import write_midi
    from streamrnn.music.roll import draw_roll

    try:
        if path.suffix == ".mid":
            write_midi(chords, path, tempo)
        else:
            draw_roll(chords, path)
    except OSError as error:
        raise ConfigurationError(f"--output: {path}: {error.strerror}") from error
