"""Counts what a worker does, partition by partition."""

import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

from streamrnn.metrics.definitions import DEFINITIONS, PARTITION
from streamrnn.metrics.histogram import Histogram
from streamrnn.observer import Answered, Observer
from streamrnn.records import DeadLetter
from streamrnn.tasks import answering, forecast, text
from streamrnn.tasks.task import Answer

LARGEST_ERROR = 100.0
"""In units of the mean change: one jump must not hide all errors after it."""

Series = dict[tuple[str, ...], float | Histogram]
"""Values by their labels, in the order of the definition."""


class Counts(Observer):
    """Keeps the number of each metric that is counted.

    Args:
        streams: The keys of the streams whose newest value and forecast are kept.
        clock: Tells the time since 1970.
    """

    def __init__(
        self, streams: Collection[str] = (), clock: Callable[[], float] = time.time
    ) -> None:
        self._streams, self._clock = frozenset(streams), clock
        self._series: dict[str, Series] = {d.name: {} for d in DEFINITIONS}
        self._bounds = {d.name: d.bounds for d in DEFINITIONS if d.kind == "histogram"}
        self._series["streamrnn_aborted_transactions"][()] = 0
        self._newest: dict[int, float] = {}
        self._lock = threading.Lock()

    @contextmanager
    def reading(self) -> Iterator[dict[str, Series]]:
        """Give the values by metric, while nothing is counted."""
        with self._lock:
            yield self._series

    def newest(self, partition: int) -> float | None:
        """Return the timestamp of the record that was answered last."""
        return self._newest.get(partition)

    def forget(self, partition: str) -> None:
        """Drop all series of a partition that is no longer here."""
        with self._lock:
            self._newest.pop(int(partition), None)
            for definition in DEFINITIONS:
                if definition.labels[:1] == ("partition",):
                    series = self._series[definition.name]
                    for labels in [each for each in series if each[0] == partition]:
                        del series[labels]

    def partitions(self) -> set[str]:
        """Return those of which there are series."""
        with self._lock:
            return {labels[0] for labels in self._series["streamrnn_restores"]}

    def _add(self, name: str, labels: tuple[str, ...], number: float) -> None:
        series = self._series[f"streamrnn_{name}"]
        former = series.get(labels, 0)
        assert not isinstance(former, Histogram)
        series[labels] = former + number

    def _set(self, name: str, labels: tuple[str, ...], number: float) -> None:
        self._series[f"streamrnn_{name}"][labels] = number

    def _histogram(self, name: str, *labels: str) -> Histogram:
        name = f"streamrnn_{name}"
        histogram = self._series[name].get(labels)
        if not isinstance(histogram, Histogram):
            histogram = self._series[name][labels] = Histogram(self._bounds[name])
        return histogram

    def restored(self, partition: int) -> None:
        """Count it, and begin the partition's other series."""
        here = (str(partition),)
        with self._lock:
            # A counter that is there from the beginning lets its first increase be seen.
            for definition in DEFINITIONS:
                if definition.kind == "counter" and definition.labels == PARTITION:
                    self._series[definition.name].setdefault(here, 0)
            self._add("restores", here, 1)

    def answered(self, answered: Answered) -> None:
        """Count records, errors and times."""
        tally = Tally()
        for answer in answered.answers:
            if isinstance(answer, DeadLetter):
                tally.reasons[answer.reason] += 1
            else:
                tally.add(answer)
                key = answer.prediction.key or ""
                if key in self._streams and isinstance(answer, forecast.Answer):
                    tally.streams[key] = answer
        records, partition = len(answered.records), str(answered.partition)
        with self._lock:
            self._count(partition, tally, answered)
            for name, seconds in {
                "decode_seconds": answered.decode_seconds,
                "learn_seconds": answered.learn_seconds,
                "encode_seconds": answered.encode_seconds,
            }.items():
                self._histogram(name, partition).observe(seconds / records, records)
            self._count_latency(partition, answered)

    def _count(self, partition: str, tally: "Tally", answered: Answered) -> None:
        here, learned = (partition,), answered.learned
        letters = tally.reasons.total()
        for name, number in {
            "records": len(answered.records),
            "events": len(answered.records) - letters,
            "predictions": len(answered.records) - letters,
            "learning_steps": learned.steps,
            "undone_steps": learned.undone,
            "evicted_streams": learned.evicted,
            "loss": learned.loss,
            "gradient_norm": learned.gradient_norm,
            "clipped_steps": learned.clipped,
            "judged_forecasts": tally.judged,
            "forecast_error": tally.error,
            "last_value_error": tally.last_value_error,
            "covered_forecasts": tally.covered,
            "drifts": tally.drifts,
            "alarms": tally.alarms,
            "missing_steps": tally.missing,
            "text_bytes": tally.text_bytes,
            "compressed_text_bytes": tally.text_bits / 8,
            "network_compressed_text_bytes": tally.network_bits / 8,
            "judged_labels": tally.judged_labels,
            "right_labels": tally.right_labels,
            "judged_characters": tally.judged_characters,
            "character_errors": tally.character_errors,
            "composed_steps": tally.composed_steps,
            "compressed_steps_bytes": tally.composed_bits / 8,
        }.items():
            if number:
                self._add(name, here, number)
        for reason, number in tally.reasons.items():
            self._add("dead_letters", (partition, reason), number)
        for key, answer in tally.streams.items():
            self._show(partition, key, answer)

    def _show(self, partition: str, key: str, answer: forecast.Answer) -> None:
        made = answer.prediction
        for name, number in {
            "stream_value": answer.value,
            "stream_forecast": made.prediction[0] if made.prediction else math.nan,
            "stream_lower": made.lower[0] if made.lower else math.nan,
            "stream_upper": made.upper[0] if made.upper else math.nan,
            "stream_anomaly": math.nan if made.anomaly is None else made.anomaly,
        }.items():
            self._set(name, (partition, key), number)

    def _count_latency(self, partition: str, answered: Answered) -> None:
        stamps = [r.timestamp for r in answered.records if r.timestamp is not None]
        if stamps:
            latency, now = self._histogram("latency_seconds", partition), self._clock()
            for stamp in stamps:
                latency.observe(max(0.0, now - stamp))
            self._newest[answered.partition] = stamps[-1]

    def saved(self, partition: int, size: int, seconds: float) -> None:
        """Count a snapshot, and note its size and time."""
        here = (str(partition),)
        with self._lock:
            self._add("snapshots", here, 1)
            self._set("snapshot_size_bytes", here, size)
            self._set("snapshot_timestamp_seconds", here, self._clock())
            self._histogram("snapshot_seconds", *here).observe(seconds)

    def committed(self, seconds: float) -> None:
        """Count a transaction by its time."""
        with self._lock:
            self._histogram("commit_seconds").observe(seconds)

    def aborted(self) -> None:
        """Count a transaction that came to nothing."""
        with self._lock:
            self._add("aborted_transactions", (), 1)


