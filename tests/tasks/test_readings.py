"""The labels of single readings: of streams whose past matters, at once or later."""

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
from streamrnn.tasks.task import Task

LATE = {"label_of": "id", "wait": 30}


def task(learn: dict[str, Any] | None = None, **settings: Any) -> Task:
    document = {
        "input": {"file": "-", "key": "room", "features": ["light", "noise"]},
        "task": {"kind": "classify", "target": "busy", **settings},
        "model": {"hidden": 8},
        "learn": {"window": 6, "stride": 1, "learning_rate": 0.01, **(learn or {})},
        "output": {"file": "-"},
    }
    return task_of(parse(document, "test"), codec_for("jsonl"))


def told(mine: Task, sent: list[dict[str, Any]], first: int = 0) -> list[Any]:
    """Return what is sent for records, and the reasons of dead letters."""
    made = [
        Record(0, first + n, None, json.dumps(fields).encode()) for n, fields in enumerate(sent)
    ]
    return [
        answer.reason if isinstance(answer, DeadLetter) else json.loads(encode(answer.prediction))
        for answer in mine.answer(made)
    ]


def readings(count: int, seed: int = 1) -> list[dict[str, Any]]:
    """Return readings of two rooms; one is busy where the light was on one reading before."""
    draw, lit = random.Random(seed), {"a": [0, 0], "b": [0, 0]}
    sent: list[dict[str, Any]] = []
    for n in range(count):
        room = draw.choice("ab")
        lit[room] = [*lit[room][1:], int(draw.random() < 0.5)]
        light = None if draw.random() < 0.03 else lit[room][1] + draw.gauss(0, 0.1)
        label = None if draw.random() < 0.05 else ["no", "yes", "very"][lit[room][0] + (n > 200)]
        sent.append({"room": room, "light": light, "noise": draw.random(), "busy": label})
    return sent


def test_the_past_tells_the_label() -> None:
    sent = readings(900)
    made = told(task(), sent)
    judged = [
        (answer["prediction"], fields["busy"])
        for answer, fields in zip(made[500:], sent[500:], strict=True)
        if fields["busy"]
    ]
    assert sum(one == other for one, other in judged) > 0.85 * len(judged)
    assert list(made[0]) == [
        *("key", "partition", "offset", "time"),
        *("prediction", "probabilities", "step"),
    ]
    assert (made[0]["key"], made[0]["prediction"], made[0]["probabilities"]) == (
        sent[0]["room"],
        None,
        {},
    )
    assert set(made[-1]["probabilities"]) == {"no", "yes", "very"}
    assert sum(made[-1]["probabilities"].values()) == pytest.approx(1)


def numbers(count: int, seed: int = 1) -> list[dict[str, Any]]:
    """Return readings of two rooms, whose target is the light one reading before."""
    draw, last = random.Random(seed), {"a": 0.0, "b": 0.0}
    sent: list[dict[str, Any]] = []
    for n in range(count):
        room, light = draw.choice("ab"), draw.gauss(100, 10)
        target = None if draw.random() < 0.05 else 5 + 2 * last[room] + draw.gauss(0, 1)
        sent.append({"room": room, "light": light, "noise": n % 3, "busy": target})
        last[room] = light
    return sent


def test_the_past_tells_the_number() -> None:
    sent = numbers(900)
    made = told(task(kind="regress"), sent)
    assert list(made[0]) == [
        *("key", "partition", "offset", "time"),
        *("prediction", "lower", "upper", "anomaly", "step"),
    ]
    assert (made[0]["prediction"], made[0]["lower"]) == (None, None)
    judged = [
        (answer, fields["busy"])
        for answer, fields in zip(made[500:], sent[500:], strict=True)
        if fields["busy"] is not None
    ]
    misses = [abs(answer["prediction"] - number) for answer, number in judged]
    mean = sum(number for _, number in judged) / len(judged)
    usual = [abs(number - mean) for _, number in judged]
    assert sum(misses) < 0.5 * sum(usual)
    inside = [answer["lower"] <= number <= answer["upper"] for answer, number in judged]
    assert 0.85 < sum(inside) / len(inside) < 0.97


def late(count: int) -> list[dict[str, Any]]:
    """Return readings whose labels come some records later, but for some that never come."""
    draw, sent = random.Random(5), list[dict[str, Any]]()
    due: list[dict[str, Any]] = []
    for n, fields in enumerate(readings(count)):
        label = fields.pop("busy")
        sent.append({"id": n, **fields})
        due += [{"id": n, "room": fields["room"], "busy": label}] if label else []
        if draw.random() < 0.5:
            sent += due
            due = []
    return sent


