"""Answers for tests of the page, as a worker would give them."""

import math

from streamrnn.observer import Answered
from streamrnn.page.feed import Feed
from streamrnn.records import DeadLetter, Record
from streamrnn.tasks.forecast import Answer, Forecast


def answer(
    n: int,
    key: str | None = "a",
    *,
    value: float | None = None,
    time: object = None,
    horizon: int = 1,
    error: float = math.nan,
    last_value_error: float = math.nan,
    anomaly: float | None = None,
) -> Answer:
    """Return the answer to record ``n``: its value is ``n``, its forecast exactly what follows."""
    forecast = [float(n + ahead) for ahead in range(1, horizon + 1)]
    made = Forecast(
        key=key,
        partition=0,
        offset=n,
        time=time,
        prediction=forecast,
        lower=[ahead - 0.5 for ahead in forecast],
        upper=[ahead + 0.5 for ahead in forecast],
        anomaly=anomaly,
        alarm=False,
        step=n,
    )
    shown = float(n) if value is None else value
    return Answer(made, shown, error, last_value_error, math.nan, math.nan, drift=False)


def dead_letter(n: int, reason: str = "malformed") -> DeadLetter:
    return DeadLetter(Record(0, n, None, b""), reason, "it is broken")


def tell(feed: Feed, *answers: Answer | DeadLetter, partition: int = 0) -> None:
    """Tell a feed of a batch, as the worker does."""
    feed.answered(Answered(partition, [], answers, 0.0, 0.0, 0.0))
