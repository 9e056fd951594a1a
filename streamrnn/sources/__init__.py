"""Sources: what a file holds, as lines; each whole sequence is one, a JSON object."""

from collections.abc import Callable

from streamrnn.sources.base import Source
from streamrnn.sources.conll import Conll
from streamrnn.sources.fasta import Annotate, Fasta
from streamrnn.sources.lines import WholeFile
from streamrnn.sources.npz import Archive
from streamrnn.sources.wav import Recordings

SEQUENCES: dict[str, Callable[[str], Source]] = {
    "conll": Conll,
    "fasta": Fasta,
    "npz": Archive,
    "wav": Recordings,
}
"""What reads the whole sequences of a path, by the name of its format."""

ENDINGS = {
    ".conll": "conll",
    ".fasta": "fasta",
    ".fa": "fasta",
    ".fna": "fasta",
    ".npz": "npz",
    ".wav": "wav",
}

__all__ = ["ENDINGS", "SEQUENCES", "Annotate", "Fasta", "Source", "WholeFile"]
