"""The task ``forecast``: the next values of a target, from the features and values so far."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from streamrnn.codecs import Codec
from streamrnn.errors import ConfigurationError, RecordError
from streamrnn.learner.calibration import Judgement
from streamrnn.learner.forecaster import OUTPUT_UNDONE, Forecaster, Forecasts
from streamrnn.learner.learner import Learner
from streamrnn.learner.state import State
from streamrnn.records import DeadLetter, Record
from streamrnn.tasks.keys import check_fields, stream_of
from streamrnn.tasks.steps import Steps
from streamrnn.tasks.times import clock_features, seconds_of

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Fields:
    """Which fields of a record a task reads.

    Attributes:
        target: The value that is forecast.
        features: Numbers beside it.
        key: Names the stream; without it the record's own key does.
        time: Passed through.
        clock: The periods, such as ``day``, in which the time's place is a feature too.
    """

    target: str
    features: tuple[str, ...] = ()
    key: str | None = None
    time: str | None = None
    clock: tuple[str, ...] = ()

    @property
    def width(self) -> int:
        """How many features a forecaster sees: those of the record, and two for each period."""
        return len(self.features) + 2 * len(self.clock)

    @property
    def names(self) -> list[str]:
        """All fields, each once."""
        names = [self.target, *self.features, self.key, self.time]
        return list(dict.fromkeys(name for name in names if name is not None))


class Forecast(Struct, frozen=True, gc=False):
    """A prediction record; its fields are those of the JSON object that is sent.

    Attributes:
        key: The stream; None where neither a field nor the record's own key names one.
        partition: The record's.
        offset: The same.
        time: As it came.
        prediction: The next values; None before any value of the stream is known.
        step: Learning steps so far.
        lower: Where the intervals around them begin; None as long as none can be told.
        upper: Where they end, the same.
        anomaly: How unusual the record's own value is, 0 to 1; None where nothing foretold it.
        alarm: Whether it is the first of a run of values as rare as the user asked for.
    """

    key: str | None
    partition: int
    offset: int
    time: object
    prediction: list[float] | None
    step: int
    lower: list[float] | None
    upper: list[float] | None
    anomaly: float | None
    alarm: bool


class Answer(Struct, frozen=True, gc=False):
    """A prediction as it is sent, and what its record showed about the one before.

    Attributes:
        prediction: What is sent.
        value: The target's value in this record; NaN if it is not known.
        error: Absolute error of the former forecast's first value; NaN where there is none.
        last_value_error: The same, had the last value been the forecast.
        change: The mean size of the stream's changes, in which errors of streams are comparable;
            NaN where there is no error.
        covered: 1 if the value lay within the interval around the former forecast, 0 if not; NaN
            where there is none.
        drift: Whether it showed that the stream's errors have grown.
        missing: How many steps were missing before it, by its time.
    """

    prediction: Forecast
    value: float
    error: float
    last_value_error: float
    change: float
    covered: float
    drift: bool
    missing: int = 0


class Event(Struct, frozen=True, gc=False):
    """A record whose fields are read."""

    record: Record
    key: str | None
    time: object
    value: float


Listener = Callable[[Sequence[Event], Forecasts, Judgement], None]
"""Hears of events that were predicted and learned in one call, in order, as arrays."""


class ForecastTask:
    """Answers each record with a forecast, then learns from it.

    A feature that is absent stands at its running mean; a target that is absent is predicted and
    not learned.

    Args:
        fields: What is read.
        codec: Reads it.
        forecaster: Learns it.
        strict: Whether a first record without one of the fields is an error, or only worth a
            warning.
        heard: Is told of all events, those that were undone among them.

    Attributes:
        learning_seconds: How long predicting and learning took so far, without decoding.
        shares: What the network and each expert weigh in the newest forecasts, one step ahead.
    """

    def __init__(
        self,
        fields: Fields,
        codec: Codec,
        forecaster: Forecaster,
        *,
        strict: bool = True,
        heard: Listener | None = None,
    ) -> None:
        self._fields, self._codec, self._forecaster = fields, codec, forecaster
        self._strict, self._heard = strict, heard
        self._seen = False
        self.learning_seconds = 0.0
        self.shares: dict[str, float] = {}

    @property
    def step(self) -> int:
        """Learning steps so far."""
        return self._forecaster.learner.step

    @property
    def learner(self) -> Learner:
        """What learns."""
        return self._forecaster.learner

    def prepare(self) -> None:
        """Compile what is compiled at first use; the task is then no longer fresh."""
        row, value = np.array([self._forecaster.streams.row("")]), np.zeros(1)
        unknown = np.full((1, self._fields.width), np.nan)
        made = self._forecaster.predict_and_learn(row, unknown, value)
        self._forecaster.judge(row, value, made)

    def answer(self, records: Sequence[Record]) -> list[Answer | DeadLetter]:
        """Predict and learn records in order; return the answer to each.

        Raises:
            ConfigurationError: The task is strict, and the first record that can be read lacks one
                of its fields.
        """
        answers: list[Answer | DeadLetter] = []
        run = Run(self._fields, self._forecaster, self._heard)
        for record in records:
            try:
                event, features = self._read(record)
            except RecordError as error:
                # Answers stand in the order of the records.
                answers += run.end()
                answers.append(DeadLetter(record, error.reason, str(error)))
                continue
            if run.evicts(event):
                answers += run.end()
            run.add(event, features)
        answers += run.end()
        self.learning_seconds += run.seconds
        if run.weights is not None:
            self.shares = dict(zip(self._forecaster.experts, run.weights.tolist(), strict=True))
        return answers

    def _read(self, record: Record) -> tuple[Event, list[float]]:
        if record.value is None:
            raise RecordError("malformed", "expected a value, got a record without one")
        fields, number = self._fields, self._codec.number
        values = self._codec.decode(record.value)
        if not self._seen:
            self._check(list(values), record)
            self._seen = True
        value = number(fields.target, values.get(fields.target))
        features = [number(name, values.get(name)) for name in fields.features]
        key = stream_of(fields.key, values, record)
        when = values.get(fields.time) if fields.time else None
        return Event(record, key, when, value), features

    def _check(self, names: list[str], record: Record) -> None:
        try:
            check_fields(self._fields.names, names, f"record {record.offset}")
        except ConfigurationError as error:
            if self._strict:
                raise
            log.warning("partition %d: %s", record.partition, error)

    def state(self, since: int = 0) -> State:
        """Return what to go on from; see `Learner.state`."""
        state = self._forecaster.learner.state(since)
        return replace(state, details={**state.details, "seen": self._seen})

    def restore(self, state: State) -> None:
        """Take over a whole state."""
        self._forecaster.learner.restore(state)
        self._seen = state.details["seen"]


class Run:
    """Events that are predicted and learned in one call.

    Attributes:
        seconds: How long all calls took.
        weights: What the network and each expert weigh, one step ahead, in the mean of the last
            call's events, ``(K,)``; None before any.
    """

    def __init__(self, fields: Fields, forecaster: Forecaster, heard: Listener | None) -> None:
        self._fields, self._forecaster, self._heard = fields, forecaster, heard
        self.seconds = 0.0
        self.weights: NDArray[np.float64] | None = None
        self._clear()

    def _clear(self) -> None:
        self._events: list[Event] = []
        self._rows: list[int] = []
        self._features: list[list[float]] = []

    def evicts(self, event: Event) -> bool:
        """Whether the event's stream would take the row of one that may be in the run."""
        streams = self._forecaster.streams
        return streams.full and streams.find(event.key or "") is None

    def add(self, event: Event, features: list[float]) -> None:
        """Put an event at the end of the run."""
        self._rows.append(self._forecaster.streams.row(event.key or ""))
        self._events.append(event)
        self._features.append(features)

    def end(self) -> list[Answer | DeadLetter]:
        """Predict and learn the run; return the answers, and begin a new one."""
        if not self._events:
            return []
        events = self._events
        started = time.perf_counter()
        rows = np.array(self._rows)
        values = np.array([event.value for event in events])
        features = np.array(self._features).reshape(len(events), len(self._fields.features))
        times = np.array([seconds_of(event.time) for event in events])
        if self._fields.clock:
            features = np.hstack([features, clock_features(times, self._fields.clock)])
        ticks = self._forecaster.clock.tick(self._forecaster.streams, rows, times)
        steps = Steps(rows, features, values, ticks)
        forecasts = self._forecaster.predict_and_learn(
            steps.rows, steps.features, steps.values, steps.intervals
        )
        judgement = self._forecaster.judge(steps.rows, steps.values, forecasts)
        forecasts, judgement = steps.of_events(forecasts, judgement)
        self.seconds += time.perf_counter() - started
        self.weights = forecasts.shares[:, :, 0].mean(axis=0)
        self._clear()
        if self._heard:
            self._heard(events, forecasts, judgement)
        return _answers(events, forecasts, judgement, ticks.missing)


