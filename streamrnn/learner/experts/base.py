"""The interface of all experts."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from streamrnn.learner.history import Past
from streamrnn.learner.streams import Streams

Numbers = NDArray[np.float64]


class Expert(ABC):
    """A small learner that forecasts beside the network, at a fraction of its cost.

    Attributes:
        name: As it is shown.
        fields: What it keeps of each stream: ``(name, type, shape of a row)``.
        first: What a field begins as, where that is not zero.
    """

    name: str
    fields: tuple[tuple[str, DTypeLike, tuple[int, ...]], ...] = ()
    first: Mapping[str, NDArray[Any]] = {}

    @abstractmethod
    def forecast(self, streams: Streams, past: Past, opinions: Numbers, *, learning: bool) -> None:
        """Learn from the value of each event, then forecast from it, in order.

        Args:
            streams: Have the `fields`.
            past: What the past of each event's stream says.
            opinions: Filled with the next values, ``(E, H)``; NaN where there is nothing to say.
            learning: Whether anything is learned; what is only remembered always is.
        """
