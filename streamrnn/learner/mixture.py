"""One forecast of many; see `streamrnn.kernels.mixture`."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike, NDArray

from streamrnn.kernels import mixture
from streamrnn.learner.history import Past
from streamrnn.learner.streams import Streams


@dataclass(frozen=True, slots=True)
class Mixed:
    """What was mixed for each event.

    Attributes:
        values: The next values, ``(E, H)``; NaN where no expert has an opinion.
        shares: The weight of each expert at the first and the last step, ``(E, K, 2)``.
        error: The absolute error of the former forecast's first value, ``(E,)``; NaN where there is
            none, or the value is not known.
    """

    values: NDArray[np.float64]
    shares: NDArray[np.float64]
    error: NDArray[np.float64]


class Mixture:
    """Weighs the opinions of experts by how they turn out.

    Args:
        experts: How many there are.
        horizon: How many steps are forecast.
    """

    def __init__(self, experts: int, horizon: int) -> None:
        self.places = np.array(doubling_places(horizon), np.int64)
        self._experts, self._horizon = experts, horizon
        self._weights = np.zeros((len(self.places) + 2, experts))

    @property
    def fields(self) -> tuple[tuple[str, DTypeLike, tuple[int, ...]], ...]:
        """What is kept of each stream, in the order of `streamrnn.kernels.mixture.mix`."""
        places, experts = len(self.places), self._experts
        return (
            ("judged", np.float64, (places,)),
            ("regrets", np.float64, (places, experts, mixture.JUDGED)),
            ("waiting", np.float64, (int(self.places.sum()), experts + 1)),
            ("mixed_steps", np.int64, ()),
            ("expected", np.float64, (self._horizon,)),
        )

    def mix(
        self,
        streams: Streams,
        past: Past,
        opinions: NDArray[np.float64],
        *,
        learning: bool,
    ) -> Mixed:
        """Judge what was said of each event, then mix what is said of the next, in order.

        Args:
            streams: Have the `fields`.
            past: What the past of each event's stream says.
            opinions: Of each expert, ``(K, E, H)``; NaN where it has none.
            learning: Whether weights are learned.
        """
        events = len(past.rows)
        mixed = Mixed(
            np.empty((events, self._horizon)),
            np.empty((events, self._experts, 2)),
            np.empty(events),
        )
        mixture.mix(
            self.places,
            streams["judged"],
            streams["regrets"],
            streams["waiting"],
            streams["mixed_steps"],
            streams["expected"],
            self._weights,
            past.rows,
            past.values,
            past.bounds,
            opinions,
            mixed.values,
            mixed.shares,
            mixed.error,
            learning,
        )
        return mixed


def doubling_places(horizon: int) -> list[int]:
    """Return 1, 2, 4, ... and the horizon."""
    return [*(2**k for k in range(horizon.bit_length()) if 2**k < horizon), horizon]
