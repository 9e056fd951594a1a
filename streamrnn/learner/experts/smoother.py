"""A seasonal smoother; see `streamrnn.kernels.smoother`."""

import math
from dataclasses import dataclass

import numpy as np

from streamrnn.kernels import smoother
from streamrnn.learner.experts.base import Expert, Numbers
from streamrnn.learner.history import Past
from streamrnn.learner.streams import Streams


@dataclass(frozen=True, slots=True)
class Kind:
    """What makes one smoother another than the next.

    Attributes:
        name: As it is shown.
        short: How little the level follows an error, from 0 to 1.
        long: How little the season does.
    """

    name: str
    short: float
    long: float


KINDS = (Kind("smoother", 0.5, 0.6), Kind("quick_smoother", 0.0, 0.4))


class Smoother(Expert):
    """Smooths level and season of a stream, and expects both to go on.

    Args:
        kind: How much.
        which: The season, from 0.
        longest: The longest that it may be.
    """

    def __init__(self, kind: Kind, which: int, longest: int) -> None:
        self.name = f"{kind.name}_{which + 1}"
        self._kind, self._which = kind, which
        self.fields = (
            (self.name, np.float64, (smoother.STATE,)),
            (f"{self.name}_sums", np.float64, (longest,)),
        )
        self.first = {f"{self.name}_sums": np.full(longest, math.nan)}

    def forecast(self, streams: Streams, past: Past, opinions: Numbers, *, learning: bool) -> None:
        """Fill the next steps."""
        smoother.smooth(
            self._which,
            self._kind.short,
            self._kind.long,
            streams[self.name],
            streams[f"{self.name}_sums"],
            past.rows,
            past.values,
            past.seasons,
            past.places,
            opinions,
        )
