"""Whole sequences are answered, learned and set aside, whatever records hold."""

import json
import random
from typing import Any

import numpy as np
import pytest

from streamrnn.build import task_of
from streamrnn.codecs import codec_for, encode
from streamrnn.configuration import parse
from streamrnn.learner.state import State
from streamrnn.records import DeadLetter, Record
from streamrnn.tasks.answering import Answer
from streamrnn.tasks.task import Task
from tests.sequences import KINDS, document, records, sequence

ADDED = {
    "classify": ["prediction", "probabilities", "step"],
    "regress": ["prediction", "lower", "upper", "anomaly", "step"],
    "tag": ["prediction", "step"],
    "transcribe": ["prediction", "score", "step"],
    "translate": ["prediction", "score", "attention", "step"],
    "compose": ["bits", "step"],
}
of_every_kind = pytest.mark.parametrize(("kind", "steps"), KINDS)


def task(kind: str, steps: str, **tables: Any) -> Task:
    return task_of(parse(document(kind, steps, **tables), "test"), codec_for("jsonl"))


def answers(mine: Task, values: list[bytes | None], first: int = 0) -> list[Any]:
    made = [Record(0, first + n, b"k", value) for n, value in enumerate(values)]
    return list(mine.answer(made))


def told(made: list[Any]) -> list[Any]:
    """Return what is sent, and the reasons of dead letters."""
    return [
        answer.reason if isinstance(answer, DeadLetter) else json.loads(encode(answer.prediction))
        for answer in made
    ]


def one(mine: Task, **fields: Any) -> Any:
    """Return what is sent for a record."""
    return told(answers(mine, [json.dumps(fields).encode()]))[0]


@of_every_kind
def test_each_record_has_one_answer_of_the_right_form(kind: str, steps: str) -> None:
    mine, sent = task(kind, steps), list(records(kind, steps, 60))
    made = answers(mine, sent)
    assert len(made) == len(sent)
    good = [answer for answer in made if isinstance(answer, Answer)]
    assert len(good) > 40
    for answer in good:
        fields = json.loads(encode(answer.prediction))
        assert list(fields) == ["key", "partition", "offset", "time", *ADDED[kind]]
        assert fields["key"] == "k"
    assert mine.learner.totals.undone == 0
    assert mine.learning_seconds > 0


@of_every_kind
def test_it_learns_the_rule(kind: str, steps: str) -> None:
    mine = task(kind, steps)
    good = [a for a in answers(mine, list(records(kind, steps, 250))) if isinstance(a, Answer)]
    early, late = good[:40], good[-80:]
    if kind == "regress":
        misses = [abs(a.prediction.prediction - a.target) for a in late if a.target is not None]
        assert sum(misses) / len(misses) < 1.0
        inside = [
            a.prediction.lower <= a.target <= a.prediction.upper
            for a in good[40:]
            if a.target is not None
        ]
        assert sum(inside) > 0.8 * len(inside)
    elif kind == "transcribe":
        assert sum(a.errors for a in late) < 0.1 * sum(a.characters for a in late)
    elif kind == "compose":
        cost = [sum(a.bits for a in part) / sum(a.steps for a in part) for part in (early, late)]
        assert cost[1] < 0.7 * cost[0]
    else:
        assert sum(a.right for a in late) > 0.9 * sum(a.judged for a in late) > 0


@of_every_kind
def test_it_goes_on_from_its_state_as_if_nothing_had_been(kind: str, steps: str) -> None:
    sent = list(records(kind, steps, 90))
    whole, first, second = task(kind, steps), task(kind, steps), task(kind, steps)
    expected = told(answers(whole, sent))
    before = told(answers(first, sent[:40]))
    state = first.state()
    tensors = {name: array.copy() for name, array in state.tensors.items()}
    details = json.loads(json.dumps(dict(state.details)))
    second.restore(State(tensors, [], {}, details, []))
    assert before + told(answers(second, sent[40:], 40)) == expected
    end, other = whole.state().tensors, second.state().tensors
    assert end.keys() == other.keys()
    assert all(np.array_equal(end[name], other[name]) for name in end)


@of_every_kind
def test_what_is_predicted_only_changes_nothing(kind: str, steps: str) -> None:
    mine = task(kind, steps, learn={"enabled": False})
    sent = list(records(kind, steps, 20))
    answers(mine, sent[:2])
    before = {name: array.copy() for name, array in mine.state().tensors.items()}
    answers(mine, sent[2:], 2)
    after = mine.state().tensors
    assert mine.step == 0
    assert all(np.array_equal(array, after[name]) for name, array in before.items())


