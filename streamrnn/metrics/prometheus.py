"""Metrics for Prometheus."""

import math
from collections.abc import Sequence

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)

from streamrnn.metrics.server import Page
from streamrnn.records import DeadLetter
from streamrnn.tasks.forecast import Answer

BUCKETS = (5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 1e-2, 0.1, 1.0)


class Metrics:
    """Counts what processors tell."""

    def __init__(self) -> None:
        registry = self._registry = CollectorRegistry()
        self._events = Counter("streamrnn_events", "Records read", registry=registry)
        self._predictions = Counter(
            "streamrnn_predictions", "Records answered by a prediction", registry=registry
        )
        self._dead_letters = Counter(
            "streamrnn_dead_letters",
            "Records answered by a dead letter",
            ["reason"],
            registry=registry,
        )
        self._steps = Counter("streamrnn_learning_steps", "Learning steps", registry=registry)
        self._process = Histogram(
            "streamrnn_process_seconds",
            "Seconds to decode, predict and learn a record, the mean of a batch",
            buckets=BUCKETS,
            registry=registry,
        )
        self._loss = Gauge("streamrnn_loss", "Loss of the last learning step", registry=registry)

    def page(self) -> Page:
        """Return ``/metrics`` as Prometheus reads it."""
        return Page(200, CONTENT_TYPE_LATEST, generate_latest(self._registry))

    def answered(
        self, partition: int, answers: Sequence[Answer | DeadLetter], seconds: float
    ) -> None:
        """Count what a batch brought."""
        if not answers:
            return
        letters = [answer for answer in answers if isinstance(answer, DeadLetter)]
        losses = [a.loss for a in answers if isinstance(a, Answer) and not math.isnan(a.loss)]
        self._events.inc(len(answers))
        self._predictions.inc(len(answers) - len(letters))
        self._process.observe(seconds / len(answers))
        self._steps.inc(len(losses))
        if losses:
            self._loss.set(losses[-1])
        for letter in letters:
            self._dead_letters.labels(letter.reason).inc()
