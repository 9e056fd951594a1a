"""Speech to text: what is learned, what comes of odd transcripts, and that it goes on as it was."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.numpy import load, save

from streamrnn.errors import RecordError
from streamrnn.learner.optimization import Optimization
from streamrnn.learner.sequences.frames import Variation
from streamrnn.learner.sequences.hyperparameters import Hyperparameters, Replay
from streamrnn.learner.sequences.sequence import Steps, of_frames
from streamrnn.learner.sequences.spelling import Decoding
from streamrnn.learner.sequences.transcriber import Heard, Transcriber
from streamrnn.learner.state import State

WIDTH, LETTERS = 6, "abcd"
MADE_OF = Hyperparameters(
    steps="numbers",
    cell="gru",
    hidden=16,
    seen=3,
    stride=2,
    channels=16,
    dropout=0.1,
    replay=Replay(1, 4, variation=Variation(0.1)),
    optimization=Optimization(learning_rate=0.01),
)
GREEDY = Decoding(beams=0)


def spoken(text: str, draw: np.random.Generator) -> Steps:
    """Return frames in which each letter sounds for some time, with silence around it."""
    frames = [np.zeros(WIDTH)] * 2
    for letter in text:
        sound = np.zeros(WIDTH)
        sound[ord(letter) % WIDTH] = 3
        frames += [sound] * draw.integers(3, 6) + [np.zeros(WIDTH)] * draw.integers(2, 4)
    return of_frames((np.array(frames) + draw.normal(size=(len(frames), WIDTH)) * 0.3).astype("f4"))


def random_text(draw: np.random.Generator) -> str:
    return "".join(draw.choice(list(LETTERS), draw.integers(1, 5)))


def learn(transcriber: Transcriber, steps: Steps, text: str) -> Heard:
    heard = transcriber.answer(steps)
    transcriber.learn(steps, heard, text)
    return heard


def taught(utterances: int, made_of: Hyperparameters = MADE_OF, **parts: Any) -> Transcriber:
    transcriber, draw = Transcriber(made_of, WIDTH, **parts), np.random.default_rng(1)
    for _ in range(utterances):
        text = random_text(draw)
        learn(transcriber, spoken(text, draw), text)
    return transcriber


def tensors_of(transcriber: Transcriber) -> dict[str, NDArray[Any]]:
    return {name: array.copy() for name, array in transcriber.state().tensors.items()}


def same(one: dict[str, NDArray[Any]], other: dict[str, NDArray[Any]]) -> bool:
    return one.keys() == other.keys() and all(np.array_equal(one[n], other[n]) for n in one)


@pytest.mark.parametrize("decoding", [GREEDY, Decoding(beams=4)])
def test_it_learns_to_write_what_is_said(decoding: Decoding) -> None:
    transcriber = taught(120, decoding=decoding)
    draw, right = np.random.default_rng(2), 0
    for _ in range(30):
        text = random_text(draw)
        right += transcriber.answer(spoken(text, draw)).text == text
    assert right >= 27


def test_an_answer_changes_nothing() -> None:
    transcriber, draw = taught(5), np.random.default_rng(2)
    before, steps = tensors_of(transcriber), spoken("ab", draw)
    assert transcriber.answer(steps) == transcriber.answer(steps)
    assert same(before, tensors_of(transcriber))


@pytest.mark.parametrize("decoding", [GREEDY, Decoding(beams=4, rows=16)])
def test_what_is_restored_goes_on_with_the_same_bits(decoding: Decoding) -> None:
    one, draw = taught(12, decoding=decoding), np.random.default_rng(3)
    state = one.state()
    other = Transcriber(MADE_OF, WIDTH, decoding=decoding)
    # What was learned before, alphabet and all, is forgotten.
    learn(other, spoken("ab", draw), "äöüß xyz")
    other.restore(State(load(save(dict(state.tensors))), [], {}, state.details, []))
    assert other.totals == one.totals
    for _ in range(6):
        text = random_text(draw)
        steps = spoken(text, draw)
        assert learn(one, steps, text + "e") == learn(other, steps, text + "e")
    assert same(tensors_of(one), tensors_of(other))
    assert one.state().details == other.state().details


def test_before_the_first_transcript_nothing_is_heard() -> None:
    transcriber = Transcriber(MADE_OF, WIDTH)
    assert transcriber.answer(spoken("ab", np.random.default_rng(1))) == Heard("", 0.0)
    assert taught(5).answer(of_frames(np.zeros((0, WIDTH), np.float32))).text == ""


def test_a_transcript_too_long_for_its_frames_is_counted_and_not_heard() -> None:
    transcriber, short = taught(5), of_frames(np.ones((6, WIDTH), np.float32))
    before, steps = tensors_of(transcriber), transcriber.step
    learn(transcriber, short, "aab")
    after = tensors_of(transcriber)
    # Three steps, of which equal letters would need another between.
    assert transcriber.step == steps
    assert np.array_equal(before["model"], after["model"])
    assert np.array_equal(before["kept"], after["kept"])
    assert not np.array_equal(before["spelling_counts"], after["spelling_counts"])
    learn(transcriber, short, "ab")
    assert transcriber.step > steps


def test_variants_that_are_too_short_do_no_harm() -> None:
    made_of = replace(MADE_OF, replay=Replay(1, 4, variation=Variation(1.0)))
    transcriber, draw = Transcriber(made_of, WIDTH), np.random.default_rng(1)
    for _ in range(30):
        learn(transcriber, of_frames(draw.normal(size=(8, WIDTH)).astype("f4")), "abcd")
    assert transcriber.totals.undone == 0
    assert math.isfinite(transcriber.totals.loss)
    assert all(np.isfinite(array).all() for array in tensors_of(transcriber).values())


def test_silence_and_nothing_said() -> None:
    transcriber, draw = taught(40), np.random.default_rng(4)
    silence = of_frames(np.zeros((20, WIDTH), np.float32))
    for _ in range(20):
        learn(transcriber, silence, "")
        text = random_text(draw)
        learn(transcriber, spoken(text, draw), text)
    assert transcriber.answer(silence).text == ""
    assert transcriber.totals.undone == 0
    alone = Transcriber(MADE_OF, WIDTH)
    for _ in range(3):
        # All frames are alike, and there is not even a letter.
        assert learn(alone, silence, "").text == ""
    assert alone.totals.undone == 0


def test_another_alphabet_comes_in_the_middle() -> None:
    transcriber, draw = taught(60), np.random.default_rng(5)
    letters = dict(zip(LETTERS, "жΩ日𝄞", strict=True))
    for _ in range(60):
        text = random_text(draw)
        written = "".join(letters[letter] for letter in text)
        learn(transcriber, spoken(text, draw), written)
    assert set(transcriber.labels) == {*LETTERS, *letters.values()}
    said = transcriber.answer(spoken("abcd", draw)).text
    assert sum(letter in letters.values() for letter in said) >= 3


def test_too_many_characters_change_nothing() -> None:
    made_of = replace(MADE_OF, most_labels=5)
    transcriber, draw = taught(8, made_of), np.random.default_rng(6)
    known, before = list(transcriber.labels), tensors_of(transcriber)
    steps = spoken("ab", draw)
    with pytest.raises(RecordError, match="at most 5 labels"):
        transcriber.learn(steps, transcriber.answer(steps), "axyz")
    assert list(transcriber.labels) == known
    assert same(before, tensors_of(transcriber))
    learn(transcriber, steps, "ax")


def test_what_is_not_enabled_learns_nothing() -> None:
    transcriber, draw = (
        Transcriber(replace(MADE_OF, enabled=False), WIDTH),
        np.random.default_rng(1),
    )
    before = tensors_of(transcriber)
    assert learn(transcriber, spoken("ab", draw), "ab").text == ""
    assert same(before, tensors_of(transcriber))
    assert len(transcriber.labels) == 0


def test_a_transcriber_without_replay_keeps_nothing() -> None:
    made_of = replace(MADE_OF, replay=Replay())
    transcriber = taught(4, made_of)
    assert transcriber.step == 4
    assert "kept" not in transcriber.state().tensors


def test_without_inertia_it_hears_with_the_weights_that_learn() -> None:
    quick, slow = taught(6, inertia=0.0), taught(6, inertia=0.9)
    found, average = tensors_of(quick), tensors_of(slow)
    size = len(found["heard_with"])
    np.testing.assert_allclose(found["heard_with"], found["model"][:size], atol=1e-6)
    # What is heard changes nothing that is learned.
    assert np.array_equal(found["model"], average["model"])
    assert not np.allclose(average["heard_with"], found["heard_with"], atol=1e-3)
