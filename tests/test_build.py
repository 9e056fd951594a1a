"""What configurations are made into, and what saved state depends on."""

from typing import Any

import pytest

from streamrnn.build import state_of, text_reader_of
from streamrnn.build.sequences import translator_hyperparameters_of
from streamrnn.configuration import Configuration, parse
from streamrnn.errors import ConfigurationError
from streamrnn.kernels import model


def configuration(task: dict[str, Any], **tables: dict[str, Any]) -> Configuration:
    given = {"sequence": "text"} if task["kind"] not in ("text", "forecast") else {}
    files = {"input": {"file": "-", **given}, "output": {"file": "-"}}
    return parse({**files, "task": task, **tables}, "a.toml")


TEXT = {"kind": "text", "memory": 8}
FORECAST = {"kind": "forecast", "target": "x"}


def test_a_text_is_given_ngrams_by_its_preset() -> None:
    for preset, pieces, rows in (("fast", 4, 1 << 16), ("quality", 5, 1 << 18)):
        network = text_reader_of(configuration(TEXT, model={"preset": preset})).learner.network
        assert network.architecture.pieces == pieces
        assert network.architecture.piece_rows == rows
        assert network.settings[model.EMBEDDING_RATE] == 0.1


def test_what_is_said_of_ngrams_is_done() -> None:
    said = {"ngrams": 3, "ngram_rows": 1000, "hidden": 5}
    made = configuration(TEXT, model=said, learn={"embedding_rate": 0.3})
    network = text_reader_of(made).learner.network
    assert (network.architecture.pieces, network.architecture.piece_rows) == (2, 1024)
    assert network.settings[model.EMBEDDING_RATE] == 0.3
    none = text_reader_of(configuration(TEXT, model={"ngrams": 1})).learner.network
    assert (none.architecture.pieces, none.architecture.piece_rows) == (0, 0)
    assert none.model.size == 3 * none.size


def test_streams_with_weights_of_their_own_have_no_table_of_ngrams() -> None:
    made = configuration(TEXT, model={"weights": "own", "hidden": 4})
    assert text_reader_of(made).learner.network.architecture.pieces == 0
    with pytest.raises(ConfigurationError, match=r"a\.toml: model\.ngrams: expected 1, as model"):
        configuration(TEXT, model={"weights": "own", "ngrams": 2})


@pytest.mark.parametrize(
    ("key", "value"), [("ngrams", 3), ("ngram_rows", 256), ("preset", "quality")]
)
@pytest.mark.parametrize("kind", ["forecast", "classify", "regress", "tag", "compose"])
def test_what_only_texts_read_is_refused(kind: str, key: str, value: object) -> None:
    task = FORECAST if kind == "forecast" else {"kind": kind}
    with pytest.raises(ConfigurationError, match=rf"model\.{key}: expected none, as the task"):
        configuration(task, model={key: value})


def test_a_preset_of_translations_learns_past_pairs_again() -> None:
    for preset, again in (("fast", 0), ("quality", 1)):
        made = configuration({"kind": "translate"}, model={"preset": preset})
        assert translator_hyperparameters_of(made).replay.sequences == again


def test_saved_state_depends_on_what_a_task_reads_alone() -> None:
    text, forecast = state_of(configuration(TEXT)), state_of(configuration(FORECAST))
    tags = state_of(configuration({"kind": "tag"}))
    assert {"model.ngrams", "model.ngram_rows", "learn.embedding_rate", "learn.window"} <= {*text}
    assert {"model.ngrams", "learn.embedding_rate", "model.parts"}.isdisjoint(forecast)
    assert {"model.ngrams", "model.ngram_rows", "learn.window"}.isdisjoint(tags)
    assert "learn.embedding_rate" in tags
