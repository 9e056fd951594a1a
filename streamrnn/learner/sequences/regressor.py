"""A number for each whole sequence: a network and linear parts, mixed by how far off they are."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels import losses
from streamrnn.kernels.products import Array
from streamrnn.learner.sequences.base import SequenceLearner
from streamrnn.learner.sequences.experts import NO_RATIOS
from streamrnn.learner.sequences.frames import Scaling
from streamrnn.learner.sequences.hyperparameters import Hyperparameters
from streamrnn.learner.sequences.linears import Linears, Look, Outputs
from streamrnn.learner.sequences.mixed import HUBER, LIMIT, Mixed
from streamrnn.learner.sequences.reader import Reading
from streamrnn.learner.sequences.sequence import Steps
from streamrnn.learner.sequences.spread import Spread

WHOLE = np.ones((1, 1), np.bool_)


@dataclass(frozen=True, slots=True)
class Estimate:
    """What is thought of a sequence, before its number is seen.

    Attributes:
        look: The sequence as linear parts look at it.
        reading: The same as the network sees it; None without one.
        linear: What each linear part says, ``(1,)``.
        opinions: By each expert, in units of the deviation from the mean, ``(E,)``.
        value: By all of them, in its own units; NaN before any number is known.
        interval: Where the number is expected to lie; None before any error is known.
    """

    look: Look
    reading: Reading | None
    linear: list[Outputs]
    opinions: NDArray[np.float64]
    value: float
    interval: tuple[float, float] | None


class SequenceRegressor(SequenceLearner):
    """Predicts a number for each sequence, then learns it.

    Args:
        hyperparameters: What it is made of.
        width: Numbers of a frame, where steps are numbers.
        coverage: The share of numbers that intervals are to hold.
    """

    def __init__(self, hyperparameters: Hyperparameters, width: int, coverage: float) -> None:
        h = hyperparameters
        super().__init__(h, width, 1, remembered=False, pooled=True)
        self._linears = Linears(h, self._width, 1)
        self._targets, self._spread = Scaling(1), Spread(coverage)
        self._mixed = Mixed(len(self._linears.names) + (self._reader is not None))

    def answer(self, steps: Steps) -> Estimate:
        """Return what is thought of a sequence; nothing is learned."""
        frames, reading = self._placed(steps.frames), None
        look = self._linears.look(steps, frames)
        linear = self._linears.outputs(look)
        opinions = [float(outputs[0]) for outputs in linear]
        if self._reader:
            reading = self._reading(steps, frames, NO_RATIOS)
            opinions.append(float(self._reader.outputs(reading)[0, 0]))
        found = np.clip(np.array(opinions or [0.0]), -LIMIT, LIMIT)
        count, mean, variance = self._targets.numbers[:, 0].tolist()
        if not count:
            return Estimate(look, reading, linear, found, np.nan, None)
        value = mean + self._mixed.mean(found) * float(np.sqrt(variance))
        return Estimate(look, reading, linear, found, value, self._spread.interval(value))

    def learn(self, steps: Steps, estimate: Estimate, number: float) -> float:
        """Learn the number of a sequence, once; return how unusual it was, NaN for the first ones.

        Args:
            steps: The sequence.
            estimate: What was thought of it just before.
            number: What it turned out to be.
        """
        if not self._h.enabled:
            return np.nan
        first = np.isnan(estimate.value)
        anomaly = np.nan if first else self._spread.take_in(number - estimate.value)
        self._targets.take_in(np.array([[number]]))
        target = self._scaled(number)
        if not first:
            self._mixed.learn(estimate.opinions, target)
        # Kept in its own units: what a deviation is, changes.
        self._learn_network(steps, np.array([number]), estimate.reading)
        slopes = [np.clip(outputs - target, -HUBER, HUBER) for outputs in estimate.linear]
        self._linears.learn(estimate.look, slopes)
        if self._framed:
            self._scaling.take_in(self._placed(steps.frames))
            self._linears.take_in(estimate.look)
        self._keep(steps, np.array([number]))
        return anomaly

    def _scaled(self, number: float) -> float:
        _, mean, variance = self._targets.numbers[:, 0].tolist()
        deviation = (number - mean) / np.sqrt(variance) if variance > 0 else 0.0
        return float(np.clip(deviation, -LIMIT, LIMIT))

    def _loss(self, outputs: Array, targets: NDArray[Any], doutputs: Array) -> float:
        wanted = np.array([[self._scaled(float(targets[0]))]], np.float32)
        loss: float = losses.huber(outputs, wanted, WHOLE, doutputs, HUBER)
        return loss

    def _tensors(self) -> dict[str, NDArray[Any]]:
        found = {**super()._tensors(), **self._spread.tensors(), **self._linears.tensors()}
        return {**found, "targets": self._targets.numbers, "errors": self._mixed.errors}
