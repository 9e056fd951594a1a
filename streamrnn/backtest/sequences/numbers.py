"""Numbers and their intervals, beside the mean so far and the last number."""

from collections.abc import Iterator

from streamrnn.backtest.sequences.figures import Judged, Score
from streamrnn.backtest.sequences.judge import Case, Judge
from streamrnn.backtest.sequences.sums import Mean, Means


class NumberJudge(Judge):
    """Of a number for each sequence.

    Args:
        coverage: The share of numbers that intervals are to hold.
    """

    def __init__(self, coverage: float) -> None:
        self._coverage, self._seen, self._last = coverage, Mean(), 0.0
        self._errors, self._mean_errors, self._last_errors = (Means() for _ in range(3))
        self._within, self._widths = Means(), Means()

    def guess(self) -> tuple[float, float] | None:
        """Return the mean of the numbers so far, and the last one."""
        return (self._seen.mean, self._last) if self._seen.judged else None

    def add(self, case: Case) -> None:
        """Count a number."""
        made, number = case.sent.prediction, case.brought.target
        assert isinstance(number, float)
        if case.guess is not None and made.prediction is not None:
            said = made.prediction, *case.guess
            kinds = self._errors, self._mean_errors, self._last_errors
            for halves, value in zip(kinds, said, strict=True):
                halves.add(case.late, abs(value - number))
        if made.lower is not None:
            self._within.add(case.late, made.lower <= number <= made.upper)
            self._widths.add(case.late, made.upper - made.lower)
        self._seen.add(number)
        self._last = number

    @property
    def judged(self) -> Judged:
        """The numbers that something was said of."""
        return self._errors.judged("numbers")

    def scores(self) -> Iterator[Score]:
        """Yield the mean absolute error, and how intervals held."""
        error = "mean absolute error"
        yield self._errors.mean(error)
        yield self._mean_errors.mean(error, "the mean so far")
        yield self._last_errors.mean(error, "the last number again")
        yield self._within.mean("share within the interval")
        yield self._widths.mean("mean width of the interval")

    def notes(self) -> Iterator[str]:
        """Yield what is to be known about them."""
        told = self._within.whole.judged
        yield f"Intervals are to hold {100 * self._coverage:g} %; {told:,} numbers had one."
        yield "Numbers before any was known are not scored."
