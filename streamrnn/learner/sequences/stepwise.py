"""A network over sequences that can also be asked step by step, while a sequence is written."""

import numpy as np

from streamrnn.arrays import aligned_zeros
from streamrnn.kernels import network, whole
from streamrnn.kernels.products import Array
from streamrnn.kernels.stepping import step_forward
from streamrnn.learner.sequence_network import SequenceNetwork


class StepwiseNetwork(SequenceNetwork):
    """A network whose layers read forwards only, without a convolution or a pooling."""

    def first_state(self) -> Array:
        """Return the state before the first step, ``(S,)``."""
        return np.zeros(self._state.size, self.dtype)

    @property
    def parts(self) -> tuple[network.Plan, whole.Shape, Array, Array]:
        """What kernels are given of it: plan, shape, parameters and workspace."""
        return self.plan, self.shape, self.model, self._workspace

    def step(self, given: Array, state: Array) -> Array:
        """Return the outputs ``(1, O)`` of one step.

        Args:
            given: ``(1, G)``.
            state: That before the step, ``(S,)``; becomes that after it.
        """
        outputs: Array = aligned_zeros((1, self.architecture.outputs), self.dtype)
        step_forward(
            *self.parts,
            state,
            given,
            outputs,
            *self.uses,
        )
        return outputs
