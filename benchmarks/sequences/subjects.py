"""The streams that are learned: where their records come from, and what is asked of each."""

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.forecasts import DATA
from streamrnn.codecs import codec_for
from streamrnn.configuration import Configuration, parse
from streamrnn.demo.sequences.summary import genes_of
from streamrnn.records import Record
from streamrnn.scores import Runs, spans_of
from streamrnn.sources import SEQUENCES, Fasta, Source
from streamrnn.sources.annotation import labels_as_written

Figures = dict[str, tuple[float, float]]
"""By name, of all sequences and of the last half; of compositions, frozen and while learning."""

Settings = Mapping[str, object]
"""Keys of a configuration, dotted, that are other than by default."""

BASES = 1000
"""Of a message of the genome."""
CODEC = codec_for("jsonl")


@dataclass(frozen=True, slots=True)
class Subject:
    """A stream of whole sequences, and what is asked of it.

    Attributes:
        title: What a report calls it.
        given: The table ``[input]`` of its configuration, without the file.
        task: The table ``[task]``.
        objects: Yields the records, as JSON.
        measures: The figures that it is judged by.
        runs: Which runs of labels are scored, by the name of the figure.
    """

    title: str
    given: Mapping[str, object]
    task: Mapping[str, object]
    objects: Callable[[], Iterator[bytes]]
    measures: tuple[str, ...] = ("accuracy",)
    runs: Mapping[str, Runs] = field(default_factory=dict)

    def configuration(self, settings: Settings) -> Configuration:
        """Return its configuration: the defaults but for these settings."""
        document: dict[str, dict[str, object]] = {
            "input": {"file": "-", "format": "jsonl", **self.given},
            "task": dict(self.task),
            "output": {"file": "-"},
        }
        for path, value in settings.items():
            table, key = path.split(".")
            document.setdefault(table, {})[key] = value
        return parse(document, self.title)

    def records(self, most: int | None) -> list[Record]:
        """Return its records, the first ones if there is a limit."""
        objects = list(self.objects())[:most]
        return [Record(0, n, None, value) for n, value in enumerate(objects)]


def rows(file: str, *, quoted: bool) -> Iterator[bytes]:
    """Yield the rows of a TSV file."""
    with (DATA / file).open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(
            lines, delimiter="\t", quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE
        ):
            yield msgspec.json.encode(row)


def _of(source: Source) -> Iterator[bytes]:
    with closing(source):
        for _, record in source.lines(lambda: False):
            yield record


def stored(file: str) -> Iterator[bytes]:
    """Yield the sequences of a file that `streamrnn replay` reads."""
    form = Path(file).suffix.removeprefix(".")
    return _of(SEQUENCES[form](str(DATA / file)))


def _genome() -> Iterator[bytes]:
    begin = str(DATA / "dna" / "ecoli_k12_0_400k")
    return _of(
        Fasta(
            f"{begin}.fasta",
            window=BASES,
            annotate=lambda lengths: labels_as_written(f"{begin}_labels.txt", lengths),
        )
    )


def _chorales() -> Iterator[bytes]:
    """Yield the pieces that are learned, then those that are kept back."""
    file = DATA / "music" / "jsb-chorales-quarter.json"
    pieces = json.loads(file.read_text(encoding="utf-8"))
    for part in ("train", "test"):
        for piece in pieces[part]:
            yield msgspec.json.encode({"chords": piece, "part": part})


WORDS = {"sequence": "text", "steps": "words"}
LETTERS = {"sequence": "sequence", "steps": "characters"}
TOKENS = {"sequence": "tokens", "steps": "words"}
NAMES: dict[str, Any] = {
    "given": TOKENS,
    "task": {"kind": "tag", "target": "tags"},
    "measures": ("F1 of names",),
    "runs": {"F1 of names": Runs(spans_of)},
}

SUBJECTS = {
    "movies": Subject(
        "movie sentences, for or against",
        WORDS,
        {"kind": "classify", "target": "positive"},
        lambda: rows("sentiment/movie_sentence_polarity.tsv", quoted=False),
    ),
    "clothing": Subject(
        "clothing reviews, 1 to 5 stars",
        WORDS,
        {"kind": "classify", "target": "stars"},
        lambda: rows("sentiment/clothing_reviews.tsv", quoted=True),
        ("accuracy", "macro-F1"),
    ),
    "splice": Subject(
        "splice junctions of DNA",
        LETTERS,
        {"kind": "classify", "target": "label"},
        lambda: rows("dna/splice_junctions.tsv", quoted=False),
    ),
    "ecoli": Subject(
        f"genes of E. coli, {BASES:,} bases a message",
        LETTERS,
        {"kind": "tag", "target": "labels"},
        _genome,
        ("accuracy", "F1 of coding runs, exact", "F1 of coding runs, half in common"),
        {
            "F1 of coding runs, exact": Runs(genes_of),
            "F1 of coding runs, half in common": Runs(genes_of, 0.5),
        },
    ),
    "gmb": Subject("names in news (GMB)", objects=lambda: stored("ner/gmb.conll"), **NAMES),
    "wnut17": Subject(
        "names in short messages (WNUT 17)",
        objects=lambda: stored("ner/wnut17_train.conll"),
        **NAMES,
    ),
    "jhmdb": Subject(
        "activities by poses (JHMDB)",
        {"sequence": "pose", "steps": "numbers", "points": 2},
        {"kind": "classify", "target": "label"},
        lambda: stored("video_activity/jhmdb_pose_train1.npz"),
    ),
    "digits": Subject(
        "spoken digits (FSDD)",
        {"sequence": "logmel", "steps": "numbers"},
        {"kind": "classify", "target": "digit"},
        lambda: stored("speech/fsdd_logmel.npz"),
    ),
    "jsb": Subject(
        "chorales (JSB)",
        {"sequence": "chords", "steps": "items"},
        {"kind": "compose"},
        _chorales,
        ("nats a step",),
    ),
}
"""By the name that a command calls each."""
