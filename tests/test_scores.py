"""Scores against those of scikit-learn, and against what is counted by hand."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score

from streamrnn.scores import (
    LabelScores,
    Runs,
    Span,
    SpanScores,
    TargetScores,
    common,
    runs_of,
    spans_of,
)

labels = st.sampled_from("abc")


@given(st.lists(st.tuples(labels, labels), min_size=1, max_size=40))
@settings(max_examples=60, deadline=None)
def test_accuracy_and_mean_f1_are_those_of_scikit_learn(pairs: list[tuple[str, str]]) -> None:
    scores = LabelScores()
    for prediction, label in pairs:
        scores.add(prediction, label)
    said, came = zip(*pairs, strict=True)
    assert scores.accuracy == pytest.approx(accuracy_score(came, said))
    expected = f1_score(came, said, labels=sorted(set(came)), average="macro", zero_division=0)
    assert scores.macro_f1 == pytest.approx(expected)


def test_kappa_is_zero_for_the_last_label_and_one_where_all_is_right() -> None:
    same, right, worse = LabelScores(), LabelScores(), LabelScores()
    last = None
    for label in "aabbbacc":
        same.add(last, label)
        right.add(label, label)
        worse.add(None, label)
        last = label
    assert same.kappa == 0
    assert right.kappa == 1
    assert worse.kappa < 0
    assert right.most_frequent == pytest.approx(3 / 8)


def test_spans_begin_with_b_or_where_another_kind_goes_on() -> None:
    tags = ["B-per", "I-per", "O", "I-org", "I-org", "B-org", "I-per", "O"]
    assert spans_of(tags) == [(0, 2, "per"), (3, 5, "org"), (5, 6, "org"), (6, 7, "per")]
    assert spans_of([]) == []
    assert spans_of([None, "B-x"]) == [(1, 2, "x")]


def test_runs_are_of_equal_labels() -> None:
    assert runs_of("aabcc") == [(0, 2, "a"), (2, 3, "b"), (3, 5, "c")]
    assert runs_of("") == []
    assert runs_of([None, None, "a", None]) == [(2, 3, "a")]


def test_spans_meet_exactly_or_by_what_they_share() -> None:
    exact, half = SpanScores(), SpanScores(0.5)
    true = [(0, 10, "x"), (20, 30, "y")]
    for scores in (exact, half):
        scores.add([(0, 10, "x"), (21, 30, "y"), (50, 60, "x")], true)
    assert (exact.hits, exact.said, exact.came) == (1, 3, 2)
    assert exact.f1 == pytest.approx(2 / 5)
    assert half.f1 == pytest.approx(4 / 5)
    assert common((0, 10, "x"), (0, 10, "y")) == 0
    assert common((0, 10, "x"), (20, 30, "x")) == 0


def test_a_true_span_is_met_once() -> None:
    scores = SpanScores(0.3)
    scores.add([(0, 5, "x"), (5, 10, "x")], [(0, 10, "x")])
    assert (scores.hits, scores.said, scores.came) == (1, 2, 1)


spans = st.lists(st.tuples(st.integers(0, 3), st.integers(4, 6), labels), max_size=8, unique=True)


@given(spans, spans)
@settings(max_examples=60, deadline=None)
def test_spans_that_meet_exactly_are_those_that_share_all(
    predicted: list[Span], true: list[Span]
) -> None:
    exact, almost = SpanScores(), SpanScores(0.999)
    for scores in (exact, almost):
        scores.add(predicted, true)
    assert exact.hits == almost.hits == len({*predicted} & {*true})


def test_targets_are_labels_or_lists_of_them_whose_runs_count() -> None:
    scores = TargetScores({"exact": Runs(runs_of), "half": Runs(runs_of, 0.5)})
    scores.add("x", "x")
    scores.add(["a", "a", "b", "b"], ["a", "a", "a", "b"])
    scores.add(None, ["a", "b"])
    assert (scores.judged, scores.labels.right) == (7, 4)
    assert (scores.spans["exact"].hits, scores.spans["half"].hits) == (0, 2)
    assert (scores.spans["half"].said, scores.spans["half"].came) == (2, 4)
    assert {*scores.labels.seen} == {"x", "a", "b"}


def test_the_last_label_is_right_where_labels_repeat() -> None:
    scores = LabelScores()
    for label in "aabba":
        scores.add("a", label)
    assert scores.last_again == pytest.approx(2 / 5)
