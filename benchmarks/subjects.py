"""streamrnn itself, by its public interface."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from benchmarks.data import Events
from benchmarks.measure import Run
from benchmarks.settings import LEARNING_RATE, WINDOW


def regressor(**options: Any) -> Any:
    """Return a regressor as all comparisons use it, with further options."""
    return import_module("streamrnn").RecurrentRegressor(
        cell="lstm",
        layers=1,
        window=WINDOW,
        optimizer="adam",
        learning_rate=LEARNING_RATE,
        seed=1,
        **options,
    )


def arrays(stride: int) -> Callable[[int, int], Run]:
    """Return a subject that takes all events at once."""

    def start(hidden: int, inputs: int) -> Run:
        model = regressor(hidden=hidden, stride=stride)
        return lambda events: model.predict_learn_many(events.x, events.y)

    return start


def single(stride: int) -> Callable[[int, int], Run]:
    """Return a subject that takes one event at a time, by the names of its features."""

    def start(hidden: int, inputs: int) -> Run:
        model = regressor(hidden=hidden, stride=stride)

        def run(events: Events) -> None:
            for x, y in events.pairs:
                model.predict_one(x)
                model.learn_one(x, y)

        return run

    return start
