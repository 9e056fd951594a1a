"""Words of texts that are written: their numbers, their capitals, how they are joined."""

import pytest

from streamrnn.kernels.candidates import FIRST, UNKNOWN
from streamrnn.learner.sequences import texts
from streamrnn.learner.sequences.sequence import words_of
from streamrnn.learner.sequences.texts import LONGEST, TextWords, beginnings_of, joined


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
    assert beginnings_of(["你好", "\uff01", "世界"]) == [0, 2]


def test_where_sentences_begin() -> None:
    words = words_of('Go. "Now," he said... (why?) It\'s 5.')
    found = [words[place] for place in beginnings_of(words)]
    # Nothing but marks may stand between the end of a sentence and a word that begins one.
    assert found == ["Go", '"', "Now", ".", ".", "(", "why", ")"]


def learned(words: TextWords, *texts: str) -> None:
    for text in texts:
        written = words_of(text)
        begun = beginnings_of(written)
        numbers = [words.number(word) for word in words.plain(written, begun)]
        words.count(written, begun, numbers)


def test_what_begins_a_sentence_is_known_by_its_small_letters() -> None:
    words = TextWords(100)
    learned(words, "The dog saw Tom.", "Tom saw the dog. I see.", "Now I see.")
    assert words.plain(["The", "Dog"], [0]) == ["the", "Dog"]
    assert words.plain(["Tom", "saw"], [0]) == ["Tom", "saw"]
    assert words.plain(["I", "see"], [0]) == ["I", "see"]
    assert words.find("The") == UNKNOWN
    assert words.written(["the", "dog", ".", "it"], [0, 3]) == ["The", "dog", ".", "It"]
    assert words.word(words.find("dog")) == "dog"


def test_small_beginnings_stay_small_where_they_are_the_rule() -> None:
    words = TextWords(100)
    learned(words, "the dog", "a cat", "Tom")
    assert words.written(["the", "cat"], [0]) == ["the", "cat"]


def test_words_are_bounded_and_numbers_stay() -> None:
    words = TextWords(FIRST + 2)
    assert [words.number(word) for word in "abca"] == [FIRST, FIRST + 1, UNKNOWN, FIRST]
    assert len(words) == FIRST + 2
    other = TextWords(FIRST + 2)
    other.restore(words.words)
    assert [other.find(word) for word in "abc"] == [FIRST, FIRST + 1, UNKNOWN]


def test_where_there_is_no_room_no_word_has_a_number() -> None:
    words = TextWords(FIRST - 1)
    assert [words.number(word) for word in "abc"] == [UNKNOWN] * 3
    assert words.words == []


def test_long_words_have_no_numbers() -> None:
    words = TextWords(100)
    assert words.number("x" * (LONGEST + 1)) == UNKNOWN
    assert words.number("x" * LONGEST) == FIRST


def test_numbers_can_be_forgotten_from_one_on() -> None:
    words = TextWords(100)
    for word in "abc":
        words.number(word)
    words.cut(FIRST + 1)
    assert [words.find(word) for word in "abc"] == [FIRST, UNKNOWN, UNKNOWN]
    assert words.number("d") == FIRST + 1


def test_texts_of_marks_are_read_in_one_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, opens = list[str](), texts.opens

    def opened(word: str) -> bool:
        asked.append(word)
        return opens(word)

    monkeypatch.setattr(texts, "opens", opened)
    assert beginnings_of(["("] * 500) == list(range(500))
    assert len(asked) == 500
