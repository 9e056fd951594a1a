"""River's forecasters of one stream, for comparison."""

import math
import time
from collections import deque
from collections.abc import Sequence
from importlib import import_module
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from streamrnn.codecs.base import LARGEST

LONGEST_SEASON = 1000
"""A smoother keeps a whole season, and learns each place of it only once a season."""
LAGS = 12
LEVEL_ALONE = {"alpha": 0.9}
SEASONAL = {"alpha": 0.9, "beta": 0.001, "gamma": 0.1}
MULTIPLICATIVE = {"alpha": 0.3, "beta": 0.1, "gamma": 0.6, "multiplicative": True}
"""The settings of River's own example, which is made for a season that grows with the level."""


class Peer(Protocol):
    """Forecasts one stream."""

    def following(self, value: float) -> Sequence[float]:
        """Learn a value; return what is forecast at each of the steps, NaN where nothing is."""
        ...


def peer_names(seasons: Sequence[int]) -> list[str]:
    """Return what the methods of `Peers` are called."""
    season = _smoothed(seasons)
    seasonal = [f"{season}", f"{season}, multiplicative"] if season else []
    return [
        "River HoltWinters",
        *(f"River HoltWinters ({kind})" for kind in seasonal),
        "River Bayesian regression on lags",
    ]


class Peers:
    """All of River's methods on one stream.

    Args:
        steps: How many steps ahead they forecast, in ascending order.
        seasons: Known seasons, in steps.

    Attributes:
        seconds: How long they took so far.
    """

    def __init__(self, steps: Sequence[int], seasons: Sequence[int]) -> None:
        season = _smoothed(seasons)
        settings: list[dict[str, object]] = [{**LEVEL_ALONE}]
        if season:
            settings += [{**kind, "seasonality": season} for kind in (SEASONAL, MULTIPLICATIVE)]
        self._peers: list[Peer] = [
            *(Smoother(steps, setting) for setting in settings),
            Regression(steps, seasons),
        ]
        self._unknown = np.full((len(self._peers), len(steps)), np.nan)
        self.seconds = 0.0

    def following(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Learn values in order; return what is forecast after each.

        Args:
            values: ``(n,)``; those before the first known one are NaN.

        Returns:
            ``(n, peers, steps)``.
        """
        started = time.perf_counter()
        made = [
            self._unknown
            if math.isnan(value)
            else np.array([peer.following(value) for peer in self._peers])
            for value in values.tolist()
        ]
        self.seconds += time.perf_counter() - started
        return np.array(made).reshape(len(values), *self._unknown.shape)


class Smoother:
    """River's HoltWinters.

    Where it breaks down the last value stands for its forecast, for else no method could be scored
    there: its seasons as factors can grow without bound, and divide by zero.

    Args:
        steps: How many steps ahead it forecasts, in ascending order.
        settings: Of the method.
    """

    def __init__(self, steps: Sequence[int], settings: dict[str, object]) -> None:
        # River's methods carry no types, hence the import.
        self._method: Any = import_module("river.time_series").HoltWinters(**settings)
        self._steps, self._seen = steps, 0
        self._needed = max(2, self._method.seasonality)

    def following(self, value: float) -> Sequence[float]:
        self._seen += 1
        try:
            self._method.learn_one(value)
            if self._seen < self._needed:
                return [math.nan] * len(self._steps)
            made = self._method.forecast(self._steps[-1])
        except ArithmeticError:
            return [value] * len(self._steps)
        return [_bounded(made[step - 1], value) for step in self._steps]


class Regression:
    """River's BayesianLinearRegression on the last values and those around a season ago.

    One regression for each of the steps learns it directly.

    Args:
        steps: How many steps ahead it forecasts, in ascending order.
        seasons: Known seasons, in steps.
    """

    def __init__(self, steps: Sequence[int], seasons: Sequence[int]) -> None:
        preprocessing: Any = import_module("river.preprocessing")
        linear_model: Any = import_module("river.linear_model")
        self._steps = steps
        self._models = [
            preprocessing.StandardScaler()
            | preprocessing.TargetStandardScaler(regressor=linear_model.BayesianLinearRegression())
            for _ in steps
        ]
        # How many steps before the newest value a feature lies.
        self._places = [
            sorted({*range(LAGS), *_around_a_season_ago(step, seasons)}) for step in steps
        ]
        longest = max(places[-1] for places in self._places)
        self._values: deque[float] = deque(maxlen=longest + 1)
        self._pending: list[deque[dict[int, float]]] = [deque(maxlen=step) for step in steps]

    def following(self, value: float) -> Sequence[float]:
        self._values.append(value)
        made = []
        for step, model, places, pending in zip(
            self._steps, self._models, self._places, self._pending, strict=True
        ):
            if len(pending) == step:
                model.learn_one(pending[0], value)
            known = len(self._values)
            features = {place: self._values[-1 - place] for place in places if place < known}
            made.append(
                _bounded(model.predict_one(features), value) if len(pending) == step else math.nan
            )
            pending.append(features)
        return made


def _around_a_season_ago(step: int, seasons: Sequence[int]) -> set[int]:
    ago = [-step % season for season in seasons]
    return {max(place + beside, 0) for place in ago for beside in (-1, 0, 1)}


def _smoothed(seasons: Sequence[int]) -> int | None:
    """Return the season that a smoother is given: the shortest, which is learned the soonest."""
    return min((season for season in seasons if season <= LONGEST_SEASON), default=None)


def _bounded(forecast: float, instead: float) -> float:
    return forecast if abs(forecast) <= LARGEST else instead