class Tally:
    """What the answers to some records add up to; errors in units of a stream's mean change."""

    def __init__(self) -> None:
        self.judged = self.covered = self.drifts = self.alarms = self.missing = 0
        self.error = self.last_value_error = self.text_bits = self.network_bits = 0.0
        self.text_bytes = self.judged_labels = self.right_labels = self.composed_steps = 0
        self.judged_characters = self.character_errors = 0
        self.composed_bits = 0.0
        self.reasons: Counter[str] = Counter()
        self.streams: dict[str, forecast.Answer] = {}

    def add(self, answer: Answer) -> None:
        """Add what a record showed."""
        if isinstance(answer, answering.Answer):
            self.judged_labels += answer.judged
            self.right_labels += answer.right
            self.judged_characters += answer.characters
            self.character_errors += answer.errors
            self.composed_steps += answer.steps
            self.composed_bits += answer.bits
            return
        self.alarms += answer.prediction.alarm
        if isinstance(answer, text.Answer):
            self.text_bytes += len(answer.bits)
            self.text_bits += answer.prediction.bits
            self.network_bits += answer.prediction.network_bits
            return
        # How the forecast before turned out.
        self.drifts += answer.drift
        self.missing += answer.missing
        # A forecast without an interval is left out of all three: shares must fit together.
        if answer.covered == answer.covered:
            self.judged += 1
            self.covered += answer.covered > 0
            self.error += min(answer.error / answer.change, LARGEST_ERROR)
            self.last_value_error += min(answer.last_value_error / answer.change, LARGEST_ERROR)