ONCE = {"replay": 0, "replay_updates": 1}


def test_a_label_is_predicted_before_it_is_seen() -> None:
    mine = task("classify", "words", learn=ONCE)
    first = one(mine, sequence="fine day", target="yes")
    assert (first["prediction"], first["probabilities"]) == (None, {})
    second = one(mine, sequence="poor day", target="no")
    assert second["prediction"] == "yes"
    assert second["probabilities"] == {"yes": 1.0}
    third = one(mine, sequence="fine day")
    assert set(third["probabilities"]) == {"yes", "no"}
    assert sum(third["probabilities"].values()) == pytest.approx(1)
    assert (first["step"], second["step"], third["step"]) == (0, 1, 2)


def test_a_number_is_foretold_with_an_interval_and_told_how_unusual_it_was() -> None:
    mine = task("regress", "words")
    first = one(mine, sequence="fine day", target=7)
    assert [first[name] for name in ("prediction", "lower", "upper", "anomaly")] == [None] * 4
    second = one(mine, sequence="fine day", target=7)
    assert (second["prediction"], second["lower"]) == (7, None)
    for n in range(40):
        usual = one(mine, sequence="fine day", target=7 + n % 3)
    odd = one(mine, sequence="fine day", target=1000)
    assert usual["lower"] < usual["prediction"] < usual["upper"]
    assert usual["anomaly"] < 0.9 < odd["anomaly"]
    assert one(mine, sequence="fine day")["anomaly"] is None
    assert one(mine, sequence="fine day", target="many") == "type"


@pytest.mark.parametrize("coverage", [0.5, 0.9])
def test_intervals_hold_as_many_numbers_as_they_are_to(coverage: float) -> None:
    mine, draw = task("regress", "words", task={"coverage": coverage}), random.Random(3)
    inside = []
    for n in range(600):
        number = draw.gauss(0, 1)
        made = one(mine, sequence="all the same", target=number)
        if n >= 100:
            inside.append(made["lower"] <= number <= made["upper"])
    assert sum(inside) / len(inside) == pytest.approx(coverage, abs=0.05)


@pytest.mark.parametrize("label", ["x", 3, 2.5, True, "日本"])
def test_labels_come_back_as_they_came(label: object) -> None:
    mine = task("classify", "words")
    one(mine, sequence="a", target=label)
    prediction = one(mine, sequence="a")["prediction"]
    assert prediction == label
    assert type(prediction) is type(label)


def test_more_labels_than_there_was_room_for() -> None:
    mine = task("classify", "words")
    for _ in range(6):
        for number in range(40):
            one(mine, sequence=f"word{number} here", target=number)
    assert one(mine, sequence="word17 here")["prediction"] == 17


BAD: list[tuple[str, str, dict[str, Any], str, str]] = [
    ("classify", "words", {"sequence": ""}, "empty", "expected a sequence, got an empty one"),
    ("classify", "words", {"sequence": ["a", 1]}, "type", "text, or a list of words"),
    ("classify", "words", {}, "missing", "sequence: expected a sequence, got nothing"),
    ("classify", "characters", {"sequence": ["a"]}, "type", "expected text, got ['a']"),
    ("classify", "items", {"sequence": "abc"}, "type", "expected a list, got 'abc'"),
    ("classify", "items", {"sequence": [[1]]}, "type", "expected text or a number a step"),
    ("classify", "numbers", {"sequence": "abc"}, "type", "expected a list of frames"),
    ("classify", "numbers", {"sequence": [[1, 2], [1]]}, "type", "lists of equally many"),
    ("classify", "numbers", {"sequence": [["1"]]}, "type", "lists of equally many"),
    ("classify", "numbers", {"sequence": [[True]]}, "type", "lists of equally many"),
    ("classify", "numbers", {"sequence": [[1e31]]}, "range", "finite numbers within"),
    ("classify", "points", {"sequence": [[1, 2, 3]]}, "width", "expected x and y of each point"),
    ("classify", "words", {"sequence": "a", "target": ["x"]}, "type", "expected a label"),
    ("classify", "words", {"sequence": "a b c d e f"}, "range", "at most 5 steps"),
    ("tag", "words", {"sequence": ["a"], "target": ["x", "y"]}, "length", "expected 1 labels"),
    ("tag", "words", {"sequence": ["a"], "target": [None]}, "type", "label for step 0"),
    ("tag", "words", {"sequence": ["a"], "target": 7}, "type", "expected a list of labels"),
    ("tag", "characters", {"sequence": "ab", "target": "x"}, "length", "expected 2 labels"),
    ("transcribe", "numbers", {"sequence": [1], "target": ["a"]}, "type", "expected a text"),
    ("transcribe", "numbers", {"sequence": [1], "target": "abcdef"}, "range", "at most 5 char"),
    ("translate", "words", {"sequence": ["a"], "target": "b"}, "type", "expected a text"),
    ("translate", "words", {"sequence": "a", "target": 7}, "type", "target: expected a text"),
    ("translate", "words", {"sequence": "a b c d e f"}, "range", "at most 5 steps"),
    ("translate", "words", {"sequence": "a", "target": "a " * 6}, "range", "at most 5 words"),
    ("compose", "items", {"sequence": [[{}]]}, "type", "a list of these a step"),
]


