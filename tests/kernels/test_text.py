"""A network reads text: what it expects before each byte is what the parts give step by step."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from streamrnn.kernels import text
from streamrnn.kernels.contexts import BYTES
from streamrnn.layers.stack import Layer
from streamrnn.learner.learner import Learner
from streamrnn.learner.lessons import Truncation
from streamrnn.learner.network import Architecture
from streamrnn.learner.optimization import Optimization

ARCHITECTURE = Architecture(
    (Layer("lstm", 5), Layer("lstm", 4)), 3, BYTES, "softmax", symbols=BYTES, norm=True
)
OPTIMIZATION = Optimization(learning_rate=0.02, beta1=0.0)


def learner(window: int, stride: int, *, enabled: bool = True) -> Learner:
    return Learner(
        ARCHITECTURE,
        OPTIMIZATION,
        Truncation(window, stride),
        fields=(("expected", np.float64, (BYTES,)),),
        first={"expected": np.full(BYTES, 1 / BYTES)},
        enabled=enabled,
        dtype=np.float64,
    )


def read(
    mine: Learner, written: bytes, *, keep: bool = True, expected_undone: int = 0
) -> NDArray[np.float64]:
    row, found = mine.streams.row(""), np.empty((len(written), BYTES))
    undone = text.read(
        *mine.workings(),
        mine.streams["expected"],
        row,
        np.frombuffer(written, np.uint8),
        found,
        mine.report,
        keep,
        *mine.network.uses,
    )
    assert undone == expected_undone
    return found


def softmax(outputs: NDArray[np.floating]) -> NDArray[np.float64]:
    shares = np.exp(outputs - outputs.max())
    normalised: NDArray[np.float64] = shares / shares.sum()
    return normalised


@pytest.mark.parametrize(("window", "stride"), [(4, 4), (6, 2), (1, 1)])
def test_it_is_what_steps_and_learning_steps_one_by_one_give(window: int, stride: int) -> None:
    written = np.frombuffer(b"abracadabra, abracadabra", np.uint8)
    found = read(learner(window, stride), written.tobytes())
    plain = learner(window, stride)
    row, expected = plain.streams.row(""), np.full(BYTES, 1 / BYTES)
    for n, byte in enumerate(written):
        np.testing.assert_allclose(found[n], expected, rtol=1e-9)
        if n:
            plain.teach(row, 0, 0, float(byte))
            plain.learn(row)
        expected = softmax(plain.advance(row, np.array([float(byte)])))
    assert plain.step == (len(written) - 1) // stride


@given(st.binary(min_size=1, max_size=60), st.lists(st.integers(0, 60), max_size=4).map(sorted))
@settings(deadline=None, max_examples=30)
def test_however_a_text_is_cut_all_is_the_same(written: bytes, cuts: list[int]) -> None:
    whole, parts = learner(6, 3), learner(6, 3)
    places = [0, *cuts, len(written)]
    found = [read(parts, written[a:b]) for a, b in itertools.pairwise(places)]
    assert read(whole, written).tobytes() == b"".join(each.tobytes() for each in found)
    assert whole.network.model.tobytes() == parts.network.model.tobytes()


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
