"""What others have made of the same files, where these are at hand: see ``STREAMRNN_DATA``."""

import os
from pathlib import Path

import msgspec
import numpy as np
import pytest

from streamrnn.sources import Fasta
from streamrnn.sources.annotation import labels_as_written, labels_of_features
from streamrnn.sources.npz import Archive
from streamrnn.sources.wav import Recordings
from tests.sources.reading import never, records

DATA = Path(os.environ.get("STREAMRNN_DATA", "../shared/data"))


def path(name: str) -> str:
    """Return the path of a data file, or skip the test."""
    if not (DATA / name).exists():
        pytest.skip(f"{DATA / name} is not there: set STREAMRNN_DATA to where the data sets are")
    return str(DATA / name)


def test_labels_of_genes_agree_with_those_of_the_whole_annotation() -> None:
    ((_, entry),) = records(Fasta(path("dna/ecoli_k12_0_400k.fasta")))
    lengths = [len(entry["sequence"])]
    made = labels_of_features(path("dna/ecoli_k12_0_400k_features.tsv"), lengths)
    known = labels_as_written(path("dna/ecoli_k12_0_400k_labels.txt"), lengths)
    # The table lacks the parts of spliced genes: six of them differ.
    assert np.mean([a == b for a, b in zip(made, known, strict=True)]) > 0.99


def test_frames_of_recordings_agree_with_those_of_an_archive() -> None:
    known = {
        "{digit}_{speaker}_{index}".format(**record): record["logmel"]
        for _, record in records(Archive(path("speech/fsdd_logmel.npz")))
    }
    compared = 0
    for _, line in Recordings(path("speech/wav")).lines(never):
        made = msgspec.json.decode(line)
        if made["name"] in known:
            # The archive has one digit after the point.
            np.testing.assert_allclose(made["frames"], known[made["name"]], atol=0.06)
            compared += 1
    assert compared >= 10