@pytest.mark.parametrize(("kind", "steps", "fields", "reason", "message"), BAD)
def test_what_is_wrong_is_said_and_learned_nowhere(
    kind: str, steps: str, fields: dict[str, Any], reason: str, message: str
) -> None:
    mine = task(kind, steps, task={"longest_sequence": 5})
    (letter,) = answers(mine, [json.dumps(fields).encode()])
    assert isinstance(letter, DeadLetter)
    assert letter.reason == reason
    assert message in letter.message
    assert mine.step == 0


@pytest.mark.parametrize("steps", ["words", "characters"])
def test_any_text_is_learned(steps: str) -> None:
    mine = task("classify", steps)
    for text in ("🎉 ok", "سلام دنیا", "\u0000\u001b[2J", "Nnn-RYS", "Ünï cödé"):
        made = answers(mine, [json.dumps({"sequence": text, "target": "x"}).encode()])
        assert isinstance(made[0], Answer)


@pytest.mark.parametrize(
    ("kind", "steps", "value"),
    [
        ("classify", "characters", "A" * 1_000_000),
        ("tag", "words", ["a"] * 1_000_000),
        ("classify", "numbers", [[0.5]] * 1_000_000),
        ("compose", "characters", "N" * 1_000_000),
    ],
)
def test_a_million_steps_are_too_many(kind: str, steps: str, value: Any) -> None:
    (letter,) = answers(task(kind, steps), [json.dumps({"sequence": value}).encode()])
    assert isinstance(letter, DeadLetter)
    assert letter.reason == "range"
    assert "at most 10,000 steps (task.longest_sequence), got 1,000,000" in letter.message


def test_a_long_sequence_is_learned_where_it_is_allowed() -> None:
    mine = task("tag", "characters", task={"longest_sequence": 30_000})
    made = answers(
        mine, [json.dumps({"sequence": "ACGN" * 5000, "target": "0120" * 5000}).encode()]
    )
    assert isinstance(made[0], Answer)
    again = one(mine, sequence="ACGN" * 5000)["prediction"]
    assert "".join(again[:8]) == "01200120"


def test_frames_keep_their_width() -> None:
    mine = task("classify", "numbers")
    one(mine, sequence=[[1, 2], [3, 4]], target="a")
    assert one(mine, sequence=[[1, 2, 3]], target="a") == "width"
    assert one(mine, sequence=[[0, 0]] * 3, target="b")["prediction"] == "a"


def test_frames_that_never_change_and_single_ones() -> None:
    mine = task("classify", "numbers")
    for _ in range(5):
        assert one(mine, sequence=[0, 0, 0], target="silence")["step"] is not None
        assert one(mine, sequence=[1], target="click")["step"] is not None


def test_too_many_labels_are_dead_letters() -> None:
    mine = task("classify", "words", task={"most_labels": 2})
    for label in ("a", "b"):
        one(mine, sequence="x", target=label)
    (letter,) = answers(mine, [b'{"sequence": "x", "target": "c"}'])
    assert isinstance(letter, DeadLetter)
    assert "at most 2 labels" in letter.message
    assert one(mine, sequence="x")["prediction"] in ("a", "b")


@of_every_kind
def test_a_network_that_is_broken_makes_a_dead_letter(kind: str, steps: str) -> None:
    mine = task(kind, steps, model={"network": True, "hidden": 3})
    draw = random.Random(1)
    pairs = [sequence(kind, steps, draw) for _ in range(11)]
    sent: list[bytes | None] = [
        json.dumps({"sequence": value, "target": target}).encode() for value, target in pairs
    ]
    told(answers(mine, sent[:10]))
    networks = [
        array for name, array in mine.state().tensors.items() if name in ("model", "encoder")
    ]
    assert networks
    for network in networks:
        network[:] = np.nan
    (letter,) = answers(mine, sent[10:11], 10)
    assert isinstance(letter, DeadLetter)
    assert letter.reason == "learning"


