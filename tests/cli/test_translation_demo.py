"""The demonstration of translations: its sentences, the grid of its attention, and its scores."""

import dataclasses
import io
from importlib import import_module
from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from streamrnn.cli import main
from streamrnn.codecs import codec_for
from streamrnn.demo.sequences import examples, translating
from streamrnn.demo.sequences.attention import grid
from streamrnn.demo.sequences.drawings import BAD, GOOD
from streamrnn.demo.sequences.similar import Sentences
from streamrnn.demo.sequences.translating import TranslatingSummary
from streamrnn.demo.sequences.translation_view import (
    TranslationView,
    curve,
    sentences,
    styles_of,
)
from streamrnn.tasks.answering import Answer
from streamrnn.tasks.translate import Attention, Translated

ATTENTION = Attention(["dos", "gatos"], ["two", "cats"], [[1.0, 0.0], [0.0, 0.6]])
RIGHT = f"bold {GOOD}"


def answer(source: str, said: str | None, true: str, judged: int = 0, right: int = 0) -> Answer:
    made = Translated(None, 0, 0, None, said, 0.0, ATTENTION, 0)
    return Answer(made, judged, right, shown=source, target=true)


def rows_of(summary: TranslatingSummary) -> list[list[str]]:
    made = io.StringIO()
    Console(file=made, width=100).print(summary.table())
    rows = [line.strip("│ ") for line in made.getvalue().splitlines() if line.startswith("│")]
    return [[cell.strip() for cell in row.split("│")] for row in rows]


def summary_of_cats() -> TranslatingSummary:
    summary = TranslatingSummary("translation", 4)
    summary.add(answer("dos gatos", None, "two cats"))
    summary.add(answer("tres gatos", "two cats", "three cats", 3, 2))
    summary.add(answer("dos gatos negros", "two cats black", "two black cats", 4, 2))
    summary.add(answer("dos gatos negros", "two black cats", "two black cats", 4, 4))
    return summary


def test_words_are_counted_beside_those_that_most_often_follow() -> None:
    summary = summary_of_cats()
    assert "4 sentences  words right: 0.727 in the last 200, 0.727 in all" in summary.headline()
    assert summary.running == pytest.approx([0.0, 2 / 3, 4 / 7, 8 / 11])
    right, followed, *_ = rows_of(summary)
    assert right == ["words right, each after the true ones before it", "0.727", "0.750"]
    # The end after "cats"; then "two" and the end; then "two", "cats" after "black", and the end.
    assert followed == ["the word that most often followed the one before", "0.545", "0.625"]


def test_bleu_is_told_beside_that_of_the_most_similar_sentence() -> None:
    summary = TranslatingSummary("translation", 2)
    for said in (None, "three small black cats"):
        summary.add(answer("tres gatos negros", said, "three black cats sleep"))
    summary.add(answer("tres gatos negros", "three black cats sleep", "three black cats sleep"))
    own, alike = rows_of(summary)[2:]
    assert own[0] == "BLEU"
    assert 0 < float(own[1]) < float(own[2]) < 100
    assert alike == ["BLEU of the translation of the most similar sentence", alike[1], "100.0"]


def test_whoever_stops_early_sees_scores() -> None:
    summary = TranslatingSummary("translation", 5000)
    summary.add(answer("dos gatos", None, "two cats"))
    assert [row[2] for row in rows_of(summary)] == ["0.000", "0.000", "0.0", "0.0"]


def test_without_sacrebleu_it_is_said_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(translating, "bleu_known", lambda: False)
    summary = summary_of_cats()
    assert len(rows_of(summary)) == 2
    made = io.StringIO()
    Console(file=made, width=100).print(summary.table())
    assert "pip install 'streamrnn[demo]'" in made.getvalue()
    assert import_module("sacrebleu")


def test_the_most_similar_sentence_shares_most_words() -> None:
    kept = Sentences()
    assert kept.most_alike(["a"]) is None
    for words in ("a b c d", "a b", "e"):
        kept.add(words.split())
    assert [kept.most_alike(words.split()) for words in ("a b x", "b c d", "e e", "x")] == [
        1,
        0,
        2,
        None,
    ]


def test_words_that_the_true_translation_has_are_right() -> None:
    assert styles_of(["two", "cats", "black"], "two black cats") == [RIGHT, RIGHT, BAD]
    assert styles_of(["two"], None) == [BAD]
    _, said, true = sentences(answer("dos gatos", "Two, no cats.", "Two cats."))
    assert (said.plain, true.plain) == ("said     Two, no cats.", "true     Two cats.")
    colored = [said.plain[span.start : span.end] for span in said.spans if span.style == RIGHT]
    assert colored == ["Two", "cats", "."]


def test_the_grid_has_the_source_across_and_the_translation_down() -> None:
    lines = [line.plain for line in grid(ATTENTION, [RIGHT, BAD], 40, 9)]
    assert lines == ["     dos gatos ", "two  ███       ", "cats     ▒▒▒▒▒ "]
    assert [line.plain for line in grid(ATTENTION, [RIGHT, BAD], 40, 2)] == [lines[0], "…"]
    narrow = [line.plain for line in grid(ATTENTION, [RIGHT, BAD], 13, 9)]
    assert narrow == ["     dos gat ", "two  ███     ", "cats     ▒▒▒ "]
    wide = Attention(["猫"], ["cat"], [[1.0]])
    assert [line.plain for line in grid(wide, [RIGHT], 20, 9)] == ["    猫 ", "cat ██ "]


def test_the_curve_rises_as_the_share_does() -> None:
    assert curve([]).plain == "right    "
    assert curve([0.0, 0.25, 0.5]).plain == "right    ▁▅█"


def test_the_first_sentences_have_more_time_each() -> None:
    records = [b""] * 100
    summary = TranslatingSummary("translation", 100)
    view = TranslationView("translation", summary, 0.0, 10.0, records, lambda: None)
    assert [view.due(count) for count in (1, 25, 100)] == pytest.approx([1.0, 5.0, 10.0])


def test_all_rows_of_the_example_are_pairs() -> None:
    lines = (examples.folder() / "translation" / "sentences.tsv").read_bytes().splitlines()
    codec = codec_for("tsv")
    codec.read_header(lines[0])
    pairs = [codec.decode(line) for line in lines[1:]]
    assert len(pairs) == 5000
    assert all(pair["spanish"] and pair["english"] for pair in pairs)
    assert {'"¿Qué hora es?" "Son las diez y media."'} <= {pair["spanish"] for pair in pairs}


@pytest.mark.parametrize("colored", [True, False])
def test_no_translation_moves_the_cursor(
    colored: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if colored:
        monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setattr(TranslationView, "frame_seconds", 0.0)
    text = "a\x1b]0;mine\x07\x9b2Jb"
    record = msgspec.json.encode({"spanish": text, "english": f"{text} [red]"})
    example = examples.EXAMPLES["translation"]
    made = dataclasses.replace(example, records=lambda: iter(60 * [record]), seconds=0.0)
    monkeypatch.setitem(examples.EXAMPLES, "translation", made)
    assert main(["demo", "translation", "--directory", str(tmp_path)]) == 0
    shown = capsys.readouterr().out
    # It has learned to say it.
    answers = (tmp_path / "translation-answers.jsonl").read_bytes().splitlines()
    said = msgspec.json.decode(answers[-1])["prediction"]
    assert "\x1b" in said
    assert shown.count("␛") >= 3
    assert not any(harmful in shown for harmful in ("\x1b]", "\x07", "\x9b"))
    assert "words right" in shown
