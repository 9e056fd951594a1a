"""River's own checks, and River's ways of use."""

from collections.abc import Callable, Iterator
from importlib import import_module
from itertools import islice
from typing import Any

import pytest

import streamrnn
from streamrnn import RecurrentClassifier, RecurrentForecaster, RecurrentRegressor

# River's methods carry no types.
checks: Any = import_module("river.checks")
datasets: Any = import_module("river.datasets")
evaluate: Any = import_module("river.evaluate")
metrics: Any = import_module("river.metrics")
preprocessing: Any = import_module("river.preprocessing")


class LabelledEvents:
    """In place of the data set that River's check of anomaly detectors would download."""

    def take(self, events: int) -> Iterator[Any]:
        return islice(datasets.Phishing(), events)


def checks_of(name: str) -> list[Any]:
    """Return each of River's checks for an estimator, with its data set."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(datasets, "CreditCard", LabelledEvents)
        return list(checks.yield_checks(getattr(streamrnn, name)()))


ALL = [
    pytest.param(name, check, id=f"{name}-{number}-{check.__name__}")
    for name in streamrnn.__all__
    for number, check in enumerate(checks_of(name))
]


@pytest.mark.parametrize(("name", "check"), ALL)
def test_it_passes_the_checks_of_river(name: str, check: Callable[[Any], None]) -> None:
    model = getattr(streamrnn, name)()
    assert not model._unit_test_skips()
    check(model.clone())


def test_a_regressor_stands_in_a_pipeline() -> None:
    model = preprocessing.StandardScaler() | RecurrentRegressor(hidden=8, stride=1)
    score = evaluate.progressive_val_score(datasets.TrumpApproval(), model, metrics.MAE())
    assert score.get() < 1.0


def test_a_classifier_learns_with_labels_that_come_late() -> None:
    model = RecurrentClassifier(hidden=8, stride=1)
    stream = ((x, y) for x, y in datasets.Phishing())
    steps = list(
        evaluate.iter_progressive_val_score(
            stream, model, metrics.Accuracy(), step=100, delay=5, moment=None
        )
    )
    assert steps[-1]["Accuracy"].get() > 0.8


def test_a_forecaster_is_evaluated_as_a_time_series() -> None:
    metric = metrics.MAE()
    model = RecurrentForecaster(horizon=12, season=(12,), hidden=8)
    score = evaluate.evaluate(datasets.AirlinePassengers(), model, metric, horizon=12)
    assert len(score.metrics) == 12
    assert all(part.get() < 120 for part in score.metrics)
