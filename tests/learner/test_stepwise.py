"""Step by step a network says what it says of a whole sequence."""

import numpy as np

from streamrnn.layers.stack import Layer
from streamrnn.learner.optimization import Optimization
from streamrnn.learner.sequence_network import SequenceArchitecture
from streamrnn.learner.sequences.stepwise import StepwiseNetwork


def test_steps_are_those_of_a_whole_run() -> None:
    a = SequenceArchitecture((Layer("lstm", 3), Layer("gru", 4)), 2, 5, pooling=())
    network, draw = StepwiseNetwork(a, Optimization()), np.random.default_rng(1)
    network.parameters[:] = draw.normal(size=network.size)
    given = draw.normal(size=(9, 2)).astype(np.float32)
    expected = network.forward(given).copy()
    state, other = network.first_state(), network.first_state()
    for t in range(9):
        # Others may be asked in between.
        network.step(given[8 - t : 9 - t], other)
        found = network.step(given[t : t + 1], state)
        np.testing.assert_allclose(found[0], expected[t], rtol=1e-5, atol=1e-6)
    assert not np.allclose(state, other)
