"""A number for each whole sequence: a network and linear parts, mixed by how far off they are."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels import losses
from streamrnn.kernels.products import Array
from streamrnn.learner.sequences.base import SequenceLearner
from streamrnn.learner.sequences.descriptions import Descriptions
from streamrnn.learner.sequences.experts import Wide
from streamrnn.learner.sequences.frames import Scaling
from streamrnn.learner.sequences.hyperparameters import Hyperparameters
from streamrnn.learner.sequences.mixed import HUBER, LIMIT, Mixed
from streamrnn.learner.sequences.ngrams import GRAMS, places_of, places_of_parts
from streamrnn.learner.sequences.sequence import Steps
from streamrnn.learner.sequences.spread import Spread

WHOLE = np.ones((1, 1), np.bool_)


@dataclass(frozen=True, slots=True)
class Estimate:
    """What is thought of a sequence, before its number is seen.

    Attributes:
        opinions: By each expert, in units of the deviation from the mean, ``(E,)``.
        value: By all of them, in its own units; NaN before any number is known.
        interval: Where the number is expected to lie; None before any error is known.
    """

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
        super().__init__(h, width, 0, 1, pooled=True)
        linear, words = "wide" in h.experts, h.steps == "words"
        self._wide = Wide("wide", h.cells, 1) if linear and not self._framed else None
        self._parts = Wide("parts", h.cells, 1) if linear and words else None
        points = (self._width - 2) // 2 if h.points else 0
        framed = linear and self._framed
        self._descriptions = Descriptions(self._width, points, 1) if framed else None
        self._targets, self._spread = Scaling(1), Spread(coverage)
        parts = self._wide, self._parts, self._descriptions, self._reader
        self._mixed = Mixed(sum(part is not None for part in parts))

    def answer(self, steps: Steps) -> Estimate:
        """Return what is thought of a sequence; nothing is learned."""
        opinions = self._linear(steps)
        if self._reader:
            reading = self._reading(steps, self._placed(steps.frames), [])
            opinions.append(float(self._reader.outputs(reading)[0, 0]))
        found = np.clip(np.array(opinions or [0.0]), -LIMIT, LIMIT)
        count, mean, variance = self._targets.numbers[:, 0].tolist()
        if not count:
            return Estimate(found, np.nan, None)
        value = mean + self._mixed.mean(found) * float(np.sqrt(variance))
        return Estimate(found, value, self._spread.interval(value))

    def _linear(self, steps: Steps) -> list[float]:
        found = []
        if self._wide:
            found.append(self._wide.outputs(places_of(steps, GRAMS[self._h.steps])))
        if self._parts:
            found.append(self._parts.outputs([places_of_parts(steps)]))
        if self._descriptions:
            description = self._descriptions.describe(self._placed(steps.frames))
            found.append(self._descriptions.outputs(description))
        return [float(outputs[0]) for outputs in found]

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
        if self._framed:
            self._scaling.take_in(self._placed(steps.frames))
        # Kept in its own units: what a deviation is, changes.
        self._learn_network(steps, np.array([number]), [])
        self._learn_linear(steps, target)
        self._keep(steps, np.array([number]))
        return anomaly

    def _scaled(self, number: float) -> float:
        _, mean, variance = self._targets.numbers[:, 0].tolist()
        deviation = (number - mean) / np.sqrt(variance) if variance > 0 else 0.0
        return float(np.clip(deviation, -LIMIT, LIMIT))

    def _learn_linear(self, steps: Steps, target: float) -> None:
        if self._wide:
            places = places_of(steps, GRAMS[self._h.steps])
            self._wide.learn(places, _slope(self._wide.outputs(places), target))
        if self._parts:
            places = [places_of_parts(steps)]
            self._parts.learn(places, _slope(self._parts.outputs(places), target))
        if self._descriptions:
            description = self._descriptions.describe(self._placed(steps.frames))
            self._descriptions.take_in(description)
            outputs = self._descriptions.outputs(description)
            self._descriptions.learn(description, _slope(outputs, target))

    def _loss(self, outputs: Array, targets: NDArray[Any], doutputs: Array) -> float:
        wanted = np.array([[self._scaled(float(targets[0]))]], np.float32)
        loss: float = losses.huber(outputs, wanted, WHOLE, doutputs, HUBER)
        return loss

    def _tensors(self) -> dict[str, NDArray[Any]]:
        found = {**super()._tensors(), **self._spread.tensors()}
        for part in (self._wide, self._parts, self._descriptions):
            found |= part.tensors() if part else {}
        return {**found, "targets": self._targets.numbers, "errors": self._mixed.errors}


def _slope(outputs: NDArray[np.float64], target: float) -> NDArray[np.float64]:
    """Return the gradient of the Huber loss."""
    return np.clip(outputs - target, -HUBER, HUBER)
