"""What all learners of whole sequences have: a reservoir, counts, and perhaps a network."""

import math
from collections.abc import Mapping

import numpy as np

from streamrnn.learner.lessons import Totals
from streamrnn.learner.sequences.draws import Draws
from streamrnn.learner.sequences.hyperparameters import Hyperparameters
from streamrnn.learner.sequences.reader import Reader
from streamrnn.learner.sequences.reservoir import Reservoir
from streamrnn.learner.streams import Streams


class WholeSequences:
    """What is kept from sequence to sequence.

    Args:
        hyperparameters: What it is made of.
        kept: What is kept of a sequence that is learned again, and the axes of each array.

    Attributes:
        totals: What learning came to so far.
        streams: None: each sequence begins anew.
    """

    def __init__(self, hyperparameters: Hyperparameters, kept: Mapping[str, int]) -> None:
        self._h = hyperparameters
        self._draws = Draws(hyperparameters.seed)
        most, most_steps = hyperparameters.replay.most, hyperparameters.replay.most_steps
        self._reservoir = Reservoir(kept, most, most_steps, self._draws)
        self.totals, self.streams = Totals(), Streams((), 1)
        self._reader: Reader | None = None

    @property
    def learning_rate(self) -> float:
        """The rate of the network's next learning step."""
        return self._h.optimization.rate(self.totals.steps + 1)

    @property
    def weights_norm(self) -> float:
        """The norm of the network's parameters; NaN without one."""
        return float(np.linalg.norm(self._reader.network.parameters)) if self._reader else math.nan

    @property
    def step(self) -> int:
        """Learning steps so far."""
        return self.totals.steps
