"""The task ``forecast``: the next values of a target, from the features and values so far."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamrnn.codecs import Codec
from streamrnn.errors import ConfigurationError, RecordError, nearest
from streamrnn.learner.forecaster import Forecast, Forecaster
from streamrnn.learner.learner import Lesson
from streamrnn.records import Record


@dataclass(frozen=True, slots=True)
class Fields:
    """Which fields of a record a task reads.

    Attributes:
        target: The value that is forecast.
        features: Numbers beside it.
        key: Names the stream; without it all records are one stream.
        time: Passed through.
    """

    target: str
    features: tuple[str, ...] = ()
    key: str | None = None
    time: str | None = None

    @property
    def names(self) -> list[str]:
        """All fields, each once."""
        names = [self.target, *self.features, self.key, self.time]
        return list(dict.fromkeys(name for name in names if name is not None))


@dataclass(frozen=True, slots=True)
class Answer:
    """A prediction as it is sent, and what its record showed about the one before.

    Attributes:
        prediction: The fields of the prediction record.
        value: The target's value in this record; NaN if it is not known.
        forecast: With the errors of the former forecast.
    """

    prediction: dict[str, object]
    value: float
    forecast: Forecast


class ForecastTask:
    """Answers each record with a forecast, then learns from it.

    A feature that is absent stands at its running mean; a target that is absent is predicted and
    not learned.
    """

    def __init__(self, fields: Fields, codec: Codec, forecaster: Forecaster) -> None:
        self._fields, self._codec, self._forecaster = fields, codec, forecaster
        self._seen = False
        self._row, self._value = 0, np.nan

    @property
    def step(self) -> int:
        """Learning steps so far."""
        return self._forecaster.learner.step

    def check_names(self, known: list[str], where: str) -> None:
        """Check that the fields are there that are to be read.

        Raises:
            ConfigurationError: Names the one that is not, and the nearest that is.
        """
        for name in self._fields.names:
            if name not in known:
                raise ConfigurationError(
                    f"{where}: expected a field {name!r}{nearest(name, known)} "
                    f"(there are: {', '.join(known)})"
                )

    def predict(self, record: Record) -> Answer:
        """Take the step of a record and forecast what follows.

        Raises:
            RecordError: The record is no step of its stream; nothing has changed.
        """
        values = self._codec.decode(record.value)
        if not self._seen:
            self.check_names(list(values), f"record {record.offset}")
            self._seen = True
        fields, number = self._fields, self._codec.number
        self._value = number(fields.target, values.get(fields.target))
        features = np.array([number(name, values.get(name)) for name in fields.features])
        key = None if fields.key is None else _key(fields.key, values.get(fields.key))
        streams = self._forecaster.streams
        self._row = streams.row(key or "")
        self._saved = self._forecaster.learner.saved(self._row)
        try:
            forecast = self._forecaster.predict(self._row, features, self._value)
        except RecordError:
            self._forecaster.learner.undo(self._row, self._saved)
            raise
        prediction: dict[str, object] = {
            "key": key,
            "partition": record.partition,
            "offset": record.offset,
            "time": values.get(fields.time) if fields.time else None,
            "prediction": None if forecast.values is None else forecast.values.tolist(),
            "step": self.step,
        }
        return Answer(prediction, self._value, forecast)

    def learn(self) -> Lesson | None:
        """Learn from the record that was last predicted from.

        Raises:
            RecordError: The learning step was undone, and with it the record's step.
        """
        try:
            return self._forecaster.learn(self._row, self._value)
        except RecordError:
            self._forecaster.learner.undo(self._row, self._saved)
            raise

    def tensors(self) -> dict[str, NDArray[Any]]:
        """Return the whole state's arrays by name."""
        return self._forecaster.learner.tensors()

    def details(self) -> dict[str, object]:
        """Return the state beside the tensors."""
        return {**self._forecaster.learner.details(), "seen": self._seen}

    def restore(self, tensors: Mapping[str, NDArray[Any]], details: Mapping[str, Any]) -> None:
        """Take over the state of `tensors` and `details`."""
        self._forecaster.learner.restore(tensors, details)
        self._seen = details["seen"]


def _key(name: str, value: object) -> str:
    """Return the name of a stream.

    Raises:
        RecordError: It is absent, or neither text nor a whole number.
    """
    if value is None or value == "":
        raise RecordError("missing", f"{name}: expected the name of a stream, got nothing")
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise RecordError("type", f"{name}: expected the name of a stream, got {value!r}")
    return str(value)
