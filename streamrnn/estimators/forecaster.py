"""A forecaster of the next values of a stream."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from river.time_series.base import Forecaster as RiverForecaster

from streamrnn.estimators.base import check_hyperparameters, check_whole, split
from streamrnn.estimators.columns import Columns, finite
from streamrnn.learner.experts import NAMES as EXPERTS
from streamrnn.learner.forecaster import OPTIMIZATION, Forecaster, Hyperparameters
from streamrnn.learner.growth import take_over


class RecurrentForecaster(RiverForecaster):
    """Forecasts the next values of a stream, all of ``horizon`` at once.

    What the network and the experts beside it forecast is mixed by how it turned out so far.
    ``forecast(n)`` takes the first n of the
    direct forecasts; beyond ``horizon`` forecasts are fed back as if they were values, which is
    weaker. Features of the steps to come (``xs``) are not used, but for the one that names the
    stream.

    Parameters
    ----------
    horizon
        Steps that are forecast at once.
    season
        Known seasons, in steps, if there are any.
    experts
        What forecasts beside the network, some of ``last_value``, ``last_season``, ``smoother`` and
        ``regression``; ``()`` leaves the network alone.

    The others are those of the other estimators: see ``RecurrentRegressor.__init__``.

    Examples
    --------
    >>> from streamrnn import RecurrentForecaster

    >>> model = RecurrentForecaster(horizon=3)
    >>> for n in range(400):
    ...     model.learn_one(10.0 * n)
    >>> [round(value, -1) for value in model.forecast(3)]
    [4000.0, 4010.0, 4020.0]

    """

    def __init__(
        self,
        horizon: int = 1,
        season: tuple[int, ...] | None = None,
        experts: tuple[str, ...] | None = None,
        cell: str = "lstm",
        hidden: int = 8,
        layers: int = 1,
        window: int = 8,
        stride: int = 1,
        optimizer: str = "adam",
        learning_rate: float = 0.003,
        schedule: str = "inverse_root",
        norm: bool = False,
        seed: int = 1,
        key: str | None = None,
        max_streams: int = 100_000,
        own_weights: bool = False,
    ) -> None:
        self.horizon, self.season, self.experts = horizon, season, experts
        self.cell, self.hidden, self.layers = cell, hidden, layers
        self.window, self.stride = window, stride
        self.optimizer, self.learning_rate = optimizer, learning_rate
        self.schedule, self.norm = schedule, norm
        self.seed, self.key = seed, key
        self.max_streams, self.own_weights = max_streams, own_weights
        check_hyperparameters(self)
        check_whole("horizon", horizon, 1)
        if season is not None and not isinstance(season, tuple):
            raise ValueError(f"season: expected a tuple of whole numbers, got {season!r}")
        for length in season or ():
            check_whole("season", length, 2)
        for name in experts or ():
            if name not in EXPERTS:
                raise ValueError(f"experts: expected some of {', '.join(EXPERTS)}, got {name!r}")
        self._columns = Columns()
        self._newest = ""
        # Room for one event, so that it is not made anew for each.
        self._row, self._value = np.zeros(1, np.int64), np.zeros(1)
        self._forecaster = self._make(features=0)

    def _make(self, features: int) -> Forecaster:
        return Forecaster(
            Hyperparameters(
                features=features,
                horizon=self.horizon,
                season=tuple(self.season or ()),
                experts=EXPERTS if self.experts is None else tuple(self.experts),
                cell=self.cell,
                hidden=self.hidden,
                layers=self.layers,
                optimization=replace(
                    OPTIMIZATION,
                    optimizer=self.optimizer,
                    learning_rate=self.learning_rate,
                    schedule=self.schedule,
                ),
                window=self.window,
                stride=self.stride,
                seed=self.seed,
                max_streams=self.max_streams,
                norm=self.norm,
                own_weights=self.own_weights,
            )
        )

    @property
    def learning_steps(self) -> int:
        """Learning steps so far."""
        return self._forecaster.learner.step

    @property
    def undone_steps(self) -> int:
        """Steps that were undone, since an output or the gradient was not finite."""
        return self._forecaster.learner.undone

    def learn_one(self, y: float | None, x: Mapping[Any, Any] | None = None) -> None:
        """Take a stream's next value, and learn from it; None is a value that is not known.

        Raises
        ------
        ValueError
            The value or a feature is not finite, or of the wrong type; nothing has changed.

        """
        value = math.nan if y is None else finite("value", y)
        key, features = split(self.key, x or {})
        row = self._columns.row(features, len(self._columns))
        if not self._columns.complete:
            self._columns.add(self._columns.missing(features))
            former, self._forecaster = self._forecaster, self._make(len(self._columns))
            take_over(former.learner, self._forecaster.learner)
            row = self._columns.row(features, len(self._columns))
        self._newest = key
        self._row[0], self._value[0] = self._forecaster.streams.row(key), value
        # An event that is undone is counted by the learner; there is nothing else to do about it.
        self._forecaster.predict_and_learn(self._row, row.reshape(1, -1), self._value)

    def forecast(self, horizon: int, xs: Sequence[Mapping[Any, Any]] | None = None) -> list[float]:
        """Return the next values of the stream that the first of ``xs`` names, or of the newest.

        Those of a stream that is not known are 0.

        Raises
        ------
        ValueError
            The horizon is not a whole number of at least 1.

        """
        check_whole("horizon", horizon, 1)
        key = split(self.key, xs[0])[0] if xs and self.key is not None else self._newest
        row = self._forecaster.streams.find(key)
        if row is None:
            return [0.0] * horizon
        values: list[float] = np.asarray(self._forecaster.ahead(row, horizon)).tolist()
        return values
