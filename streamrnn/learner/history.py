"""What streams' pasts say of their next steps.

The work is done by `streamrnn.kernels.history`, which says how; here are the arrays it works on.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike, NDArray

from streamrnn.kernels import baseline, history
from streamrnn.kernels.clock import PERIODS
from streamrnn.kernels.past import look_back
from streamrnn.learner.streams import Streams

VIEWS = history.VIEWS
MOST_CYCLES = 3
"""As many of the longest season are kept to look for seasons in."""


@dataclass(frozen=True, slots=True)
class Past:
    """What is told of each event's stream; V views, S seasons, F traits, H steps of the horizon.

    Attributes:
        rows: The row of each event's stream, ``(E,)``.
        values: The events' values, ``(E,)``; NaN where one is not known.
        last: The last known value in each view, ``(E, V)``; NaN before there is any.
        unit: The mean size of a change in each view, ``(E, V)``.
        bounds: The range beyond which no forecast is to go, ``(E, 2)``.
        traits: The stream's present in numbers near 1, ``(E, V, F)``.
        departure: The value less what the longest season's profile foretold, in each view,
            ``(E, V)``; NaN where there is no profile.
        outlook: That profile at the next steps, ``(E, V, H)``; the same.
        seasonal: The values a season before the next steps, ``(E, S, H)``; the same.
        seasons: The length of each season, 0 for none, ``(E, S)``.
        places: The event's place in each season, ``(E, S)``.
        surprise: How far the value lay from what the baseline expected of it 1 to H steps before,
            ``(E, H)``; NaN where it expected nothing.
        baseline: What that expects of the next steps, ``(E, H)``.
        scale: The mean size of its errors, ``(E, H)``.
        changed: How far the value lies from the last known one, ``(E,)``; NaN where one of the two
            is not known.
        change: The mean size of such changes before, in which the errors of streams are comparable,
            ``(E,)``; the same.
    """

    rows: NDArray[np.int64]
    values: NDArray[np.float64]
    last: NDArray[np.float64]
    unit: NDArray[np.float64]
    bounds: NDArray[np.float64]
    traits: NDArray[np.float64]
    departure: NDArray[np.float64]
    outlook: NDArray[np.float64]
    seasonal: NDArray[np.float64]
    seasons: NDArray[np.int64]
    places: NDArray[np.int64]
    surprise: NDArray[np.float64]
    baseline: NDArray[np.float64]
    scale: NDArray[np.float64]
    changed: NDArray[np.float64]
    change: NDArray[np.float64]


class History:
    """Remembers of each stream what its next steps may depend on.

    Args:
        horizon: How many steps are forecast.
        seasons: Known seasons, in steps; without any they are looked for.
        longest: The longest season that is looked for; below 2 none is.

    Attributes:
        seasons: How many there may be, S.
        longest: The longest one.
        traits: How many numbers describe the present, F.
    """

    def __init__(self, horizon: int, seasons: tuple[int, ...], longest: int) -> None:
        self._horizon = horizon
        searching = not seasons and longest > 1
        self.seasons = 2 if searching else len(seasons)
        self.longest = longest if searching else max(seasons, default=1)
        self._values = max(MOST_CYCLES * longest if searching else self.longest, horizon)
        self._room = np.zeros((2, self._values if searching else 0))
        self._correlations = np.zeros(self.longest + 2)
        self._natural = np.zeros(len(PERIODS), np.int64)
        self.traits = history.FIRST_SEASON + self.seasons * history.SEASON_TRAITS
        steps = [max(1, round(horizon * k / (history.STEPS - 1))) for k in range(history.STEPS)]
        self._ahead = np.array(steps, np.int64)
        self._known_seasons = np.array(seasons or (0,) * self.seasons, np.int64)
        self._deviation = np.zeros((VIEWS, self.seasons))

    @property
    def fields(self) -> tuple[tuple[str, DTypeLike, tuple[int, ...]], ...]:
        """What is kept of each stream, in the order of `streamrnn.kernels.history.Memory`."""
        return (
            ("values_known", np.int64, ()),
            ("recent", np.float64, (VIEWS, history.LAGS + 1)),
            ("levels", np.float64, (VIEWS, len(history.LEVEL_RATES))),
            ("units", np.float64, (VIEWS, 2)),
            ("value_range", np.float64, (2,)),
            ("seasons", np.int64, (self.seasons,)),
            ("places", np.int64, (self.seasons, 2)),
            ("profiles", np.float64, (VIEWS, self.seasons, self.longest)),
            ("newest_values", np.float64, (self._values,)),
            ("value_steps", np.int64, ()),
            ("baselines", np.float64, (self._horizon, baseline.STATE)),
            ("proposed_seasons", np.int64, (2,)),
            ("next_look", np.int64, ()),
        )

    @property
    def first(self) -> dict[str, NDArray[np.float64] | NDArray[np.int64]]:
        """What a stream's fields begin as, where that is not zero."""
        shape = (VIEWS, self.seasons, self.longest)
        return {"seasons": self._known_seasons, "profiles": np.full(shape, math.nan)}

    def look_back(
        self,
        streams: Streams,
        rows: NDArray[np.int64],
        values: NDArray[np.float64],
        intervals: NDArray[np.float64],
    ) -> Past:
        """Take in the value of each event, in order, and tell what its stream's past says.

        Args:
            streams: Have the `fields`.
            rows: The row of each event's stream, ``(E,)``.
            values: Its value, NaN where it is not known, ``(E,)``.
            intervals: How long a step takes, in seconds, ``(E,)``; the same.
        """
        events, seasons, horizon = len(rows), self.seasons, self._horizon
        past = Past(
            rows,
            values,
            np.empty((events, VIEWS)),
            np.empty((events, VIEWS)),
            np.empty((events, 2)),
            np.empty((events, VIEWS, self.traits)),
            np.empty((events, VIEWS)),
            np.empty((events, VIEWS, horizon)),
            np.empty((events, seasons, horizon)),
            np.empty((events, seasons), np.int64),
            np.empty((events, seasons), np.int64),
            np.empty((events, horizon)),
            np.empty((events, horizon)),
            np.empty((events, horizon)),
            np.empty(events),
            np.empty(events),
        )
        memory = history.Memory(*[streams[name] for name, _, _ in self.fields])
        look_back(
            *memory,
            self._ahead,
            self._deviation,
            self._room,
            self._correlations,
            self._natural,
            rows,
            values,
            intervals,
            past.last,
            past.unit,
            past.bounds,
            past.traits,
            past.departure,
            past.outlook,
            past.seasonal,
            past.seasons,
            past.places,
            past.surprise,
            past.baseline,
            past.scale,
            past.changed,
            past.change,
        )
        return past
