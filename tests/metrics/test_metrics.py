"""What is counted, and what Prometheus reads of it."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families

from streamrnn.build import build
from streamrnn.configuration import Configuration, parse
from streamrnn.metrics.counting import Counts
from streamrnn.metrics.definitions import DEFINITIONS
from streamrnn.metrics.histogram import Histogram
from streamrnn.metrics.prometheus import Metrics
from streamrnn.records import Record
from streamrnn.transports.base import AbortedError
from streamrnn.transports.memory import MemoryClient, MemoryCluster
from streamrnn.worker import Worker
from tests.sequences import on_topics, records

NOW = 1_000_000.0
WEIGHT = "streamrnn_expert_weight_ratio"


def pumps(**task: Any) -> dict[str, Any]:
    """Return the configuration of a forecast."""
    return {
        "app": {"id": "pumps"},
        "input": {"topic": "sensors"},
        "task": {"kind": "forecast", "target": "value", **task},
        "model": {"hidden": 4},
        "output": {"topic": "predictions"},
        "snapshots": {"every": 50},
        "metrics": {"streams": ["a"]},
    }


class Watched:
    """A worker on two partitions in memory, with all its metrics."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.cluster, self.failing = MemoryCluster(2), ""
        self.configuration: Configuration = parse(document, "test")
        self.counts = Counts(["a"], clock=lambda: NOW)
        self.worker: Worker = build(
            self.configuration, [self.counts], client=MemoryClient(self.cluster, self._before)
        )
        self.ends: dict[int, int] = {}
        processors = self.worker.processors
        self.metrics = Metrics(self.configuration, self.counts, processors, lambda: self.ends)

    def _before(self, step: str) -> None:
        if step == self.failing:
            self.failing = ""
            raise AbortedError(step)

    def feed(self, partition: int, values: Sequence[bytes | None]) -> None:
        log = self.cluster.inputs[partition]
        for value in values:
            log.append(Record(partition, len(log), b"a", value, (), NOW - 2.0))

    def turns(self, count: int = 6) -> None:
        for _ in range(count):
            self.worker.turn()

    def samples(self) -> dict[str, dict[tuple[str, ...], float]]:
        """Return the values by name, then by labels but for those that are common."""
        found: dict[str, dict[tuple[str, ...], float]] = {}
        common = (self.configuration.app.id, self.configuration.input.topic)
        text = self.metrics.page().content.decode()
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                if sample.name.startswith("streamrnn"):
                    labels = dict(sample.labels)
                    assert (labels.pop("app"), labels.pop("topic")) == common
                    found.setdefault(sample.name, {})[tuple(labels.values())] = sample.value
        return found

    def predictions(self) -> list[Any]:
        """Return those of partition 0."""
        return [msgspec.json.decode(sent.value or b"") for sent in self.cluster.topics["output"][0]]


@pytest.fixture
def watched() -> Iterator[Watched]:
    made = Watched(pumps())
    made.turns(3)
    yield made
    made.worker.transport.close()


def values(count: int) -> list[bytes]:
    return [b'{"value": %d}' % (n * n % 17) for n in range(count)]


def test_every_record_is_counted_once_and_by_its_answer(watched: Watched) -> None:
    watched.feed(0, values(120))
    watched.feed(1, [*values(30), b"broken", b'{"value": "x"}'])
    watched.turns()
    samples = watched.samples()
    assert samples["streamrnn_records_total"] == {("0",): 120, ("1",): 32}
    assert samples["streamrnn_predictions_total"] == {("0",): 120, ("1",): 30}
    assert samples["streamrnn_events_total"] == {("0",): 120, ("1",): 30}
    letters = samples["streamrnn_dead_letters_total"]
    assert letters == {("1", "malformed"): 1, ("1", "type"): 1}
    assert samples["streamrnn_committed_offset"] == {("0",): 120, ("1",): 32}
    assert samples["streamrnn_learning_steps_total"] == {("0",): 119, ("1",): 29}
    assert samples["streamrnn_decode_seconds_count"] == {("0",): 120, ("1",): 32}


