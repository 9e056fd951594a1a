"""The last value again, and the value a season ago."""

import numpy as np

from streamrnn.kernels.history import RAW
from streamrnn.learner.experts.base import Expert, Numbers
from streamrnn.learner.history import Past
from streamrnn.learner.streams import Streams


class LastValue(Expert):
    """Forecasts that nothing changes."""

    name = "last_value"

    def forecast(self, streams: Streams, past: Past, opinions: Numbers, *, learning: bool) -> None:
        """Fill all steps with the last known value."""
        opinions[:] = past.last[:, RAW, np.newaxis]


class LastSeason(Expert):
    """Forecasts that all comes again as it was a season ago.

    Args:
        which: The season, from 0.
    """

    def __init__(self, which: int) -> None:
        self.name, self._which = f"last_season_{which + 1}", which

    def forecast(self, streams: Streams, past: Past, opinions: Numbers, *, learning: bool) -> None:
        """Fill each step with the value a season before it."""
        opinions[:] = past.seasonal[:, self._which]
