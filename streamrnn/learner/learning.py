"""What every learner tells those who watch it."""

from typing import Protocol

from streamrnn.learner.lessons import Totals
from streamrnn.learner.streams import Streams


class Learning(Protocol):
    """What learns, seen from outside."""

    streams: Streams

    @property
    def totals(self) -> Totals:
        """What learning came to so far."""
        ...

    @property
    def learning_rate(self) -> float:
        """The rate of the next learning step."""
        ...

    @property
    def weights_norm(self) -> float:
        """The norm of all parameters of the network; NaN where there is not one."""
        ...