def test_what_is_aborted_is_counted_as_that_and_its_records_once(watched: Watched) -> None:
    watched.feed(0, values(40))
    watched.failing = "commit"
    watched.turns()
    samples = watched.samples()
    assert samples["streamrnn_aborted_transactions_total"] == {(): 1}
    assert samples["streamrnn_records_total"][("0",)] == 40
    assert samples["streamrnn_learning_steps_total"][("0",)] == 39
    assert samples["streamrnn_restores_total"][("0",)] == 2


def test_errors_are_those_of_the_answers(watched: Watched) -> None:
    watched.feed(0, values(60))
    watched.turns()
    samples = watched.samples()
    made = watched.predictions()
    truth = [float(n * n % 17) for n in range(60)]
    judged = [
        (one["lower"][0] <= value <= one["upper"][0])
        for one, value in zip(made[:-1], truth[1:], strict=True)
        if one["lower"]
    ]
    assert samples["streamrnn_judged_forecasts_total"][("0",)] == len(judged)
    assert samples["streamrnn_covered_forecasts_total"][("0",)] == sum(judged)
    error = samples["streamrnn_forecast_error_total"][("0",)]
    assert 0.2 < error / samples["streamrnn_last_value_error_total"][("0",)] < 2


def test_lag_and_latency_are_told_in_records_and_in_seconds(watched: Watched) -> None:
    watched.feed(0, values(10))
    watched.turns()
    watched.ends = {0: 25, 1: 0}
    samples = watched.samples()
    assert samples["streamrnn_lag_records"] == {("0",): 15, ("1",): 0}
    assert samples["streamrnn_lag_seconds"][("1",)] == 0
    assert samples["streamrnn_lag_seconds"][("0",)] > 1e9
    assert samples["streamrnn_latency_seconds_sum"] == {("0",): 20}
    assert samples["streamrnn_latency_seconds_bucket"][("1.0", "0")] == 0
    assert samples["streamrnn_latency_seconds_bucket"][("2.0", "0")] == 10


def test_snapshots_are_told_by_size_age_and_distance(watched: Watched) -> None:
    before = watched.samples()["streamrnn_snapshots_total"][("0",)]
    watched.feed(0, values(70))
    watched.turns()
    samples = watched.samples()
    assert samples["streamrnn_snapshots_total"][("0",)] == before + 1
    assert samples["streamrnn_snapshot_timestamp_seconds"][("0",)] == NOW
    assert samples["streamrnn_snapshot_size_bytes"][("0",)] > 1000
    assert samples["streamrnn_snapshot_lag_records"][("0",)] < 50
    assert samples["streamrnn_snapshot_interval_records"][()] == 50


def test_series_of_a_partition_that_is_gone_disappear(watched: Watched) -> None:
    watched.feed(0, [*values(5), b"broken"])
    watched.feed(1, values(5))
    watched.turns()
    assert ("0",) in watched.samples()["streamrnn_records_total"]
    watched.worker.processors.pop(0)
    for name, series in watched.samples().items():
        assert not [labels for labels in series if "0" in labels], name


def test_only_the_streams_that_are_named_are_shown(watched: Watched) -> None:
    watched.feed(0, values(9))
    watched.cluster.inputs[0].append(Record(0, 9, b"b", b'{"value": 5}'))
    watched.turns()
    samples = watched.samples()
    shown = [name for name in samples if name.startswith("streamrnn_stream_")]
    assert len(shown) == 5
    assert all(set(samples[name]) == {("a", "0")} for name in shown)
    assert samples["streamrnn_stream_value"][("a", "0")] == 64 % 17


def test_each_metric_that_is_defined_is_told_and_no_other() -> None:
    watched = Watched(pumps(season=[3]))
    watched.turns(3)
    watched.feed(0, [*values(60), b"broken"])
    watched.turns()
    watched.ends = {0: 62, 1: 0}
    text = watched.metrics.page().content.decode()
    told = {
        family.name
        for family in text_string_to_metric_families(text)
        if family.samples and family.name.startswith("streamrnn")
    }
    assert told == {definition.name for definition in DEFINITIONS}
    for standard in ("process_cpu_seconds_total", "python_info", "python_gc_collections_total"):
        assert standard in text


