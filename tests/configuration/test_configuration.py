"""Configurations: defaults, overrides, and one clear message for each thing that is wrong."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamrnn.configuration import load, parse, tasks
from streamrnn.errors import ConfigurationError

LEAST = """
[input]
file = "a.csv"
[task]
kind = "forecast"
target = "y"
[output]
file = "b.jsonl"
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "pumps.toml"
    path.write_text(LEAST, encoding="utf-8")
    return path


def test_what_must_be_written_is_enough(path: Path) -> None:
    c = load(path, environment={})
    assert (c.model.cell, c.model.hidden, c.learn.window, c.learn.stride) == ("lstm", 8, 8, 1)
    assert c.input_format == "csv"
    assert c.dead_letters_file == "b.jsonl.dead.jsonl"
    assert c.snapshots_directory == "b.jsonl.state"


def test_standard_streams_have_their_own_defaults(path: Path) -> None:
    c = load(path, ["input.file=-", "output.file=-", "app.id=x"], {})
    assert (c.input_format, c.dead_letters_file, c.snapshots_directory) == (
        "jsonl",
        "x-dead.jsonl",
        None,
    )


def test_the_command_line_comes_before_the_environment_and_that_before_the_file(path: Path) -> None:
    environment = {"STREAMRNN_MODEL__HIDDEN": "7", "STREAMRNN_LEARN__SEED": "5", "STREAMRNN_X": "y"}
    c = load(path, ["model.hidden=9"], environment)
    assert (c.model.hidden, c.learn.seed) == (9, 5)
    assert load(path, ['input.features=["p", "q"]'], {}).input.features == ("p", "q")


@given(hidden=st.integers(1, 4096), rate=st.floats(1e-6, 1.0))
def test_a_value_is_the_same_from_anywhere(hidden: int, rate: float) -> None:
    document: dict[str, Any] = {
        "input": {"file": "a.csv"},
        "task": {"kind": "forecast", "target": "y"},
        "output": {"file": "b.jsonl"},
        "model": {"hidden": hidden},
        "learn": {"learning_rate": rate},
    }
    c = parse(document, "test")
    assert (c.model.hidden, c.learn.learning_rate) == (hidden, rate)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["model.hiden=3"], "--set model.hiden: model.hiden: unknown key; did you mean 'hidden'?"),
        (["modle.hidden=3"], "[modle]: unknown; did you mean 'model'?"),
        (["model.hidden=0"], "model.hidden: expected int >= 1, got 0"),
        (["model.hidden=x"], "model.hidden: expected int, got str, got 'x'"),
        (
            ["model.cell=lstn"],
            "model.cell: expected one of rnn, lstm, gru, got 'lstn'; did you mean 'lstm'?",
        ),
        (
            ["task.kind=forcast"],
            "task.kind: expected one of forecast, text, classify, regress, tag, transcribe, "
            "translate, compose, got 'forcast'; did you mean 'forecast'?",
        ),
        (["input.format=xml"], "input.format: expected one of csv, tsv, jsonl, text, got 'xml'"),
        (["model.cell=3"], "model.cell: expected one of rnn, lstm, gru, got 3"),
        (["task.season=[1]"], "task.season[0]: expected int >= 2"),
        (["input.features=['a','a']"], "has doubles"),
        (["output.file=a.csv"], "must be different files"),
        (["input.file=a.parquet"], "known: .csv, .tsv, .jsonl, .txt, .log"),
        (["hidden=3"], "expected a table and a key"),
    ],
)
def test_what_is_wrong_is_said(path: Path, options: list[str], expected: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        load(path, options, {})
    assert expected in str(error.value)


def test_a_missing_key_a_missing_file_and_bad_toml(path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"did you mean 'pumps\.toml'"):
        load(path.with_name("pump.toml"), (), {})
    path.write_text(LEAST.replace('target = "y"', ""), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"pumps\.toml: task\.target: missing"):
        load(path, (), {})
    path.write_text("[input\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"not valid TOML.*line 1"):
        load(path, (), {})


SEQUENCES = """
[input]
file = "a.jsonl"
sequence = "text"
[task]
kind = "classify"
[output]
file = "b.jsonl"
"""


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["input.points=2"], "input.points: expected none, as input.steps is 'words'"),
        (
            ["task.kind=compose", "input.steps=numbers"],
            "input.steps: expected words, characters or items",
        ),
        (
            ["input.steps=items", "input.format=csv"],
            "input.format: expected jsonl, which has lists",
        ),
        (["input.format=text"], "input.format: expected jsonl, which has lists, got 'text'"),
        (["input.features=['a']"], "input.features: expected none"),
        (["input.steps=bytes"], "expected one of words, characters, items, numbers, got 'bytes'"),
        (["model.dropout=1"], "model.dropout: expected float < 1.0"),
        (
            ["task.kind=translate", "model.layers=2"],
            "model.layers: expected none, as the task translate does not read it",
        ),
        (["task.kind=translate", "task.longest_sequence=3000"], "expected int <= 2000"),
        (["task.kind=transcribe"], "input.steps: expected 'numbers', as a transcript is of"),
        (
            ["task.kind=translate", "input.steps=items"],
            "input.steps: expected 'words', as texts are translated",
        ),
        (
            ["task.kind=transcribe", "input.steps=numbers", "model.network=false"],
            "model.network: expected true",
        ),
        (["task.experts=['memry']"], "task.experts[0]: invalid enum value 'memry'"),
    ],
)
def test_what_is_wrong_with_whole_sequences_is_said(
    path: Path, options: list[str], expected: str
) -> None:
    path.write_text(SEQUENCES, encoding="utf-8")
    with pytest.raises(ConfigurationError) as error:
        load(path, options, {})
    assert expected in str(error.value)


def test_whole_sequences_are_for_their_tasks_alone(path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"input\.sequence: expected none, as task\.kind"):
        load(path, ["input.sequence=text"], {})
    path.write_text(SEQUENCES.replace('sequence = "text"', ""), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"input\.sequence: missing"):
        load(path, (), {})


def test_presets_of_whole_sequences_fill_in_what_is_not_said(path: Path) -> None:
    path.write_text(SEQUENCES, encoding="utf-8")
    frames = load(path, ["input.steps=numbers", "learn.replay=3"], {})
    assert (frames.model.convolution, frames.learn.replay, frames.learn.replay_updates) == (7, 3, 4)
    tags = load(path, ["task.kind=tag", "input.steps=characters"], {})
    assert isinstance(tags.task, tasks.Tag)
    assert (tags.task.experts, tags.model.network) == (("emissions",), False)


def test_an_environment_variable_is_named_where_it_is_wrong(path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"^STREAMRNN_LEARN__WINDOW: learn\.window"):
        load(path, (), {"STREAMRNN_LEARN__WINDOW": "-1"})
