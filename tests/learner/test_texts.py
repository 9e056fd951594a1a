"""Words of texts that are written: their numbers, their capitals, how they are joined."""

import pytest

from streamrnn.kernels.candidates import FIRST, UNKNOWN
from streamrnn.learner.sequences.sequence import words_of
from streamrnn.learner.sequences.texts import TextWords, begins, joined


@pytest.mark.parametrize(
    "text",
    [
        "It's late, isn't it?",
        'He said: "I (still) don\'t know." Why?',
        "Well-known words; nothing more!",
        "¿Qué? ¡No! «Sí» (quizás).",
        "She paid $5 for #2, 50% off.",
        "“Yes,” he said.",
        "Привет, мир!",
        "",
    ],
)
def test_a_text_is_joined_as_it_was_written(text: str) -> None:
    assert joined(words_of(text)) == text


def test_wide_marks_are_marks() -> None:
    assert joined(["你好", "\uff0c", "世界", "\uff01"]) == "你好\uff0c 世界\uff01"
    assert begins(["你好", "\uff01", "世界"], 2)


def test_where_sentences_begin() -> None:
    words = words_of('Go. "Now," he said... (why?) It\'s 5.')
    found = [word for place, word in enumerate(words) if begins(words, place)]
    # Nothing but marks may stand between the end of a sentence and a word that begins one.
    assert found == ["Go", '"', "Now", ".", ".", "(", "why", ")"]


def learned(words: TextWords, *texts: str) -> None:
    for text in texts:
        written = words_of(text)
        words.learn(written, words.plain(written))


def test_what_begins_a_sentence_is_known_by_its_small_letters() -> None:
    words = TextWords(100)
    learned(words, "The dog saw Tom.", "Tom saw the dog. I see.", "Now I see.")
    assert words.plain(["The", "Dog"]) == ["the", "Dog"]
    assert words.plain(["Tom", "saw"]) == ["Tom", "saw"]
    assert words.plain(["I", "see"]) == ["I", "see"]
    assert words.find("The") == UNKNOWN
    assert words.written(["the", "dog", ".", "it"]) == ["The", "dog", ".", "It"]
    assert words.word(words.find("dog")) == "dog"


def test_small_beginnings_stay_small_where_they_are_the_rule() -> None:
    words = TextWords(100)
    learned(words, "the dog", "a cat", "Tom")
    assert words.written(["the", "cat"]) == ["the", "cat"]


def test_words_are_bounded_and_numbers_stay() -> None:
    words = TextWords(FIRST + 2)
    assert words.learn(["a", "b", "c", "a"], ["a", "b", "c", "a"]) == [
        *(FIRST, FIRST + 1, UNKNOWN, FIRST)
    ]
    assert len(words) == FIRST + 2
    other = TextWords(FIRST + 2)
    other.restore(words.words)
    assert [other.find(word) for word in "abc"] == [FIRST, FIRST + 1, UNKNOWN]
