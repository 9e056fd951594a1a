"""Metrics for Prometheus, served over HTTP."""

import math
from collections.abc import Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server

from streamrnn.errors import ConfigurationError
from streamrnn.records import DeadLetter
from streamrnn.tasks.forecast import Answer

BUCKETS = (5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 1e-2, 0.1, 1.0)


class Metrics:
    """Counts what a processor tells; serves it at ``/metrics`` once `serve` was called."""

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

    def serve(self, host: str, port: int) -> int:
        """Serve ``/metrics`` from a thread; return the port, which 0 leaves to the system.

        Raises:
            ConfigurationError: The address cannot be listened on.
        """
        try:
            server, _ = start_http_server(port, host, self._registry)
        except OSError as error:
            raise ConfigurationError(
                f"metrics: cannot listen on {host}:{port}: {error.strerror}; set metrics.port"
            ) from error
        return int(server.server_port)

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
