"""A detector of events that their past did not lead to expect."""

import math
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import DTypeLike
from river import base

from streamrnn.errors import RecordError
from streamrnn.estimators.base import RecurrentEstimator, split
from streamrnn.kernels.scaling import scale, update_scaling
from streamrnn.learner.learner import FORGETTING, LIMIT

ERROR_FORGETTING = 0.01
"""The least weight of a new error: errors fall while the network learns."""
SMALLEST_ERROR = 1e-6
"""Keeps the logarithm finite where an event was foreseen exactly."""


class RecurrentAnomalyDetector(RecurrentEstimator, base.AnomalyDetector):
    """Scores how far an event is from what the network expected of the events before it.

    After each event the network predicts the features of the next one. The score is the place of
    its mean squared error among the errors so far, whose logarithms are taken as normally
    distributed: 0.5 is usual, 0.999 one in a thousand. Until two of its errors are known it is 0.

    The hyperparameters are explained at ``__init__``.

    Examples
    --------
    >>> import math
    >>> from streamrnn import RecurrentAnomalyDetector

    >>> model = RecurrentAnomalyDetector(hidden=8, stride=1)
    >>> for t in range(1000):
    ...     model.learn_one({"level": math.sin(t / 5)})
    >>> model.score_one({"level": 3.0}) > 0.99 > model.score_one({"level": math.sin(200)})
    True

    """

    _loss = "huber"

    def _outputs_for(self, inputs: int, outputs: int) -> int:
        return inputs

    def _fields(self, inputs: int) -> tuple[tuple[str, DTypeLike, tuple[int, ...]], ...]:
        return (
            ("scaling", np.float64, (3, inputs)),
            ("expected", np.float64, (inputs,)),
            ("errors", np.float64, (3, 1)),
        )

    def _error(self, row: int, x: np.ndarray[Any, Any]) -> float | None:
        """Return the log of the mean squared error of what was expected of an event."""
        streams = self._learner.streams
        count, mean, variance = streams["scaling"][row]
        if not count.any():
            return None
        scaled = np.zeros(len(x))
        scale(x, count, mean, variance, LIMIT * LIMIT, scaled)
        known = ~np.isnan(x)
        if not known.any():
            return None
        differences = (scaled - streams["expected"][row])[known]
        return math.log(float(np.mean(differences**2)) + SMALLEST_ERROR)

    def score_one(self, x: Mapping[Any, Any]) -> float:
        """Return how unusual an event is, from 0 to 1; nothing changes."""
        key, features = split(self.key, x)
        row = self._learner.streams.find(key)
        if row is None:
            return 0.0
        error = self._error(row, self._columns.row(features, self._width))
        count, mean, variance = self._learner.streams["errors"][row, :, 0]
        if error is None or count < 2 or variance <= 0:
            return 0.0
        return 0.5 * math.erfc((mean - error) / math.sqrt(2 * variance))

    def learn_one(self, x: Mapping[Any, Any]) -> None:
        """Advance the stream by an event, and learn from it what followed the one before.

        Raises
        ------
        ValueError
            A feature is not finite, or of the wrong type; nothing has changed.

        """
        key, inputs = self._event(x)
        learner = self._learner
        row = learner.streams.row(key)
        error = self._error(row, inputs)
        if error is not None:
            count, mean, variance = learner.streams["errors"][row]
            update_scaling(np.array([error]), count, mean, variance, ERROR_FORGETTING)
        count, mean, variance = learner.streams["scaling"][row]
        count[self._columns.categorical] = -1
        update_scaling(inputs, count, mean, variance, FORGETTING)
        scaled = np.zeros(len(inputs), learner.network.dtype)
        scale(inputs, count, mean, variance, LIMIT, scaled)
        for output in np.flatnonzero(~np.isnan(inputs)):
            learner.teach(row, 0, int(output), float(scaled[output]))
        # A step that is undone is counted by the learner; the last good weights stay.
        with suppress(RecordError):
            learner.learn(row)
        with suppress(RecordError):
            learner.streams["expected"][row] = learner.advance(row, scaled)
