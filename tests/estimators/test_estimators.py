"""What the estimators promise beside River's interface."""

import copy
import math
import pickle
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import streamrnn
from streamrnn import (
    RecurrentAnomalyDetector,
    RecurrentClassifier,
    RecurrentForecaster,
    RecurrentRegressor,
)
from streamrnn.errors import RecordError
from streamrnn.kernels import events


def data(count: int, features: int = 3) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    generator = np.random.default_rng(7)
    X = generator.normal(2, 5, size=(count, features))
    return X, X[:, 0] + np.roll(X[:, 1], 1) + 100


def named(row: NDArray[np.float64]) -> dict[int, float]:
    return dict(enumerate(row.tolist()))


def one_at_a_time(model: RecurrentRegressor, X: Any, y: Any, keys: Any = None) -> list[float]:
    predictions = []
    for event, (row, target) in enumerate(zip(X, y, strict=True)):
        x = named(row) | ({} if keys is None else {"key": keys[event]})
        predictions.append(model.predict_one(x))
        model.learn_one(x, float(target))
    return predictions


@pytest.mark.parametrize("own_weights", [False, True])
@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("stride", [1, 3, 16])
def test_many_are_bit_for_bit_one_at_a_time(cell: str, stride: int, own_weights: bool) -> None:
    X, y = data(150)
    keys = [f"k{n * n % 5}" for n in range(150)]
    settings_ = {"cell": cell, "hidden": 5, "window": 8, "stride": stride, "max_streams": 3}
    one = RecurrentRegressor(**settings_, key="key", own_weights=own_weights)  # type: ignore[arg-type]
    many = one.clone()
    expected = one_at_a_time(one, X, y, keys)
    np.testing.assert_array_equal(many.predict_learn_many(X, y, keys), expected)
    assert one.learning_steps == many.learning_steps > 0


@given(st.lists(st.integers(0, 60), max_size=4))
@settings(deadline=None, max_examples=20)
def test_the_parts_of_an_array_make_no_difference(cuts: list[int]) -> None:
    X, y = data(60)
    whole = RecurrentRegressor(hidden=4).predict_learn_many(X, y)
    model = RecurrentRegressor(hidden=4)
    places = sorted(cuts)
    parts = [
        model.predict_learn_many(a, b)
        for a, b in zip(np.split(X, places), np.split(y, places), strict=True)
    ]
    np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_a_second_process_computes_the_same_bits() -> None:
    program = (
        "import numpy as np; from streamrnn import RecurrentRegressor;"
        "from tests.estimators.test_estimators import data;"
        "print(RecurrentRegressor(hidden=4).predict_learn_many(*data(200)).tobytes().hex())"
    )
    other = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    here = RecurrentRegressor(hidden=4).predict_learn_many(*data(200)).tobytes().hex()
    assert other.stdout.decode().strip() == here


def test_nothing_is_compiled_a_second_time() -> None:
    X, y = data(40)
    RecurrentRegressor(hidden=4).predict_learn_many(X, y)
    before = len(events.predict_and_learn.signatures), len(events.predict.signatures)
    for hidden, layers in ((3, 1), (7, 2)):
        model = RecurrentRegressor(hidden=hidden, layers=layers, window=5, stride=2)
        one_at_a_time(model, X, y)
        model.predict_learn_many(X, y)
    assert (len(events.predict_and_learn.signatures), len(events.predict.signatures)) == before


def test_predicting_changes_nothing() -> None:
    X, y = data(50)
    asked, left_alone = RecurrentRegressor(hidden=4), RecurrentRegressor(hidden=4)
    for row, target in zip(X, y, strict=True):
        for _ in range(3):
            asked.predict_one(named(row) | {"other": 5.0})
        asked.learn_one(named(row), target)
        left_alone.learn_one(named(row), target)
    assert asked.predict_one(named(X[0])) == left_alone.predict_one(named(X[0]))