def delayed(sent: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the same readings, whose targets come five records later."""
    found: list[dict[str, Any]] = []
    for n, fields in enumerate(sent):
        found.append({"id": n, **{k: v for k, v in fields.items() if k != "busy"}})
        if n >= 5 and sent[n - 5]["busy"] is not None:
            found.append({"id": n - 5, "room": sent[n - 5]["room"], "busy": sent[n - 5]["busy"]})
    return found


def test_numbers_that_come_later_are_learned_once() -> None:
    sent = delayed(numbers(900))
    mine = task(None, kind="regress", **LATE)
    made = told(mine, sent)
    assert mine.step > 400
    truth = {fields["id"]: fields["busy"] for fields in sent if "busy" in fields}
    judged = [
        (answer["prediction"], truth[fields["id"]])
        for answer, fields in zip(made[900:], sent[900:], strict=True)
        if "light" in fields and fields["id"] in truth
    ]
    mean = sum(number for _, number in judged) / len(judged)
    misses = sum(abs(one - other) for one, other in judged)
    assert misses < 0.85 * sum(abs(number - mean) for _, number in judged)
    assert told(mine, [{"id": 1, "room": "a", "busy": 7}], len(sent)) == ["late"]


CASES: list[tuple[dict[str, Any], list[dict[str, Any]]]] = [
    ({}, readings(400)),
    ({"kind": "regress"}, numbers(400)),
]


@pytest.mark.parametrize("case", range(4))
def test_it_goes_on_from_its_state_as_if_nothing_had_been(case: int) -> None:
    settings, sent = CASES[case % 2]
    if case >= 2:
        settings, sent = {**settings, **LATE}, delayed(sent)
    whole, first, second = (task(None, **settings) for _ in range(3))
    expected = told(whole, sent)
    before = told(first, sent[:270])
    state = first.state()
    tensors = {name: array.copy() for name, array in state.tensors.items()}
    rows = {name: array.copy() for name, array in state.rows.items()}
    details = json.loads(json.dumps(dict(state.details)))
    second.restore(State(tensors, list(state.keys), rows, details, list(state.keys)))
    assert before + told(second, sent[270:], 270) == expected
    assert "late" not in expected


def test_labels_that_come_later_are_learned_once() -> None:
    sent = late(900)
    mine = task(None, **LATE)
    made = told(mine, sent)
    assert mine.step > 200
    acknowledged = [answer for answer in made if "label_of" in answer]
    assert len(acknowledged) == sum("busy" in fields for fields in sent)
    assert told(mine, [{"id": 1, "room": "a", "busy": "no"}], len(sent)) == ["late"]
    truth = {fields["id"]: fields["busy"] for fields in sent if "busy" in fields}
    judged = [
        answer["prediction"] == truth[fields["id"]]
        for answer, fields in zip(made[900:], sent[900:], strict=True)
        if "light" in fields and fields["id"] in truth
    ]
    assert sum(judged) > 0.7 * len(judged)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"room": "a", "light": "dark", "noise": 1}, "type"),
        ({"room": "a", "light": 1e300, "noise": 1}, "range"),
        ({"light": 1, "noise": 1}, "missing"),
        ({"room": "a", "light": 1, "noise": 1, "busy": ["no"]}, "type"),
        ({"room": "a", "light": 1, "noise": 1, "busy": "c"}, "labels"),
    ],
)
def test_what_is_wrong_is_no_step(fields: dict[str, Any], reason: str) -> None:
    mine = task(most_labels=2)
    good = {"room": "a", "light": 1, "noise": 1}
    told(mine, [{**good, "busy": "x"}, {**good, "busy": "y"}])
    taken = mine.learner.streams["taken"].copy()
    assert told(mine, [fields], 2) == [reason]
    assert np.array_equal(mine.learner.streams["taken"], taken)


def test_without_learning_labels_are_told_and_no_weight_changes() -> None:
    mine = task()
    told(mine, readings(100))
    state, frozen = mine.state(), task({"enabled": False})
    frozen.restore(state)
    before = state.tensors["models"].copy()
    made = told(frozen, readings(50, seed=2), 100)
    assert all(answer["prediction"] for answer in made)
    assert np.array_equal(frozen.state().tensors["models"], before)
