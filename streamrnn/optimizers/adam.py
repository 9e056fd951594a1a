"""Adam: the algorithm is in `streamrnn.kernels.optimizers`."""

import math
from collections.abc import Mapping

from numpy.typing import DTypeLike

from streamrnn.arrays import aligned_zeros
from streamrnn.kernels.optimizers import adam, clip_by_global_norm
from streamrnn.kernels.products import Array


class Adam:
    """Adam with a gradient clipped by its global norm and a rate that falls with the steps.

    Args:
        size: Number of parameters.
        dtype: Type of all numbers.
        learning_rate: The rate at the first step.
        decay: The rate after n steps is ``learning_rate / sqrt(1 + decay n)``.
        beta1: Decay of the running mean of the gradient.
        beta2: Decay of the running mean of its square.
        epsilon: Keeps the division by the root of the latter finite.
        clip: The largest norm of a gradient.
    """

    def __init__(
        self,
        size: int,
        dtype: DTypeLike,
        learning_rate: float,
        decay: float = 0.001,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        clip: float = 1.0,
    ) -> None:
        self.learning_rate, self.decay, self.clip = learning_rate, decay, clip
        self.beta1, self.beta2, self.epsilon = beta1, beta2, epsilon
        self.step = 0
        self._first = aligned_zeros(size, dtype)
        self._second = aligned_zeros(size, dtype)

    def update(self, parameters: Array, gradient: Array) -> float:
        """Change the parameters against the gradient, which is clipped in place.

        Returns:
            The gradient's norm as it came. Where it is not finite nothing has changed.
        """
        norm = clip_by_global_norm(gradient, self.clip)
        if math.isfinite(norm):
            self.step += 1
            rate = self.learning_rate / math.sqrt(1 + self.decay * self.step)
            adam(
                parameters,
                gradient,
                self._first,
                self._second,
                self.step,
                rate,
                self.beta1,
                self.beta2,
                self.epsilon,
            )
        return norm

    def tensors(self) -> dict[str, Array]:
        """Return the state's arrays by name, without a copy."""
        return {"first": self._first, "second": self._second}

    def restore(self, step: int, tensors: Mapping[str, Array]) -> None:
        """Take over the number of steps and the arrays of `tensors`."""
        self.step = step
        self._first[:] = tensors["first"]
        self._second[:] = tensors["second"]
