"""One stream: what was forecast of it, and how that turned out."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from streamrnn.backtest.intervals import LastErrors
from streamrnn.backtest.moments import Past
from streamrnn.backtest.peers import Peers


@dataclass(frozen=True, slots=True)
class Made:
    """Events of one stream, in order, and what was forecast after each.

    Attributes:
        values: NaN where one is not known, ``(n,)``.
        forecasts: Of the mixture and its experts at each of the steps, ``(n, own, steps)``.
        intervals: Lower and upper bounds around those of the mixture, ``(n, 2, steps)``.
    """

    values: NDArray[np.float64]
    forecasts: NDArray[np.float64]
    intervals: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Due:
    """What had been forecast of each of these events, so many steps before it.

    Attributes:
        forecasts: Of all methods, ``(n, methods)``.
        interval: Lower and upper bounds, ``(n, 2)``.
        plain: The same, from the quantiles of the stream's last errors, ``(n, 2)``.
        origins: The events after which that was, counted from the stream's first, ``(n,)``;
            negative where there was none, and all numbers are NaN.
    """

    forecasts: NDArray[np.float64]
    interval: NDArray[np.float64]
    plain: NDArray[np.float64]
    origins: NDArray[np.int64]


class Stream:
    """Holds forecasts of a stream until their values come.

    Args:
        steps: How many steps ahead forecasts are scored, in ascending order.
        seasons: Known seasons, in steps.
        coverage: The share of values that intervals are to hold.
        own: How many forecasts a `Made` has.
        peers: Learn the stream beside it.
        past: Keeps the stream's newest events.

    Attributes:
        count: Events so far.
    """

    def __init__(
        self,
        steps: Sequence[int],
        seasons: Sequence[int],
        coverage: float,
        own: int,
        peers: Peers | None,
        past: Past,
    ) -> None:
        self.count, self.past, self.peers = 0, past, peers
        self._steps = steps
        # How many steps before the newest value the one lies that has the season's place of the
        # one to come, for each of the steps; 0 is the last value itself.
        self._naive = [[0] * len(steps), *([-step % s for step in steps] for s in seasons)]
        self._values = np.full(max(map(max, self._naive)) + 1, np.nan)
        self._methods = own + len(self._naive)
        self._last_errors = [LastErrors(coverage) for _ in steps]
        self._pending: NDArray[np.float64] | None = None

    def meet(self, made: Made) -> list[Due]:
        """Take events; return for each of the steps what they had been forecast to be."""
        events = len(made.values)
        joined = self._filled(made.values)
        columns = [made.forecasts, self._naive_forecasts(joined, events)]
        if self.peers:
            columns.append(self.peers.following(joined[-events:]))
        methods = sum(column.shape[1] for column in columns)
        unknown = np.full((events, 2, len(self._steps)), np.nan)
        new = np.concatenate([*columns, made.intervals, unknown], axis=1)
        if self._pending is None:
            self._pending = np.full((self._steps[-1], *new.shape[1:]), np.nan)
        pending = np.concatenate([self._pending, new])
        due = [self._due(pending, made.values, methods, place) for place in range(len(self._steps))]
        self._pending = pending[-self._steps[-1] :].copy()
        self._values = joined[-len(self._values) :].copy()
        self.count += events
        return due

    def _filled(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the values behind those kept; the last known one stands for one that is not."""
        joined = np.concatenate([self._values, values])
        known = np.where(np.isnan(joined), 0, np.arange(len(joined)))
        return joined[np.maximum.accumulate(known)]

    def _naive_forecasts(self, joined: NDArray[np.float64], events: int) -> NDArray[np.float64]:
        newest = np.arange(len(joined) - events, len(joined))
        made: NDArray[np.float64] = joined[newest[:, None, None] - np.array(self._naive)]
        return made

    def _due(
        self,
        pending: NDArray[np.float64],
        values: NDArray[np.float64],
        methods: int,
        place: int,
    ) -> Due:
        step, events = self._steps[place], len(values)
        start = len(pending) - events - step
        due = pending[start : start + events, :, place]
        quantiles = self._last_errors[place].quantiles(values - due[:, 0])
        # They surround what is forecast from now on.
        now = pending[-events:, :, place]
        now[:, -2:] = now[:, :1] + quantiles
        origins = self.count + np.arange(events) - step
        return Due(due[:, :methods], due[:, methods : methods + 2], due[:, -2:], origins)
