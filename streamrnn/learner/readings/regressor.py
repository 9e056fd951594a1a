"""The number that goes with each reading.

A network carries its state from reading to reading; beside it a linear part sees the reading alone,
and the last number of the stream is told to come again. They are mixed by how far off they are.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels import events
from streamrnn.kernels.scaling import scale, update_scaling
from streamrnn.learner.learner import FORGETTING
from streamrnn.learner.readings.base import Hyperparameters, ReadingLearner
from streamrnn.learner.sequences.frames import Scaling
from streamrnn.learner.sequences.mixed import HUBER, LIMIT, Mixed
from streamrnn.learner.sequences.spread import Spread

EXPERTS = "last_number", "wide", "network"


@dataclass(frozen=True, slots=True)
class Estimate:
    """What is thought of a reading, before its number is seen.

    Attributes:
        step: Of its stream, from 0.
        seen: The reading in units of its deviation, ``(F,)``.
        opinions: By each expert, in units of the numbers' deviation from their mean, ``(E,)``.
        value: By all of them, in its own units; NaN before any number is known.
        interval: Where the number is expected to lie; None before any error is known.
    """

    step: int
    seen: NDArray[np.float64]
    opinions: NDArray[np.float64]
    value: float
    interval: tuple[float, float] | None


class ReadingRegressor(ReadingLearner):
    """Predicts the number of each reading, then learns it.

    Args:
        hyperparameters: What it is made of.
    """

    def __init__(self, hyperparameters: Hyperparameters) -> None:
        fields = (("number", np.float64, ()),)
        first = {"number": np.array(np.nan)}
        super().__init__(hyperparameters, 1, "huber", fields, first)
        self._targets, self._spread = Scaling(1), Spread(hyperparameters.coverage)
        self._mixed = Mixed(len(EXPERTS))

    @property
    def weights(self) -> dict[str, float]:
        """What each opinion weighs."""
        return dict(zip(EXPERTS, self._mixed.weights.tolist(), strict=True))

    def answer(self, key: str, reading: NDArray[np.float64]) -> Estimate:
        """Return what is thought of a stream's next reading; nothing changes.

        Args:
            key: The stream.
            reading: ``(F,)``; NaN where a number is not known.
        """
        seen, step = self._seen(reading), self._field("taken", key, 0)
        count, mean, variance = self._targets.numbers[:, 0].tolist()
        if not count:
            return Estimate(step, seen, np.zeros(len(EXPERTS)), np.nan, None)
        last = self._scaled(self._field("number", key, np.nan))
        network = self._scaled(float(self._outputs(key, reading)[0]))
        opinions = np.array([last, float(self._linear(seen)[0]), network])
        opinions = np.clip(opinions, -LIMIT, LIMIT)
        value = mean + self._mixed.mean(opinions) * float(np.sqrt(variance))
        return Estimate(step, seen, opinions, value, self._spread.interval(value))

    def _scaled(self, number: float) -> float:
        """Return a number in units of the deviation from the mean; 0 for one that is not known."""
        _, mean, variance = self._targets.numbers[:, 0].tolist()
        if np.isnan(number) or variance <= 0:
            return 0.0
        return float(np.clip((number - mean) / np.sqrt(variance), -LIMIT, LIMIT))

    def take(
        self, key: str, reading: NDArray[np.float64], estimate: Estimate, number: float
    ) -> float:
        """Take a step of a stream, and learn its number if that is known.

        Args:
            key: The stream.
            reading: As it was answered.
            estimate: What was thought of it just before.
            number: NaN teaches nothing.

        Returns:
            How unusual the number was; NaN where that is not known.

        Raises:
            RecordError: The network's output or gradient is not finite.
        """
        row = self._advance(key, reading, number)
        if np.isnan(number):
            return np.nan
        self.learner.streams["number"][row] = number
        return self._learn_beside(estimate.seen, number, estimate)

    def teach(self, key: str, step: int, seen: NDArray[np.float64], number: float) -> None:
        """Learn the number of an earlier step; the network does if it still holds the step.

        Args:
            key: The stream.
            step: As it was thought of.
            seen: The same, ``(F,)``.
            number: What it turned out to be.
        """
        row = self.learner.streams.find(key)
        self._learn_beside(seen, number, None)
        if row is not None:
            if self._h.enabled:
                back = int(self.learner.streams["taken"][row]) - 1 - step
                self.learner.teach(row, back, 0, self._as_kept(row, number))
            self.learner.streams["number"][row] = number

    def _as_kept(self, row: int, number: float) -> float:
        """Take a number into the scale of the network's targets; return it in this."""
        scalings = self.learner.of_model("scalings")[row if self._h.own_weights else 0]
        column = slice(self._h.features, None)
        count, mean = scalings[events.COUNT, column], scalings[events.MEAN, column]
        variance, values = scalings[events.VARIANCE, column], np.array([number])
        update_scaling(values, count, mean, variance, FORGETTING)
        scaled = np.empty(1, np.float32)
        scale(values, count, mean, variance, LIMIT, scaled)
        return float(scaled[0])

    def _learn_beside(
        self, seen: NDArray[np.float64], number: float, estimate: Estimate | None
    ) -> float:
        if not self._h.enabled:
            return np.nan
        anomaly = np.nan
        if estimate is not None and not np.isnan(estimate.value):
            anomaly = self._spread.take_in(number - estimate.value)
        self._targets.take_in(np.array([[number]]))
        target = self._scaled(number)
        if estimate is not None and not np.isnan(estimate.value):
            self._mixed.learn(estimate.opinions, target)
        self._learn_linear(seen, np.clip(self._linear(seen) - target, -HUBER, HUBER))
        return anomaly

    def _tensors(self) -> dict[str, NDArray[Any]]:
        return {
            **super()._tensors(),
            **self._spread.tensors(),
            "targets": self._targets.numbers,
            "errors": self._mixed.errors,
        }