def _answers(
    events: list[Event],
    forecasts: Forecasts,
    judgement: Judgement,
    missing: NDArray[np.int64],
) -> list[Answer | DeadLetter]:
    columns = (
        forecasts.values,
        judgement.lower,
        judgement.upper,
        judgement.anomaly,
        judgement.alarm,
        forecasts.error,
        forecasts.last_value_error,
        forecasts.change,
        judgement.covered,
        judgement.drift,
        missing,
        forecasts.step,
        forecasts.outcome,
    )
    answers: list[Answer | DeadLetter] = []
    for event, values, lower, upper, anomaly, alarm, *judged, step, outcome in zip(
        events, *(column.tolist() for column in columns), strict=True
    ):
        record = event.record
        if outcome:
            what = "network's output for" if outcome == OUTPUT_UNDONE else "gradient of"
            message = f"the {what} this record is not finite"
            answers.append(DeadLetter(record, "learning", message))
            continue
        prediction = Forecast(
            event.key,
            record.partition,
            record.offset,
            event.time,
            # Not a number stands for none, and is the only one that differs from itself.
            values if values[0] == values[0] else None,
            step,
            lower if lower[0] == lower[0] else None,
            upper if upper[0] == upper[0] else None,
            anomaly if anomaly == anomaly else None,
            alarm,
        )
        answers.append(Answer(prediction, event.value, *judged))
    return answers
