"""Sums over a whole stream and over its last half; a score of nothing is not a number."""

import math
from collections.abc import Callable, Iterator
from typing import Generic, Protocol, TypeVar

from streamrnn.backtest.sequences.figures import Judged, Score

END = None
"""Stands for the end of a sequence; no word or symbol is the same."""


class Sums(Protocol):
    """What all of them have."""

    @property
    def judged(self) -> int:
        """What was counted."""
        ...


Part = TypeVar("Part", bound=Sums)


class Halves(Generic[Part]):
    """The same sums over a whole stream, and over its last half.

    Args:
        make: Makes them, empty.
    """

    def __init__(self, make: Callable[[], Part]) -> None:
        self.whole, self.last = make(), make()

    def at(self, late: bool) -> Iterator[Part]:
        """Yield those that count a record; both where it is in the last half."""
        yield self.whole
        if late:
            yield self.last

    def judged(self, of: str) -> Judged:
        """Return how many were counted."""
        return Judged(of, self.whole.judged, self.last.judged)

    def score(self, measure: str, value: Callable[[Part], float], by: str | None = None) -> Score:
        """Return a figure of both; see `Score`."""
        whole, last = (
            float(value(part)) if part.judged else math.nan for part in (self.whole, self.last)
        )
        return Score(measure, by, whole, last)


class Mean:
    """A mean.

    Attributes:
        judged: Of so many.
        sum: What they add up to.
    """

    def __init__(self) -> None:
        self.judged, self.sum = 0, 0.0

    def add(self, value: float, count: int = 1) -> None:
        """Count a value, or the sum of several."""
        self.judged += count
        self.sum += value

    @property
    def mean(self) -> float:
        """The mean."""
        return self.sum / self.judged


class Means(Halves[Mean]):
    """Means over a whole stream, and over its last half."""

    def __init__(self) -> None:
        super().__init__(Mean)

    def add(self, late: bool, value: float, count: int = 1) -> None:
        """Count a value, or the sum of several."""
        for part in self.at(late):
            part.add(value, count)

    def mean(self, measure: str, by: str | None = None) -> Score:
        """Return the means as a figure."""
        return self.score(measure, lambda part: part.mean, by)
