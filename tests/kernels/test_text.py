"""A network reads text: what it expects before each byte is what the parts give step by step."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from streamrnn.kernels import model, text
from streamrnn.kernels.contexts import BYTES
from streamrnn.kernels.views import view
from streamrnn.layers.stack import Layer
from streamrnn.learner.learner import Learner
from streamrnn.learner.lessons import Truncation
from streamrnn.learner.network import Architecture
from streamrnn.learner.optimization import Optimization
from tests.kernels import naive

ARCHITECTURE = Architecture(
    (Layer("lstm", 5), Layer("lstm", 4)), 3, BYTES, "softmax", symbols=BYTES, norm=True
)
NGRAMS = replace(ARCHITECTURE, pieces=2, piece_rows=1024)
RATE = 0.05
OPTIMIZATION = Optimization(learning_rate=0.02, beta1=0.0)


def learner(
    window: int, stride: int, architecture: Architecture = ARCHITECTURE, *, enabled: bool = True
) -> Learner:
    made = Learner(
        architecture,
        OPTIMIZATION,
        Truncation(window, stride),
        fields=(("expected", np.float64, (BYTES,)), ("recent", np.uint64, ())),
        first={"expected": np.full(BYTES, 1 / BYTES)},
        enabled=enabled,
        dtype=np.float64,
    )
    made.network.settings[model.EMBEDDING_RATE] = RATE
    return made


def given_of(written: bytes, architecture: Architecture) -> NDArray[np.float64]:
    rows, recent = np.zeros((len(written), architecture.given)), np.uint64(0)
    for byte, row in zip(written, rows, strict=True):
        recent = text.give(recent, byte, architecture.piece_rows, row)
    return rows


def read(
    mine: Learner, written: bytes, *, keep: bool = True, expected_undone: int = 0
) -> NDArray[np.float64]:
    row, found = mine.streams.row(""), np.empty((len(written), BYTES))
    whole, bits = np.frombuffer(written, np.uint8), np.empty(len(written))
    undone = text.read(
        *mine.workings(),
        mine.streams["expected"],
        mine.streams["recent"],
        row,
        whole,
        found,
        bits,
        mine.report,
        keep,
        *mine.network.uses,
    )
    assert undone == expected_undone
    np.testing.assert_allclose(bits, -np.log2(found[np.arange(len(whole)), whole]), rtol=1e-12)
    return found


def softmax(outputs: NDArray[np.floating]) -> NDArray[np.float64]:
    shares = np.exp(outputs - outputs.max())
    normalised: NDArray[np.float64] = shares / shares.sum()
    return normalised


@pytest.mark.parametrize("architecture", [ARCHITECTURE, NGRAMS])
@pytest.mark.parametrize(("window", "stride"), [(4, 4), (6, 2), (1, 1)])
def test_it_is_what_steps_and_learning_steps_one_by_one_give(
    window: int, stride: int, architecture: Architecture
) -> None:
    written = b"abracadabra, abracadabra"
    found = read(learner(window, stride, architecture), written)
    plain, given = learner(window, stride, architecture), given_of(written, architecture)
    row, expected = plain.streams.row(""), np.full(BYTES, 1 / BYTES)
    for n, byte in enumerate(written):
        np.testing.assert_allclose(found[n], expected, rtol=1e-9)
        if n:
            plain.teach(row, 0, 0, float(byte))
            plain.learn(row)
        expected = softmax(plain.advance(row, given[n]))
    assert plain.step == (len(written) - 1) // stride


@given(st.binary(min_size=1, max_size=60), st.lists(st.integers(0, 60), max_size=4).map(sorted))
@settings(deadline=None, max_examples=30)
def test_however_a_text_is_cut_all_is_the_same(written: bytes, cuts: list[int]) -> None:
    whole, parts = learner(6, 3, NGRAMS), learner(6, 3, NGRAMS)
    places = [0, *cuts, len(written)]
    found = [read(parts, written[a:b]) for a, b in itertools.pairwise(places)]
    assert read(whole, written).tobytes() == b"".join(each.tobytes() for each in found)
    assert whole.network.model.tobytes() == parts.network.model.tobytes()


def test_vectors_of_ngrams_learn_against_the_slope_of_the_loss() -> None:
    written, net = b"abcdefg", learner(8, 8, NGRAMS).network
    net.head(net.model)[:] = np.random.default_rng(2).normal(size=net.head(net.model).shape)
    given, state = given_of(written, NGRAMS)[:-1], np.zeros(net.state_size)
    table = view(net.model, int(net.shape[model.PIECES_AT]), (NGRAMS.piece_rows, NGRAMS.inputs))
    squares = view(net.model, int(net.shape[model.SQUARES_AT]), (NGRAMS.piece_rows,))

    def loss() -> float:
        pairs = zip(net.forward(given, state), written[1:], strict=True)
        return float(-np.mean([np.log(softmax(outputs)[byte]) for outputs, byte in pairs]))

    rows = given[:, 1:].astype(int).ravel().tolist()
    assert len(set(rows)) == len(rows)
    slopes, before = [naive.differences(table[row], loss) for row in rows], table.copy()
    targets = np.frombuffer(written[1:], np.uint8)[:, np.newaxis].astype(float)
    net.forward(given, state)
    net.backward(given, targets, np.ones(targets.shape, np.bool_), 0)
    model.update_pieces(net.shape, net.settings, net.model, net.workspace, given, 0, len(given))
    for row, slope in zip(rows, slopes, strict=True):
        assert np.abs(slope).max() > 1e-3
        found = (before[row] - table[row]) / RATE * np.sqrt(squares[row])
        np.testing.assert_allclose(found, slope, rtol=1e-5, atol=1e-8)
    others = np.setdiff1d(np.arange(NGRAMS.piece_rows), rows)
    assert (table[others] == before[others]).all()


def test_ngrams_of_one_length_are_told_from_those_of_another() -> None:
    wide = replace(NGRAMS, pieces=text.LONGEST_NGRAM - 1, piece_rows=1 << 20)
    once, again = given_of(b"xxabcdefgh", wide), given_of(b"yyabcdefgh", wide)
    # The n-gram of length k that ends at a byte is known from the k-th byte of what both share.
    for place in range(2, 10):
        same = once[place] == again[place]
        assert same.tolist() == [n < place - 1 for n in range(len(same))]
    assert len(np.unique(once[:, 1:])) == once[:, 1:].size
    assert (given_of(b"xxabcdefgh", ARCHITECTURE) == once[:, :1]).all()


def test_without_learning_it_reads_as_a_network_does() -> None:
    written, mine = b"one two", learner(4, 4, enabled=False)
    before = mine.network.model.copy()
    found = read(mine, written, keep=False)
    assert (mine.network.model == before).all()
    net = learner(8, 8).network
    state = np.zeros(net.state_size)
    given = np.frombuffer(written, np.uint8).astype(np.float64)[:, np.newaxis]
    outputs = net.forward(given, state)
    for n in range(1, len(written)):
        np.testing.assert_allclose(found[n], softmax(outputs[n - 1]), rtol=1e-9)


def test_an_output_that_is_not_finite_is_undone_and_counted() -> None:
    mine = learner(4, 4)
    read(mine, b"ab")
    expected = mine.streams["expected"].copy()
    net = mine.network
    net.head(net.model)[:] = np.inf
    before = mine.tables().counters.copy()
    read(mine, b"c", expected_undone=1)
    assert (mine.streams["expected"] == expected).all()
    assert (mine.tables().counters == before).all()
    assert mine.undone == 1
