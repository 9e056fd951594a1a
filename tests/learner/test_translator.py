"""Translators learn a toy language, copy what they do not know, and go on as they were."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from streamrnn.kernels import choice
from streamrnn.kernels.candidates import END, FIRST
from streamrnn.learner.optimization import Optimization
from streamrnn.learner.sequences.hyperparameters import Replay
from streamrnn.learner.sequences.translation import (
    PIECES,
    Pair,
    TranslatorHyperparameters,
    pair_of,
    source_of,
)
from streamrnn.learner.sequences.translation_memory import TranslationMemory
from streamrnn.learner.sequences.translation_network import TranslationNetwork
from streamrnn.learner.sequences.translator import Told, Translated, Translator
from streamrnn.learner.sequences.writing import Writer
from streamrnn.learner.state import State
from tests.kernels import naive

SMALL = TranslatorHyperparameters(
    embedding=8,
    hidden=6,
    decoder=5,
    keys=4,
    width=7,
    most_words=200,
    rows=1 << 10,
    candidates=40,
    frequent=20,
    replay=Replay(sequences=1, most=20),
)
NOUNS = {"perro": "dog", "gato": "cat", "pan": "bread", "vino": "wine", "Tom": "Tom"}
VERBS = {"come": "eats", "ve": "sees", "bebe": "drinks"}
ADJECTIVES = {"rojo": "red", "viejo": "old"}


def sentence(draw: np.random.Generator) -> tuple[str, str]:
    """Return a sentence and its translation; adjectives change places with nouns.

    Some names never came before.
    """
    name = "".join(chr(97 + n) for n in draw.integers(0, 26, 6)).capitalize()
    nouns = {**NOUNS, name: name}
    one, other = (str(draw.choice(list(nouns))) for _ in range(2))
    verb, adjective = str(draw.choice(list(VERBS))), str(draw.choice(list(ADJECTIVES)))
    target = f"{nouns[one]} {VERBS[verb]} {ADJECTIVES[adjective]} {nouns[other]}."
    source = f"{one} {verb} {other} {adjective}."
    return source[0].upper() + source[1:], target[0].upper() + target[1:]


def teach(translator: Translator, times: int, seed: int = 1, *, asked: bool = False) -> list[Told]:
    draw, told = np.random.default_rng(seed), []
    for _ in range(times):
        text, target = sentence(draw)
        source = translator.source(text)
        answer = translator.answer(source) if asked else None
        told.append(translator.learn(source, answer, target))
    return told


def translated(translator: Translator, text: str) -> str:
    return translator.answer(translator.source(text)).text


def same(one: State, other: State) -> bool:
    """Return whether two states hold the same bits."""
    return one.details == other.details and all(
        array.tobytes() == other.tensors[name].tobytes() for name, array in one.tensors.items()
    )


def copied(state: State) -> State:
    tensors = {name: array.copy() for name, array in state.tensors.items()}
    return replace(state, tensors=tensors)


@pytest.fixture(scope="module")
def fluent() -> Translator:
    translator = Translator(SMALL)
    teach(translator, 400)
    return translator


def test_a_toy_language_is_learned() -> None:
    translator = Translator(SMALL)
    told = teach(translator, 400)
    first, last = told[:20], told[-50:]
    assert sum(each.right for each in first) < 0.7 * sum(each.words for each in first)
    assert sum(each.right for each in last) > 0.9 * sum(each.words for each in last)
    draw, right = np.random.default_rng(9), 0
    for _ in range(50):
        text, target = sentence(draw)
        right += translated(translator, text) == target
    assert right > 40
    assert translator.totals.steps == translator.step == 400
    assert translator.totals.undone == 0
    assert translator.learning_rate < SMALL.optimization.learning_rate
    assert math.isfinite(translator.weights_norm)


def test_attention_says_what_each_word_came_of(fluent: Translator) -> None:
    answer = fluent.answer(fluent.source("Gato ve pan rojo."))
    assert answer.words == ["Cat", "sees", "red", "bread", "."]
    assert answer.attention.shape == (5, 6)
    np.testing.assert_allclose(answer.attention.sum(1), 1, rtol=1e-5)
    assert answer.attention[:4].argmax(1).tolist() == [0, 1, 3, 2]
    assert -1 < answer.score < 0


def test_a_beam_is_no_worse_than_greed(fluent: Translator) -> None:
    wide = Translator(replace(SMALL, beam=4))
    wide.restore(copied(fluent.state()))
    draw = np.random.default_rng(5)
    for _ in range(10):
        source = fluent.source(sentence(draw)[0])
        greedy, best = fluent.answer(source), wide.answer(source)
        assert best.score >= greedy.score - 1e-6
        assert len(best.words) > 2


def test_the_likeliest_words_are_those_of_a_beam_of_one(fluent: Translator) -> None:
    draw = np.random.default_rng(6)
    for _ in range(20):
        source = fluent.source(sentence(draw)[0])
        copies = fluent._memory.copies(source.keys)
        one, other = (
            Writer(fluent._network, fluent._memory, SMALL, source, copies) for _ in range(2)
        )
        greedy, best = one.likeliest(), other.best()
        assert greedy.words == best.words
        assert greedy.score == pytest.approx(best.score, abs=1e-5)
        np.testing.assert_allclose(greedy.attention, best.attention, atol=1e-6)


def test_unknown_words_are_copied(fluent: Translator) -> None:
    assert translated(fluent, "Boston ve pan viejo.") == "Boston sees old bread."
    assert translated(fluent, "Gato ve Ярослав viejo.") == "Cat sees old Ярослав."


def test_what_is_copied_counts_as_right(fluent: Translator) -> None:
    text, target = "Gato ve Osaka viejo.", "Cat sees old Osaka."
    assert fluent.judge(fluent.source(text), target) == Told(6, 6)
    learner = Translator(SMALL)
    learner.restore(copied(fluent.state()))
    told = learner.learn(learner.source(text), None, target)
    assert told == Told(6, 6)
    # A word that stands in the source and nowhere else cannot be foreseen.
    told = learner.learn(learner.source("Gato ve Kyoto viejo."), None, "Cat sees old Nara.")
    assert told == Told(5, 6)
    assert learner.words.find("Kyoto") < FIRST < learner.words.find("Nara")


def test_what_was_learned_does_not_depend_on_what_was_asked() -> None:
    one, other = Translator(SMALL), Translator(SMALL)
    teach(one, 60)
    told = teach(other, 60, asked=True)
    other.judge(other.source("Tom ve."), "Tom sees a giraffe.")
    assert same(one.state(), other.state())
    third = Translator(replace(SMALL, seed=2))
    assert teach(third, 60) != told
    assert not same(one.state(), third.state())


def test_a_translator_goes_on_as_it_was() -> None:
    one, other = Translator(SMALL), Translator(SMALL)
    teach(one, 80)
    other.restore(copied(one.state()))
    assert same(one.state(), other.state())
    assert teach(one, 40, 2) == teach(other, 40, 2)
    assert same(one.state(), other.state())
    assert translated(one, "Tom bebe vino viejo.") == translated(other, "Tom bebe vino viejo.")


def test_before_anything_is_learned_nothing_is_said() -> None:
    translator = Translator(SMALL)
    answer = translator.answer(translator.source("¿Qué?"))
    assert (answer.words, answer.text, answer.attention.shape) == ([], "", (0, 4))
    assert translator.judge(translator.source("uno"), "one") == Told(0, 2)


def test_one_pair_is_enough_to_say_something() -> None:
    translator = Translator(SMALL)
    translator.learn(translator.source("Hola."), None, "Hello.")
    known = {"Hello", ".", "Hola", "Adi\u00f3s"}
    for text in ("Hola.", "Adi\u00f3s", ""):
        assert set(translator.answer(translator.source(text)).words) <= known


def test_texts_of_any_length() -> None:
    translator = Translator(SMALL)
    teach(translator, 50)
    long = "perro ve pan rojo " * 250
    for text, target in (("", ""), ("Gato.", ""), ("", "Cat."), (long, "Dog."), ("Pan.", long)):
        source = translator.source(text)
        answer = translator.answer(source)
        assert len(answer.words) <= SMALL.most_written
        told = translator.learn(source, answer, target)
        assert told.words == len(target.replace(".", " .").split()) + 1
    told = translator.learn(translator.source(long), None, long)
    assert told.words == 1001
    # What is longer is cut.
    told = translator.learn(translator.source(5 * long), None, 5 * long)
    assert told.words == SMALL.longest + 1
    teach(translator, 10)
    assert translator.totals.undone == 0
    assert np.isfinite(translator.state().tensors["decoder"]).all()


def test_another_alphabet() -> None:
    translator = Translator(SMALL)
    pairs = [("dog", "собака"), ("cat", "кошка"), ("bread", "хлеб"), ("wine", "вино")]
    draw = np.random.default_rng(1)
    for _ in range(150):
        one, other = (pairs[int(n)] for n in draw.integers(0, 4, 2))
        source = translator.source(f"The {one[0]} and the {other[0]}.")
        translator.learn(source, None, f"{one[1].capitalize()} и {other[1]}.")
    assert translated(translator, "The cat and the bread.") == "Кошка и хлеб."


def test_vocabularies_are_bounded() -> None:
    translator = Translator(replace(SMALL, most_words=30, frequent=10, rows=64))
    size = translator.state().size
    for n in range(120):
        translator.learn(translator.source(f"a{n} b{n} Tom"), None, f"a{n} Tom")
    assert len(translator.words) == 30
    kept = sum(v.nbytes for k, v in translator.state().tensors.items() if k.startswith("kept"))
    assert translator.state().size == size + kept
    # There is no number for a new name, and yet it is written.
    assert translated(translator, "Zoe b500 Tom") == "Zoe Tom"


def test_without_learning_nothing_changes() -> None:
    translator = Translator(replace(SMALL, enabled=False))
    before = copied(translator.state())
    assert all(told.words == 6 for told in teach(translator, 5))
    assert same(before, translator.state())


def test_a_lesson_that_is_not_finite_changes_no_network() -> None:
    translator = Translator(SMALL)
    teach(translator, 30)
    network = translator._network
    network.gains.words[:] = np.nan
    models = network.encoder.model.copy(), network.decoder.model.copy()
    vectors = network.vectors.source.copy(), network.outputs.vectors.copy()
    teach(translator, 3)
    assert translator.totals.undone == 3
    for kept, array in zip(
        (*models, *vectors),
        (
            network.encoder.model,
            network.decoder.model,
            network.vectors.source,
            network.outputs.vectors,
        ),
        strict=True,
    ):
        assert np.array_equal(kept, array)


EXACT = Optimization("sgd", 1.0, schedule="constant", beta1=0.0, clip=math.inf)


class Lesson:
    """A network in float64 with large weights, counts, and a pair."""

    def __init__(self, *, look: bool) -> None:
        h = self.h = replace(
            SMALL, optimization=EXACT, loss_scale=1.0, embedding_rate=0.1, look=look
        )
        self.memory, draw = TranslationMemory(h), np.random.default_rng(4)
        self.network = TranslationNetwork(h, self.memory, np.float64)
        for each in (self.network.encoder, self.network.decoder):
            each.uses = [True] * 3
            each.parameters[:] = draw.normal(size=each.size) * 0.5
        for table in (*self.network.vectors[::2], self.network.outputs.vectors):
            table[:] = draw.normal(size=table.shape) * 0.5
        numbers = range(FIRST, FIRST + 9)
        for times in range(3):
            pair = self.made("el perro ve el pan", numbers[times : times + 5])
            self.network.forward(pair, NO_COPIES)
            self.memory.learn(pair, self.network.history, self.network.grid)
        self.pair = self.made("un perro ve pan", [numbers[1], numbers[6], numbers[3]])
        self.copies = self.memory.copies(self.pair.keys)
        self.pair.copied[1] = self.copies[0]

    def made(self, text: str, numbers: Any) -> Pair:
        source = source_of(text.split(), self.h.contexts)
        return pair_of(source, [""] * len(numbers), list(numbers), NO_COPIES)

    def loss(self) -> float:
        self.network.forward(self.pair, self.copies)
        return choice.loss_of_candidates(self.network.room, self.network.truth, 1.0)


NO_COPIES: NDArray[np.int64] = np.zeros(0, np.int64)


@pytest.mark.parametrize("look", [True, False])
def test_gradients_go_through_all_of_it(look: bool) -> None:
    lesson = Lesson(look=look)
    network = lesson.network
    parameters = [network.encoder.parameters, network.decoder.parameters]
    rows = [
        (network.vectors.source, int(lesson.pair.pieces[1, 0]) % len(network.vectors.source)),
        (network.vectors.target, int(lesson.pair.words[0])),
        (network.vectors.target, END),
        (network.outputs.vectors, int(lesson.pair.words[0])),
    ]
    expected = [naive.differences(each, lesson.loss) for each in parameters]
    slopes = [naive.differences(table[row], lesson.loss) for table, row in rows]
    before = [table[row].copy() for table, row in rows]
    squares = [
        network.vectors.source_squares[rows[0][1], np.newaxis],
        network.vectors.target_squares[rows[1][1], np.newaxis],
        network.vectors.target_squares[END, np.newaxis],
        network.outputs.squares[rows[3][1], np.newaxis],
    ]
    lesson.network.forward(lesson.pair, lesson.copies)
    loss = network.backward(lesson.pair)
    assert loss == pytest.approx(Lesson(look=look).loss() / len(lesson.pair.words))
    for each, gradient in zip((network.encoder, network.decoder), expected, strict=True):
        largest = np.abs(gradient).max()
        assert largest > 0.05
        np.testing.assert_allclose(each.gradient, gradient, rtol=0, atol=1e-6 * largest)
    rates = [0.1, 0.1, 0.1, lesson.h.output_rate]
    for (table, row), slope, first, square, rate in zip(
        rows, slopes, before, squares, rates, strict=True
    ):
        assert np.abs(slope).max() > 1e-3
        found = (first - table[row]) / rate * np.sqrt(square)
        np.testing.assert_allclose(found, slope, rtol=1e-5, atol=1e-7)
    assert lesson.pair.pieces.shape == (lesson.pair.keys.shape[1], PIECES.size)


def test_a_replayed_pair_is_counted_once() -> None:
    translator = Translator(replace(SMALL, replay=Replay(sequences=3, most=20)))
    teach(translator, 12)
    once = Translator(replace(SMALL, replay=Replay(sequences=0)))
    teach(once, 12)
    for name in ("lexicon_totals", "memory_counts"):
        many, few = (t.state().tensors[name].sum() for t in (translator, once))
        assert many == pytest.approx(few, rel=0.05)


def test_an_answer_has_a_text() -> None:
    assert Translated(["It", "'", "s"], np.zeros((3, 1), np.float32), 0.0).text == "It's"
