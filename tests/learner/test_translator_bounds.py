"""Translators at their bounds: few words, long words, numbers that are not finite, replays."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from streamrnn.errors import RecordError
from streamrnn.kernels.candidates import END, FIRST, UNKNOWN
from streamrnn.kernels.products import Array
from streamrnn.learner.sequences import translation
from streamrnn.learner.sequences.hyperparameters import Replay
from streamrnn.learner.sequences.sequence import hash_of
from streamrnn.learner.sequences.texts import LONGEST
from streamrnn.learner.sequences.translation import TranslatorHyperparameters
from streamrnn.learner.sequences.translator import Translator
from tests.learner.test_translator import SMALL, copied, same, teach, translated


def learn(translator: Translator, text: str, target: str) -> None:
    translator.learn(translator.source(text), None, target)


@pytest.mark.parametrize("most", [0, FIRST])
def test_a_vocabulary_without_words_is_refused(most: int) -> None:
    with pytest.raises(ValueError, match=f"most_words: expected more than {FIRST}, got {most}"):
        TranslatorHyperparameters(most_words=most)


@pytest.mark.parametrize("most", [FIRST + 1, 100])
def test_vocabularies_may_be_smaller_than_the_frequent_words(most: int) -> None:
    translator = Translator(replace(SMALL, most_words=most, frequent=200))
    for _ in range(3):
        learn(translator, "a b c", "x y z")
    assert translator.totals.steps == 3
    assert translator.answer(translator.source("a b c")).words


def test_exactly_the_vectors_that_were_read_learn() -> None:
    translator = Translator(replace(SMALL, most_words=1000, replay=Replay(sequences=0)))
    vectors = translator._network.vectors
    before = vectors.target.copy()
    words = [f"w{n}" for n in range(100)]
    learn(translator, "a b", " ".join(words))
    changed = np.flatnonzero((vectors.target != before).any(1))
    assert changed.tolist() == [END, *range(FIRST, FIRST + 100)]
    assert len(translator.state().tensors["vectors_target"]) == 1000


@pytest.mark.parametrize("which", ["encoder", "decoder"])
def test_both_networks_change_or_neither(which: str) -> None:
    translator = Translator(SMALL)
    teach(translator, 5)
    network = translator._network
    one: Any = getattr(network, which)
    models = [each.model.copy() for each in (network.encoder, network.decoder)]
    vectors = network.vectors.source.copy(), network.vectors.target.copy()
    real = one.backward

    def spoiled(doutputs: Array) -> Any:
        return real(np.full_like(doutputs, np.inf))

    one.backward = spoiled
    teach(translator, 1, 2)
    one.backward = real
    assert translator.totals.undone == 1
    assert network.encoder.updates == network.decoder.updates == 5
    for each, model in zip((network.encoder, network.decoder), models, strict=True):
        np.testing.assert_array_equal(each.model, model)
    # Vectors that are read learn nothing of it either.
    tables = network.vectors.source, network.vectors.target
    for before, after in zip(vectors, tables, strict=True):
        np.testing.assert_array_equal(before, after)
    other = Translator(SMALL)
    other.restore(copied(translator.state()))
    for taught in (translator, other):
        teach(taught, 3, 3)
    assert same(translator.state(), other.state())
    assert translator.totals.undone == 1


@pytest.mark.parametrize("which", ["encoder", "decoder"])
@pytest.mark.parametrize("beam", [1, 3])
def test_outputs_that_are_not_finite_are_refused(which: str, beam: int) -> None:
    translator = Translator(replace(SMALL, beam=beam))
    teach(translator, 10)
    network = getattr(translator._network, which)
    network.parameters[:] = np.nan
    before = copied(translator.state())
    source = translator.source("Perro ve newcomer.")
    with pytest.raises(RecordError, match="not finite"):
        translator.answer(source)
    with pytest.raises(RecordError, match="not finite"):
        translator.judge(source, "Dog sees newcomer.")
    with pytest.raises(RecordError, match="not finite"):
        translator.learn(source, None, "Dog sees something new.")
    assert same(before, translator.state())


@pytest.mark.parametrize("beam", [1, 3])
def test_chances_that_are_not_finite_are_refused(beam: int) -> None:
    translator = Translator(replace(SMALL, beam=beam))
    teach(translator, 10)
    translator._network.gains.words[:] = np.nan
    with pytest.raises(RecordError, match="not finite"):
        translator.answer(translator.source("Perro ve pan."))


def test_a_record_without_a_finite_loss_is_undone_whatever_was_replayed() -> None:
    translator = Translator(SMALL)
    teach(translator, 10)
    network = translator._network
    real, calls = network.backward, list[float]()

    def first_spoiled(pair: translation.Pair) -> float:
        calls.append(real(pair) if calls else math.nan)
        return calls[-1]

    network.backward = first_spoiled  # type: ignore[method-assign]
    models = [each.model.copy() for each in (network.encoder, network.decoder)]
    teach(translator, 1, 2)
    assert len(calls) == 2
    assert math.isfinite(calls[1])
    assert translator.totals.undone == 1
    for each, model in zip((network.encoder, network.decoder), models, strict=True):
        np.testing.assert_array_equal(each.model, model)


def test_a_replayed_pair_is_counted_again_where_it_cannot_be_learned(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    translator = Translator(SMALL)
    teach(translator, 10)
    network, memory = translator._network, translator._memory
    before = memory.lexicon.totals.copy()

    def refused(pair: object, copies: object) -> None:
        raise RecordError("learning", "not finite")

    monkeypatch.setattr(network, "forward", refused)
    assert math.isnan(translator._repeat(translation.Pair(*translator._reservoir.draw())))
    np.testing.assert_allclose(memory.lexicon.totals, before, atol=1e-6)


def test_words_of_any_length_are_copied_and_not_kept() -> None:
    translator = Translator(SMALL)
    teach(translator, 300)
    long = "x" * (LONGEST + 1)
    kept = translation._remembered.cache_info().currsize, hash_of.cache_info().currsize
    translator.source(f"{long} {long}y")
    ends = hash_of.cache_info().currsize - kept[1]
    assert translation._remembered.cache_info().currsize == kept[0]
    # Those of beginnings and endings.
    assert ends <= 3
    learn(translator, f"Gato ve {long} viejo.", f"Cat sees old {long}.")
    assert translator.words.find(long) == UNKNOWN
    assert translated(translator, f"Gato ve {long} viejo.") == f"Cat sees old {long}."


def test_a_full_table_is_the_same_after_any_number_of_replays() -> None:
    translator = Translator(replace(SMALL, rows=8, slots=2, replay=Replay(sequences=0)))
    teach(translator, 30)
    memory = translator._memory
    pair_kept = list[translation.Pair]()
    real = memory.learn

    def learned(pair: translation.Pair, history: Any, grid: Any) -> None:
        pair_kept.append(pair)
        real(pair, history, grid)

    memory.learn = learned  # type: ignore[method-assign]
    teach(translator, 5, 2)
    tables = [*memory.lexicon, *memory.memory]
    before = [array.copy() for array in tables]
    for _ in range(4):
        for pair in pair_kept:
            history = translation.histories_of(pair.former, SMALL.histories)
            for weight in (-1.0, 1.0):
                memory.count(pair, history, weight)
    for array, other in zip(tables, before, strict=True):
        np.testing.assert_allclose(array, other, atol=1e-4)


def test_the_end_may_always_come() -> None:
    translator, draw = Translator(SMALL), np.random.default_rng(1)
    words = [f"w{n}" for n in range(30)] * 2
    for _ in range(12):
        text = " ".join(draw.permutation(words))
        learn(translator, text, text)
        assert END in translator._memory.frequent


def test_steps_of_a_pair_grow_with_its_shares() -> None:
    translator = Translator(SMALL)
    for length, steps in ((3, 8), (639, 640 * 640 // 64)):
        text = " ".join(["perro"] * length)
        source = translator.source(text)
        numbers = [FIRST] * length
        pair = translation.pair_of(source, text.split(), numbers, np.zeros(0, np.int64))
        assert pair.steps == steps
