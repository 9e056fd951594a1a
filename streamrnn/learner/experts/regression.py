"""Recursive least squares on what a stream's past says; see `streamrnn.kernels.regression`."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels import history, regression
from streamrnn.learner.experts.base import Expert, Numbers
from streamrnn.learner.history import Past
from streamrnn.learner.streams import Streams


@dataclass(frozen=True, slots=True)
class Kind:
    """What makes one regression another than the next.

    Attributes:
        name: As it is shown.
        view: In which values are seen.
        forgetting: What the past weighs after each event.
        adjusted: Whether the departure from the profile is forecast.
        profile: Whether it sees the profiles of the seasons.
        waves: Whether it sees their harmonics.
    """

    name: str
    view: int
    forgetting: float
    adjusted: bool = False
    profile: bool = False
    waves: bool = False


KINDS = (
    Kind("lags", history.ROOT, 0.9998),
    Kind("waves", history.ROOT, 0.9998, waves=True),
    Kind("profile", history.RAW, 0.9998, profile=True, waves=True),
    Kind("fast_profile", history.ROOT, 0.996, profile=True, waves=True),
    Kind("departure", history.ROOT, 0.9998, adjusted=True, profile=True),
)


class Regression(Expert):
    """Learns how the next steps depend on a stream's traits.

    Args:
        kind: Which ones, and how.
        horizon: How many steps are forecast.
        seasons: How many seasons there are traits of.
    """

    def __init__(self, kind: Kind, horizon: int, seasons: int) -> None:
        self.name, self._kind = kind.name, kind
        self._columns = _columns(kind, seasons)
        width = len(self._columns)
        self.fields = (
            (f"{kind.name}_numbers", np.float64, (regression.room(width, horizon),)),
            (f"{kind.name}_events", np.int64, ()),
        )

    def forecast(self, streams: Streams, past: Past, opinions: Numbers, *, learning: bool) -> None:
        """Fill the next steps."""
        kind = self._kind
        regression.regress(
            kind.view,
            kind.forgetting,
            kind.adjusted,
            self._columns,
            streams[f"{kind.name}_numbers"],
            streams[f"{kind.name}_events"],
            past.rows,
            ~np.isnan(past.values),
            past.last,
            past.unit,
            past.traits,
            past.departure,
            past.outlook,
            opinions,
            learning,
        )


def _columns(kind: Kind, seasons: int) -> NDArray[np.int64]:
    columns = list(range(history.FIRST_SEASON))
    for season in range(seasons):
        start = history.FIRST_SEASON + season * history.SEASON_TRAITS
        waves = start + 1 + history.STEPS
        columns += range(start, waves) if kind.profile else ()
        columns += range(waves, start + history.SEASON_TRAITS) if kind.waves else ()
    return np.array(columns, np.int64)
