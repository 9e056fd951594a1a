"""The metrics as Prometheus reads them."""

import math
import platform
import time
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import version

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    GCCollector,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from streamrnn.configuration import Configuration
from streamrnn.configuration.tasks import Forecast
from streamrnn.metrics.counting import Counts, Series
from streamrnn.metrics.definitions import COMMON, DEFINITIONS, Definition
from streamrnn.metrics.histogram import Histogram
from streamrnn.metrics.server import Page
from streamrnn.processor import Processor
from streamrnn.states import State


class Metrics(Collector):
    """All that is known of a worker, made up at each scrape.

    Args:
        configuration: What is run.
        counts: What was counted.
        processors: Those of the worker, by partition; what is gone is told no more.
        ends: Returns where the records of each partition end, as far as that is known.
    """

    def __init__(
        self,
        configuration: Configuration,
        counts: Counts,
        processors: Mapping[int, Processor],
        ends: Callable[[], Mapping[int, int]],
    ) -> None:
        c = configuration
        self._common = (c.app.id, c.input.topic or c.input.file or "")
        self._counts, self._processors, self._ends = counts, processors, ends
        self._streams = c.metrics.streams
        build = (
            version("streamrnn"),
            platform.python_version(),
            version("numpy"),
            version("numba"),
            c.model.cell,
            c.task.kind,
        )
        self._fixed: dict[str, Series] = {
            "streamrnn_build_info": {build: 1},
            "streamrnn_snapshot_interval_records": {(): c.snapshots.every},
            "streamrnn_start_time_seconds": {(): time.time()},
        }
        if isinstance(c.task, Forecast):
            coverage: Series = {(): c.task.coverage}
            self._fixed["streamrnn_interval_coverage_target_ratio"] = coverage
        self._registry = CollectorRegistry()
        self._registry.register(self)
        for standard in (ProcessCollector, PlatformCollector, GCCollector):
            standard(registry=self._registry)

    def page(self) -> Page:
        """Return ``/metrics``."""
        return Page(200, CONTENT_TYPE_LATEST, generate_latest(self._registry))

    def collect(self) -> Iterator[Metric]:
        """Yield each metric with all its series."""
        # The worker adds and removes some meanwhile.
        processors = dict(list(self._processors.items()))
        for gone in self._counts.partitions() - {str(number) for number in processors}:
            self._counts.forget(gone)
        now = {**self._fixed, **self._gauges(processors)}
        with self._counts.reading() as counted:
            families = [
                self._family(
                    definition, {**counted[definition.name], **now.get(definition.name, {})}
                )
                for definition in DEFINITIONS
            ]
        yield from families

    def _gauges(self, processors: Mapping[int, Processor]) -> dict[str, Series]:
        ends, gauges = self._ends(), dict[str, Series]()

        def put(name: str, value: float, *labels: str) -> None:
            if not math.isnan(value):
                gauges.setdefault(f"streamrnn_{name}", {})[labels] = value

        put("assigned_partitions", len(processors))
        for number, processor in processors.items():
            here, learner = str(number), processor.learner
            put("committed_offset", processor.committed, here)
            put("restore_remaining_records", processor.remaining, here)
            put("snapshot_lag_records", processor.unsaved, here)
            put("streams", len(learner.streams), here)
            put("learning_rate", learner.learning_rate, here)
            put("weights_norm", learner.weights_norm, here)
            for expert, weight in processor.shares.items():
                put("expert_weight_ratio", weight, here, expert)
            for key in self._streams:
                row = learner.streams.find(key)
                seasons = [] if row is None else learner.streams["seasons"][row].tolist()
                for place, steps in enumerate(seasons, start=1):
                    if steps:
                        put("stream_season_steps", steps, here, key, str(place))
            for state in State:
                if not state.value.startswith("closed"):
                    put("partition_state", processor.state is state, here, state.value)
            if number in ends:
                behind = max(0, ends[number] - processor.committed)
                put("lag_records", behind, here)
                newest = self._counts.newest(number)
                if not behind:
                    put("lag_seconds", 0.0, here)
                elif newest is not None:
                    put("lag_seconds", max(0.0, time.time() - newest), here)
        return gauges

    def _family(self, definition: Definition, series: Series) -> Metric:
        labels = (*COMMON, *definition.labels)
        if definition.kind == "histogram":
            histograms = HistogramMetricFamily(definition.name, definition.help, labels=labels)
            for values, histogram in series.items():
                assert isinstance(histogram, Histogram)
                histograms.add_metric(
                    (*self._common, *values), histogram.buckets(), histogram.total
                )
            return histograms
        make = CounterMetricFamily if definition.kind == "counter" else GaugeMetricFamily
        family: CounterMetricFamily | GaugeMetricFamily = make(
            definition.name, definition.help, labels=labels
        )
        for values, number in series.items():
            assert not isinstance(number, Histogram)
            family.add_metric((*self._common, *values), number)
        return family