def test_what_a_stream_learned_is_used_for_the_next() -> None:
    """The target is the sum of this feature and the last one, which only a state can know."""
    x = np.random.default_rng(0).normal(size=4000)
    y = x + np.roll(x, 1)
    predictions = RecurrentRegressor(hidden=8, stride=1).predict_learn_many(x[:, np.newaxis], y)
    assert np.abs(predictions - y)[-500:].mean() < 0.2 * np.abs(y).mean()


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, 1e200])
def test_bad_numbers_are_named_and_change_nothing(bad: float) -> None:
    regressor, detector = RecurrentRegressor(hidden=4), RecurrentAnomalyDetector(hidden=4)
    classifier, forecaster = RecurrentClassifier(hidden=4), RecurrentForecaster(hidden=4)
    for value in (1.0, 2.0, 4.0):
        regressor.learn_one({"a": value}, value)
        classifier.learn_one({"a": value}, value > 1)
        detector.learn_one({"a": value})
        forecaster.learn_one(value, {"a": value})
    models = regressor, classifier, detector, forecaster
    before = [pickle.dumps(model) for model in models]
    x = {"a": 1.0, "late": bad}
    for call in (
        lambda: regressor.learn_one(x, 1.0),
        lambda: regressor.predict_one(x),
        lambda: classifier.learn_one(x, True),
        lambda: detector.learn_one(x),
        lambda: forecaster.learn_one(1.0, x),
    ):
        with pytest.raises(ValueError, match="late: expected a finite number"):
            call()
    for call in (lambda: regressor.learn_one({"a": 1.0}, bad), lambda: forecaster.learn_one(bad)):
        with pytest.raises(ValueError, match="expected a finite number"):
            call()
    with pytest.raises(ValueError, match="event 1, feature 0: expected a finite"):
        regressor.predict_learn_many([[1.0], [bad]], [1.0, 2.0])
    with pytest.raises(ValueError, match="target of event 0: expected a finite"):
        regressor.predict_learn_many([[1.0], [1.0]], [bad, 2.0])
    now = [model.predict_one({"a": 3.0}) for model in (regressor, classifier)]
    then = [pickle.loads(state).predict_one({"a": 3.0}) for state in before[:2]]
    assert now == then
    assert detector.score_one({"a": 9.0}) == pickle.loads(before[2]).score_one({"a": 9.0})
    assert forecaster.forecast(2) == pickle.loads(before[3]).forecast(2)


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"cell": "lstn"}, "cell: expected one of rnn, lstm, gru, got 'lstn'; did you mean 'lstm'"),
        ({"optimizer": "adan"}, "did you mean 'adam"),
        ({"schedule": "falling"}, "schedule: expected one of constant, inverse_root, exponential"),
        ({"hidden": 0}, "hidden: expected a whole number of at least 1, got 0"),
        ({"window": 2.5}, "window: expected a whole number of at least 1, got 2.5"),
        ({"stride": True}, "stride: expected a whole number"),
        ({"seed": -1}, "seed: expected a whole number of at least 0"),
        ({"learning_rate": 0}, "learning_rate: expected a number above 0"),
    ],
)
@pytest.mark.parametrize("name", streamrnn.__all__)
def test_wrong_hyperparameters_are_refused(name: str, wrong: dict[str, Any], expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        getattr(streamrnn, name)(**wrong)


def test_wrong_shapes_and_a_missing_key_are_said() -> None:
    with pytest.raises(ValueError, match=r"expected X \(events, features\)"):
        RecurrentRegressor().predict_learn_many([1.0, 2.0], [1.0, 2.0])
    with pytest.raises(ValueError, match="expected 1 keys"):
        RecurrentRegressor(key="k").predict_learn_many([[1.0]], [1.0], keys=[])
    with pytest.raises(ValueError, match="keys: expected one an event"):
        RecurrentRegressor(key="k").predict_learn_many([[1.0]], [1.0])
    with pytest.raises(ValueError, match="keys: expected none"):
        RecurrentRegressor().predict_learn_many([[1.0]], [1.0], keys=["a"])
    with pytest.raises(ValueError, match=r"pump: expected the name.*did you mean 'pumb'"):
        RecurrentRegressor(key="pump").learn_one({"pumb": "a", "x": 1.0}, 1.0)
    with pytest.raises(ValueError, match="pump: expected the name of a stream"):
        RecurrentRegressor(key="pump").learn_one({0: 1.0}, 1.0)
    with pytest.raises(ValueError, match="season: expected a tuple"):
        RecurrentForecaster(season=24)  # type: ignore[arg-type]


def test_a_feature_keeps_its_column_whatever_comes_and_goes() -> None:
    X, y = data(300, features=2)
    steady, moving = RecurrentRegressor(hidden=4), RecurrentRegressor(hidden=4)
    for event, (row, target) in enumerate(zip(X, y, strict=True)):
        x = {"a": row[0], "b": row[1]}
        steady.learn_one(x, target)
        moving.learn_one(dict(reversed(x.items())), target)
        if event == 150:
            before = moving.predict_one(x)
            moving.learn_one(x, None)
            steady.learn_one(x, None)
            grown = copy.deepcopy(moving)
            grown.learn_one(x | {"c": None}, None)
            assert before == pytest.approx(steady.predict_one(x), rel=1)
    assert moving.predict_one({"b": 1.0, "a": 2.0}) == steady.predict_one({"a": 2.0, "b": 1.0})


@pytest.mark.parametrize("own_weights", [False, True])
def test_new_features_and_labels_leave_what_was_learned(own_weights: bool) -> None:
    model = RecurrentClassifier(hidden=6, stride=1, key="k", own_weights=own_weights)
    generator = np.random.default_rng(1)
    for value in generator.normal(size=400):
        model.learn_one({"k": "s", "a": value}, "up" if value > 0 else "down")
    probe = {"k": "s", "a": 1.0}
    before = model.predict_proba_one(probe)
    model.learn_one({"k": "s", "a": 0.5, "b": 3.0}, None)
    model._label("sideways")
    after = model.predict_proba_one(probe)
    assert set(after) == {"up", "down", "sideways"}
    assert before["up"] > 0.9
    assert after["up"] / (after["up"] + after["down"]) > 0.9


def test_a_text_is_a_category() -> None:
    model = RecurrentRegressor(hidden=6, stride=1)
    generator = np.random.default_rng(2)
    levels = {"low": 1.0, "high": 9.0, "middle": 5.0}
    errors = []
    for event in range(900):
        site = ["low", "high", "middle"][generator.integers(3 if event > 300 else 2)]
        errors.append(abs(model.predict_one({"site": site}) - levels[site]))
        model.learn_one({"site": site}, levels[site])
    assert np.mean(errors[-100:]) < 0.5


def test_names_of_any_type_are_features_and_texts_are_not_numbers() -> None:
    events = [{1: "red", "a": "blue", ("price", "usd"): 1e6 * n, "price": "usd"} for n in range(9)]
    model, other = RecurrentRegressor(hidden=4), RecurrentRegressor(hidden=4)
    for n, x in enumerate(events):
        model.learn_one(x, float(n))
        other.learn_one(dict(reversed(x.items())), float(n))
    assert model.predict_one(events[0]) == other.predict_one(events[0])
    assert abs(model.predict_one(events[8])) < 100
    with pytest.raises(ValueError, match="price: expected a number"):
        model.learn_one({"price": 10**400}, 1.0)


def test_categories_stay_unscaled_for_streams_that_come_after_a_new_label() -> None:
    model = RecurrentClassifier(hidden=4, key="k", own_weights=True)
    for stream, label in (("a", "x"), ("a", "y"), ("b", "x"), ("b", "z"), ("c", "x")):
        model.learn_one({"k": stream, "color": "red"}, label)
    assert (model._learner.of_model("scalings")[:3, 0, 0] == -1).all()


def test_steps_that_are_not_finite_are_undone_and_counted() -> None:
    model = RecurrentForecaster(hidden=4)
    for n in range(50):
        model.learn_one(float(n))
    good = pickle.dumps(model)
    model._forecaster.learner.of_model("models")[:] = math.nan
    before = model._forecaster.streams["numbers"][0].copy()
    model.learn_one(99.0)
    assert model.undone_steps == 1
    np.testing.assert_array_equal(model._forecaster.streams["numbers"][0], before)
    with pytest.raises(RecordError):
        model._forecaster.ahead(0, 5)
    other = pickle.loads(good)
    assert other.forecast(5) == pickle.loads(good).forecast(5)


def test_a_label_that_is_absent_teaches_nothing() -> None:
    model = RecurrentClassifier(hidden=4, stride=1)
    model.learn_one({"a": 1.0}, None)
    model.learn_one({"a": 1.0}, math.nan)
    model.predict_learn_many([[1.0], [2.0]], [None, None])
    assert model.predict_proba_one({"a": 1.0}) == {}
    assert model.learning_steps == 0


def test_streams_are_apart_and_the_one_idle_longest_is_forgotten() -> None:
    model = RecurrentForecaster(key="k", max_streams=2)
    for n in range(300):
        model.learn_one(10.0 * n, {"k": "up"})
        model.learn_one(-10.0 * n, {"k": "down"})
    assert model.forecast(1, [{"k": "up"}])[0] == pytest.approx(3000, abs=5)
    assert model.forecast(1, [{"k": "down"}])[0] == pytest.approx(-3000, abs=5)
    model.learn_one(1.0, {"k": "third"})
    assert model.forecast(2, [{"k": "up"}]) == [0.0, 0.0]


def test_beyond_the_horizon_forecasts_are_fed_back_and_nothing_changes() -> None:
    model = RecurrentForecaster(horizon=2)
    for n in range(500):
        model.learn_one(10.0 * n, {"feature": 1.0})
    direct, far = model.forecast(2), model.forecast(5)
    assert far[:2] == direct == model.forecast(2)
    assert far == pytest.approx([5000, 5010, 5020, 5030, 5040], abs=15)


def test_an_odd_event_scores_high() -> None:
    model = RecurrentAnomalyDetector(hidden=8, stride=1)
    generator = np.random.default_rng(3)
    scores = []
    for t in range(1500):
        x = {"level": math.sin(t / 6) + 0.05 * generator.normal(), "load": 1.0 + t % 2}
        scores.append(model.score_one(x))
        model.learn_one(x)
    assert model.score_one({"level": 4.0, "load": 1.0}) > 0.999
    assert 0.35 < np.mean(scores[300:]) < 0.65


def test_a_pickle_goes_on_with_the_same_bits() -> None:
    X, y = data(100)
    model = RecurrentRegressor(hidden=4, stride=3)
    model.predict_learn_many(X[:50], y[:50])
    other = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(
        other.predict_learn_many(X[50:], y[50:]), model.predict_learn_many(X[50:], y[50:])
    )


def test_a_feature_that_comes_late_leaves_what_forecaster_and_detector_know() -> None:
    forecaster, detector = RecurrentForecaster(hidden=4), RecurrentAnomalyDetector(hidden=4)
    for n in range(60):
        forecaster.learn_one(float(n % 7), {"a": float(n)})
        detector.learn_one({"a": float(n % 7)})
    before = forecaster._forecaster.streams.state()[1], detector._learner.streams.state()[1]
    forecaster.learn_one(4.0, {"a": 60.0, "b": 1.0})
    detector._add(["b"])
    after = forecaster._forecaster.streams.state()[1], detector._learner.streams.state()[1]
    assert {*after[0]["count"][0, :-1].tolist()} == {61.0}
    assert after[0]["count"][0, -1] == 1.0
    lags = after[0]["recent"][0, :, :-1], before[0]["recent"][0, :, 1:]
    np.testing.assert_array_equal(*lags)
    for name, kept in before[1].items():
        if name in ("scaling", "expected", "errors"):
            now = after[1][name][tuple(slice(size) for size in kept.shape)]
            np.testing.assert_array_equal(now, kept)
