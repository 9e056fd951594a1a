"""The next word among candidates: who they are, their logits, gradients and learning."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from streamrnn.kernels import candidates, choice, slots
from streamrnn.kernels.candidates import (
    ALL,
    COMMON,
    COPY,
    COPY_CHANCE,
    END,
    FIRST,
    FLOOR,
    FOLLOWING,
    LEXICAL,
    LEXICON,
    MOST_COPIES,
    MOST_FOLLOWING,
    UNIGRAM,
    UNKNOWN,
    Outputs,
    Room,
)
from streamrnn.kernels.lexicon import PRIOR
from streamrnn.kernels.slots import NOWHERE, Slots
from tests.kernels import naive
from tests.kernels.test_lexicon import table

Array = NDArray[Any]

WORDS, WIDTH, SOURCE, TARGET, KINDS, SLOTS, SIZE = 20, 3, 4, 5, 2, 4, 24
A, B, C, D, E, F, G = range(FIRST, FIRST + 7)


def made_room(size: int = SIZE) -> Room:
    return Room(
        words=np.zeros(size, np.int64),
        # Whatever stood there before says nothing.
        places=np.random.default_rng(1).integers(0, size, WORDS + MOST_COPIES),
        sizes=np.zeros(3, np.int64),
        gathered=np.zeros((size, WIDTH)),
        dgathered=np.zeros((size, WIDTH)),
        priors=np.zeros(size),
        dpriors=np.zeros(size),
        floors=np.zeros(size),
        shares=np.zeros((SOURCE, size)),
        mixed=np.zeros((TARGET, size)),
        terms=np.zeros((TARGET, size)),
        logits=np.zeros((TARGET, size)),
        found=np.zeros((KINDS + 1, TARGET, SLOTS), np.int64),
        said=np.zeros((KINDS + 1, TARGET, SLOTS)),
    )


def made_outputs() -> Outputs:
    generator = np.random.default_rng(2)
    return Outputs(
        generator.normal(size=(WORDS, WIDTH)),
        np.full(WORDS, 0.1),
        generator.normal(size=WORDS),
        np.full(WORDS, 0.2),
        generator.dirichlet(np.ones(WORDS)),
    )


def counted(rows: dict[int, dict[int, float]]) -> Slots:
    made = table(width=SLOTS)
    for key, words in rows.items():
        for word, weight in words.items():
            slots.count(made, slots.claimed_row(made, np.uint64(key)), word, weight, True)
    return made


def rows_in(made: Slots, keys: list[list[int]]) -> NDArray[np.int64]:
    return np.array([[slots.row_of(made.keys, np.uint64(k)) for k in row] for row in keys])


LEXICON_COUNTS = {
    1: {A: 3.0, B: 1.0},
    2: {C: 2.0, UNKNOWN: 1.0, COPY: 1.0},
    4: {B: 0.5, END: 0.25},
    11: {B: 2.0},
}
KEYS = [[1, 2, 3, 4], [11, 99, 99, 99]]
MEMORY_COUNTS = {1: {A: 5.0, D: 1.0}, 2: {E: 2.0}, 3: {D: 1.0, A: 1.0, UNKNOWN: 4.0}}
HISTORY = [[1, 2, 3, 1, 99], [3, 99, 99, 1, 2]]
COPIED = np.array([1, 2])
FREQUENT = np.array([A, END, F])
TRUTH = np.array([A, G, WORDS + 1, UNKNOWN, END])


class Scene:
    """Candidates of a pair, all in float64."""

    def __init__(self, most: int = SIZE) -> None:
        generator = np.random.default_rng(3)
        self.lexicon, self.memory = counted(LEXICON_COUNTS), counted(MEMORY_COUNTS)
        self.rows = rows_in(self.lexicon, KEYS)
        self.history = rows_in(self.memory, HISTORY)
        self.room, self.outputs = made_room(), made_outputs()
        self.gains = np.array([0.4, 0.7, 0.3, -0.2, -1.5])
        self.attention = generator.dirichlet(np.ones(SOURCE), TARGET)
        self.states = generator.normal(size=(TARGET, WIDTH))
        r = self.room
        candidates.gather_common(r, self.lexicon, self.rows, COPIED, FREQUENT, most)
        candidates.fill_shares(r, self.lexicon, self.rows, COPIED, PRIOR)
        candidates.gather_following(r, self.memory, self.history.reshape(-1))
        candidates.gather_truth(r, TRUTH)
        self.fill()

    def fill(self) -> None:
        choice.fill_candidates(self.room, self.outputs, self.gains, 0)
        arrays = self.attention, self.states
        choice.fill_logits(self.room, self.gains, *arrays, self.memory, self.history, TRUTH)

    @property
    def words(self) -> list[int]:
        found: list[int] = self.room.words[: self.room.sizes[ALL]].tolist()
        return found

    @property
    def logits(self) -> Array:
        return self.room.logits[:, : self.room.sizes[ALL]].copy()

    def loss(self) -> float:
        self.fill()
        return choice.loss_of_candidates(self.room, TRUTH, 1.0)

    def gradients(self) -> tuple[Array, Array, Array]:
        """Return those by the gains, the attention and the states."""
        self.loss()
        found = np.zeros(5), np.empty_like(self.attention), np.empty_like(self.states)
        choice.logits_backward(self.room, self.gains, self.attention, self.states, *found)
        return found


def test_candidates_come_in_their_order_and_once() -> None:
    scene = Scene()
    lexical = [WORDS, WORDS + 1, A, B, C, END]
    assert scene.room.sizes.tolist() == [6, 7, 10]
    assert scene.words[:6] == [WORDS, WORDS + 1, A, B, C, END]
    assert scene.words == [*lexical, F, D, E, G]
    places = [candidates.place_in(scene.room, word) for word in (B, G, UNKNOWN, COPY, WORDS + 2)]
    assert places == [3, 9, NOWHERE, NOWHERE, NOWHERE]


def test_what_the_lexicon_does_not_know_may_be_copied_and_what_was_copied_before() -> None:
    found, lexicon = np.full(MOST_COPIES, 9), counted(LEXICON_COUNTS)
    keys = np.array([1, 2, 3, 4, 3, 99], np.uint64)
    assert candidates.find_copies(lexicon, keys, found) == 3
    assert found[:4].tolist() == [1, 2, 4, 9]
    assert candidates.find_copies(lexicon, keys, found[:2]) == 2


def test_the_lexicon_has_so_many_candidates_at_most() -> None:
    scene = Scene(most=3)
    assert scene.room.sizes[LEXICAL] == 3
    assert scene.words[:3] == [WORDS, WORDS + 1, A]
    assert set(scene.words) >= {A, G, END, WORDS + 1}


def test_what_followed_has_so_many_candidates_at_most() -> None:
    rows = np.arange(MOST_FOLLOWING)
    many = Slots(
        np.zeros(len(rows), np.uint64),
        np.zeros(len(rows)),
        (FIRST + np.arange(2 * len(rows), dtype=np.int32)).reshape(-1, 2),
        np.ones((len(rows), 2)),
    )
    size = 3 * len(rows)
    room = made_room(size)._replace(places=np.zeros(size + MOST_COPIES, np.int64))
    room.sizes[:] = 0
    candidates.gather_following(room, many, rows)
    assert room.sizes.tolist() == [0, 0, MOST_FOLLOWING]
    candidates.gather_truth(room, np.array([size - 1]))
    assert room.sizes[ALL] == MOST_FOLLOWING + 1


def test_there_are_never_more_candidates_than_room() -> None:
    scene, room = Scene(), made_room(4)
    candidates.gather_common(room, scene.lexicon, scene.rows, COPIED, FREQUENT, 3)
    candidates.gather_following(room, scene.memory, scene.history.reshape(-1))
    candidates.gather_truth(room, TRUTH)
    assert room.sizes.tolist() == [3, 4, 4]
    assert room.words.tolist() == [WORDS, WORDS + 1, A, END]


def expected_shares() -> Array:
    """Return what the lexicon says of each word of the source and each candidate of it."""
    shares = np.zeros((SOURCE, 6))
    shares[0, [2, 3]] = np.array([3, 1]) / (4 + PRIOR)
    weight = candidates.CONTEXT_PRIOR
    shares[0] *= weight / (2 + weight)
    shares[0, 3] += 2 / (2 + weight)
    shares[1, 4] = 2 / (4 + PRIOR)
    shares[1, 0] = shares[2, 1] = COPY_CHANCE
    shares[3, [3, 5]] = np.array([0.5, 0.25]) / (0.75 + PRIOR)
    return shares


def test_what_the_lexicon_says() -> None:
    scene = Scene()
    np.testing.assert_allclose(scene.room.shares[:, :6], expected_shares(), rtol=1e-12)


def test_logits_are_those_of_the_equation() -> None:
    scene = Scene()
    outputs, gains = scene.outputs, scene.gains
    rows = [COPY if word >= WORDS else word for word in scene.words]
    chances = outputs.chances[rows]
    expected = scene.states @ outputs.vectors[rows].T + outputs.biases[rows]
    expected += gains[UNIGRAM] * np.log(chances)
    mixed = scene.attention @ expected_shares()
    expected[:, :6] += gains[LEXICON] * np.log1p(mixed / (FLOOR * chances[:6]))
    for kind, history in enumerate(HISTORY):
        for t, key in enumerate(history):
            for word, times in MEMORY_COUNTS.get(key, {}).items():
                if word in scene.words:
                    place = scene.words.index(word)
                    said = np.log1p(times / (FLOOR * chances[place]))
                    expected[t, place] += gains[FOLLOWING + kind] * said
    for t in range(TARGET):
        for step, word in enumerate(TRUTH[:t].tolist()):
            if word in scene.words and t - step <= SLOTS:
                expected[t, scene.words.index(word)] += gains[FOLLOWING + KINDS] / (t - step)
    np.testing.assert_allclose(scene.logits, expected, rtol=1e-10)


def test_step_by_step_the_same_words_were_written_before() -> None:
    whole, scene = Scene(), Scene()
    for t in range(TARGET):
        arrays = scene.attention[t : t + 1], scene.states[t : t + 1]
        rows, before = np.ascontiguousarray(scene.history[:, t : t + 1]), TRUTH[: t + 1]
        choice.fill_logits(scene.room, scene.gains, *arrays, scene.memory, rows, before)
        np.testing.assert_allclose(scene.logits[0], whole.logits[t])


def test_candidates_that_later_words_bring_are_not_chosen() -> None:
    scene = Scene()
    place = {word: n for n, word in enumerate(scene.words)}
    scene.room.logits[:] = 0
    scene.room.logits[:, place[G]] = 9
    scene.room.logits[:, place[E]] = 5
    scene.room.logits[:, place[D]] = 4
    scene.room.logits[:, place[F]] = 3
    chosen = [scene.words[choice.best(scene.room, t)] for t in range(TARGET)]
    # What followed in each history; the last one's second kind knows E.
    assert chosen == [D, E, D, D, E]
    assert scene.room.sizes[COMMON] == place[F] + 1


def test_the_loss_is_that_of_a_softmax_over_the_candidates() -> None:
    scene = Scene()
    logits, expected = scene.logits, 0.0
    gradient = np.zeros_like(logits)
    for t, word in enumerate(TRUTH.tolist()):
        if word == UNKNOWN:
            continue
        shares = np.exp(logits[t]) / np.exp(logits[t]).sum()
        place = scene.words.index(word)
        expected -= np.log(shares[place])
        gradient[t] = 0.3 * (shares - np.eye(len(shares))[place])
    assert choice.loss_of_candidates(scene.room, TRUTH, 0.3) == pytest.approx(expected)
    np.testing.assert_allclose(scene.logits, gradient, atol=1e-12)


@pytest.mark.parametrize("name", ["gains", "attention", "states"])
def test_gradients(name: str) -> None:
    scene = Scene()
    found = dict(zip(("gains", "attention", "states"), scene.gradients(), strict=True))[name]
    expected = naive.differences(getattr(scene, name), scene.loss)
    largest = np.abs(found).max()
    assert largest > 0.01
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-7 * max(largest, 1))


def test_only_what_was_a_candidate_learns_each_at_its_own_rate() -> None:
    scene, rate = Scene(), 0.3
    dvectors = naive.differences(scene.outputs.vectors, scene.loss)
    dbiases = naive.differences(scene.outputs.biases, scene.loss)
    before = made_outputs()
    scene.gradients()
    choice.learn_outputs(scene.room, scene.outputs, rate)
    rows = sorted({word for word in scene.words if word < WORDS})
    others = sorted(set(range(WORDS)) - set(rows) - {COPY})
    after = scene.outputs
    for slopes, values, squares, first, first_squares in (
        (dvectors, after.vectors, after.squares, before.vectors, before.squares),
        (dbiases[:, np.newaxis], after.biases[:, np.newaxis], after.bias_squares, *before[2:4]),
    ):
        first = first.reshape(values.shape)
        expected = first_squares + (slopes**2).mean(1)
        np.testing.assert_allclose(squares[rows], expected[rows], atol=1e-7)
        changed = first - rate * slopes / np.sqrt(expected)[:, np.newaxis]
        np.testing.assert_allclose(values[rows], changed[rows], atol=1e-7)
        assert np.array_equal(values[others], first[others])
        assert np.array_equal(squares[others], first_squares[others])
        assert not np.array_equal(values[COPY], first[COPY])
    again = Scene()
    again.outputs = scene.outputs
    assert again.loss() < Scene().loss()