def test_transcripts_that_are_too_long_empty_or_in_another_alphabet() -> None:
    mine = task("transcribe", "numbers", task={"most_labels": 8}, learn=ONCE)
    first = one(mine, sequence=[[1, 0]] * 40, target="ab")
    assert first["prediction"] is None
    assert mine.step == 1
    # It does not fit: the network does not learn it, and what it hears is told all the same.
    assert isinstance(one(mine, sequence=[[1, 0]], target="a" * 30)["prediction"], str)
    assert mine.step == 1
    for text in ("", "日本", "سلام"):
        assert one(mine, sequence=[[0, 0]] * 40, target=text)["step"] is not None
    assert one(mine, sequence=[[0, 0]] * 40)["step"] == mine.step == 4
    assert one(mine, sequence=[[0, 0]] * 40, target="xyz") == "labels"


def test_translations_of_any_script_say_where_their_words_came_from() -> None:
    mine = task("translate", "words", task={"attention": True})
    assert one(mine, sequence="good day", target="")["prediction"] is None
    assert mine.step == 0
    pairs = [("good day", "guten Tag"), ("سلام", "日本"), ("🎉 \u001b[2J", "ok!"), ("a", "b")]
    for _ in range(20):
        for source, target in pairs:
            made = one(mine, sequence=source, target=target)
    assert made["prediction"] == "b"
    told = one(mine, sequence="good day")
    assert told["prediction"] == "guten Tag"
    assert told["attention"]["source"] == ["good", "day"]
    assert told["attention"]["words"] == ["guten", "Tag"]
    assert [len(row) for row in told["attention"]["shares"]] == [2, 2]
    assert all(0 <= sum(row) <= 1.01 for row in told["attention"]["shares"])


LATE = {"target": "target", "label_of": "id", "wait": 3}


def test_a_target_that_comes_later_trains_its_sequence_once() -> None:
    mine = task("classify", "words", task=LATE, learn=ONCE)
    assert one(mine, id=1, sequence="fine day")["prediction"] is None
    told_of = one(mine, id=1, target="yes")
    assert list(told_of) == ["key", "partition", "offset", "time", "label_of", "step"]
    assert told_of["label_of"] == "1"
    assert mine.step == 1
    assert one(mine, id=1, target="yes") == "late"
    assert mine.step == 1
    assert one(mine, id=2, sequence="fine day", target="yes")["prediction"] == "yes"
    assert mine.step == 2


def test_late_targets_are_bounded_unknown_or_wrong() -> None:
    mine = task("tag", "words", task=LATE, learn=ONCE)
    sent: list[dict[str, Any]] = [
        {"id": "a", "sequence": ["x", "y"]},
        {"id": "nobody", "target": ["O"]},
        {"id": "a", "target": ["O"]},
        {"sequence": ["x"]},
        {"id": "b"},
        {"id": "a", "target": ["O", "O"]},
        {"id": "c", "sequence": ["x"]},
        *[{"id": f"more{n}", "sequence": ["x"]} for n in range(3)],
        {"id": "c", "target": ["O"]},
    ]
    made = told(answers(mine, [json.dumps(each).encode() for each in sent]))
    assert made[1:5] == ["late", "length", "missing", "missing"]
    assert made[5]["label_of"] == "a"
    assert made[-1] == "late"
    assert mine.step == 1


@pytest.mark.parametrize(
    ("kind", "steps", "value"),
    [("classify", "words", "a b"), ("tag", "words", ["a"]), ("translate", "words", "a b")],
)
def test_an_empty_target_that_comes_later_is_none(kind: str, steps: str, value: Any) -> None:
    mine = task(kind, steps, task=LATE)
    one(mine, id=1, sequence=value)
    assert one(mine, id=1, target="") in ("missing", "length")
    right = ["x"] if kind == "tag" else "x"
    assert one(mine, id=1, target=right)["label_of"] == "1"


def test_sequences_that_wait_are_in_the_state() -> None:
    first, second = task("classify", "numbers", task=LATE), task("classify", "numbers", task=LATE)
    one(first, id=1, sequence=[[1, 2], [3, 4]])
    second.restore(first.state())
    assert one(second, id=1, target="a")["label_of"] == "1"


def test_a_composition_grows_with_its_symbols() -> None:
    mine = task("compose", "items")
    for low in range(40):
        assert one(mine, sequence=[[low, low + 4], [], [low]])["bits"] > 0
    assert one(mine, sequence=["a"]) is not None
    other = task("compose", "items")
    one(other, sequence=["a", "b"])
    assert one(other, sequence=[["a"]]) == "type"
