"""The figures of a backtest, as JSON holds them; what is not known is not a number, there null."""

from typing import Literal

import msgspec
from msgspec import Struct

Kind = Literal["forecast", "expert", "naive", "peer"]
FORMAT = 1


class Error(Struct, frozen=True):
    """Of one method, so many steps ahead.

    Attributes:
        step: How many.
        mae: The mean absolute error.
        relative: As a share of the last value's.
    """

    step: int
    mae: float
    relative: float


class Method(Struct, frozen=True):
    """What forecasts: the configuration itself, one of its experts, a naive rule, or a peer."""

    name: str
    kind: Kind
    errors: list[Error]


class Interval(Struct, frozen=True):
    """How the intervals held, so many steps ahead.

    Attributes:
        step: How many.
        points: Values that had one.
        coverage: The share of them that lay within.
        width: The mean width.
        relative_width: The same as a share of the last value's mean absolute error.
        score: The mean interval score.
        last_errors_score: The same of the quantiles of the last 500 errors.
    """

    step: int
    points: int
    coverage: float
    width: float
    relative_width: float
    score: float
    last_errors_score: float


class Letter(Struct, frozen=True):
    """A record that could not be answered."""

    offset: int
    reason: str
    message: str


class DeadLetters(Struct, frozen=True):
    """How many, and the first of them."""

    count: int
    first: list[Letter]


class Points(Struct, frozen=True):
    """How many forecasts were scored, so many steps ahead."""

    step: int
    count: int


class Seconds(Struct, frozen=True):
    """How long it took: in all, to predict and learn, River's methods, and the rest of scoring."""

    all: float
    learning: float
    peers: float
    scoring: float


class Worst(Struct, frozen=True):
    """A value that lay far from what was forecast one step before.

    Attributes:
        key: The stream.
        offset: The record.
        time: Its time, as it came.
        value: What came.
        forecast: What had been forecast.
        error: How far apart they are, in units of the mean size of the stream's changes.
    """

    key: str | None
    offset: int
    time: object
    value: float
    forecast: float
    error: float


class Window(Struct, frozen=True):
    """Means over a part of the file.

    Attributes:
        offset: Where it begins.
        time: The time of its first record.
        means: Of each method's absolute error, of the share of values within their interval, or of
            each expert's share.
    """

    offset: int
    time: object
    means: list[float]


class Over(Struct, frozen=True):
    """What became of the errors, the coverage and the shares, so many steps ahead."""

    step: int
    errors: list[Window]
    coverage: list[Window]
    shares: list[Window]


class Figures(Struct, frozen=True):
    """All of them.

    Attributes:
        format: The version of this format.
        version: That of streamrnn.
        file: What was read.
        target: What was forecast.
        horizon: How far.
        season: Known seasons, in steps.
        coverage: The share of values that the intervals are to hold.
        records: Of the file, with dead letters.
        streams: How many.
        dead_letters: Those among the records.
        first: Forecasts made at so many first records of a stream are not scored.
        points: Forecasts that were scored.
        methods: The first is what a run would send.
        intervals: Those around it.
        anomalies: Records with an anomaly of 0.999 or more.
        drifts: How often a stream's errors were found to have grown.
        seconds: How long it took.
        microseconds: The same, a record.
        headline: What it comes to, in a few words.
        verdict: The same with numbers.
        experts: Whose shares are given.
        over: What became of it over the file.
        worst: What was forecast worst, from the worst on.
    """

    file: str
    target: str
    horizon: int
    season: list[int]
    coverage: float
    records: int
    streams: int
    dead_letters: DeadLetters
    first: int
    points: list[Points]
    methods: list[Method]
    intervals: list[Interval]
    anomalies: int
    drifts: int
    seconds: Seconds
    microseconds: Seconds
    headline: str
    verdict: str
    experts: list[str]
    over: list[Over]
    worst: list[Worst]
    version: str
    format: int = FORMAT


def document(figures: Struct) -> bytes:
    """Return the figures as JSON, indented."""
    return msgspec.json.format(msgspec.json.encode(figures)) + b"\n"