def test_the_weights_of_all_that_is_mixed_add_up_to_one(watched: Watched) -> None:
    watched.feed(0, values(60))
    watched.turns()
    told = {labels[0]: share for labels, share in watched.samples()[WEIGHT].items()}
    assert {"network", "last_value", "lags"} <= told.keys()
    assert sum(told.values()) == pytest.approx(1)


def test_alarms_and_seasons_are_told() -> None:
    watched = Watched(pumps(season=[4], alarm_rate=0.01))
    watched.turns(3)
    watched.feed(0, [*values(400), b'{"value": 1e6}', *values(10)])
    watched.turns(12)
    assert watched.samples()["streamrnn_alarms_total"][("0",)] >= 1
    assert watched.samples()["streamrnn_stream_season_steps"] == {("a", "0", "1"): 4.0}


def answered(
    kind: str, steps: str, *, network: bool = False
) -> tuple[Watched, list[tuple[Any, Any]]]:
    """Return a worker that has answered whole sequences; what came, with its prediction."""
    watched = Watched(on_topics(kind, steps, "scores", model={"network": network}))
    watched.turns(3)
    sent = list(records(kind, steps, 60))
    watched.feed(0, sent)
    watched.turns()
    made = watched.predictions()
    return watched, [(msgspec.json.decode(sent[one["offset"]] or b""), one) for one in made]


def test_labels_are_judged_where_one_was_predicted_and_came() -> None:
    watched, pairs = answered("classify", "words")
    labels = [(came["target"], made["prediction"]) for came, made in pairs]
    judged = [(label, taken) for label, taken in labels if label is not None and taken is not None]
    right = sum(label == taken for label, taken in judged)
    assert 0 < right < len(judged) < len(labels) - 1
    samples = watched.samples()
    assert samples["streamrnn_judged_labels_total"] == {("0",): len(judged), ("1",): 0}
    assert samples["streamrnn_right_labels_total"] == {("0",): right, ("1",): 0}


def test_characters_of_transcripts_are_judged_by_their_edits() -> None:
    watched, pairs = answered("transcribe", "numbers", network=True)
    texts = [
        (came["target"], made["prediction"])
        for came, made in pairs
        if None not in (came["target"], made["prediction"])
    ]
    # Each transcript here is of one character.
    errors = sum(max(len(heard), 1) - (said in heard) for said, heard in texts)
    samples = watched.samples()
    assert errors > 0
    assert samples["streamrnn_judged_characters_total"] == {("0",): len(texts), ("1",): 0}
    assert samples["streamrnn_character_errors_total"] == {("0",): errors, ("1",): 0}


def test_steps_of_compositions_are_counted_with_their_ends_and_their_bits() -> None:
    watched, pairs = answered("compose", "items")
    samples = watched.samples()
    steps = sum(len(came["sequence"]) + 1 for came, _ in pairs)
    assert samples["streamrnn_composed_steps_total"] == {("0",): steps, ("1",): 0}
    told = samples["streamrnn_compressed_steps_bytes_total"]
    assert 8 * told[("0",)] == pytest.approx(sum(made["bits"] for _, made in pairs))


def test_what_a_partition_does_is_one_of_its_states(watched: Watched) -> None:
    states = watched.samples()["streamrnn_partition_state"]
    assert {labels[1] for labels, on in states.items() if on} == {"running"}
    assert len(states) == 8


def test_a_histogram_counts_what_is_not_beyond_each_bound() -> None:
    histogram = Histogram((1.0, 2.0))
    for number in (0.5, 1.0, 1.5, 3.0):
        histogram.observe(number)
    histogram.observe(99.0, times=2)
    assert histogram.buckets() == [("1.0", 2), ("2.0", 3), ("+Inf", 6)]
    assert histogram.total == 204.0


def test_a_batch_of_nothing_but_dead_letters_is_counted(watched: Watched) -> None:
    watched.feed(0, [b"broken"] * 3)
    watched.turns()
    assert watched.samples()["streamrnn_dead_letters_total"] == {("0", "malformed"): 3}
