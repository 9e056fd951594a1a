"""The metrics: their names, what they are, and what they are told apart by."""

from typing import Literal, NamedTuple

Kind = Literal["counter", "gauge", "histogram"]

COMMON = ("app", "topic")
"""The labels of all: the application, and its input topic, or the path of its input file."""
PARTITION = ("partition",)
STREAM = ("partition", "key")
WORKER = ()

BRIEF = (1e-6, 2e-6, 5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2)
"""Bounds of what takes microseconds."""
LONG = (1e-3, 2e-3, 5e-3, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0)
"""Bounds of what a person could notice."""


class Definition(NamedTuple):
    """One metric.

    Attributes:
        name: Without the ``_total`` that Prometheus puts behind a counter's.
        kind: Counters only grow; gauges go up and down; histograms count by size.
        labels: Beside those that are common to all.
        help: What it is.
        bounds: Of a histogram.
    """

    name: str
    kind: Kind
    labels: tuple[str, ...]
    help: str
    bounds: tuple[float, ...] = ()


def _define(
    kind: Kind, labels: tuple[str, ...], helps: dict[str, str], bounds: tuple[float, ...] = ()
) -> tuple[Definition, ...]:
    return tuple(
        Definition(f"streamrnn_{name}", kind, labels, text, bounds) for name, text in helps.items()
    )


DEFINITIONS: tuple[Definition, ...] = (
    *_define(
        "counter",
        PARTITION,
        {
            "records": "Records read and answered",
            "events": "Records that were steps of a stream",
            "predictions": "Records answered by a prediction",
            "learning_steps": "Learning steps",
            "undone_steps": "Steps undone since an output or a gradient was not finite",
            "snapshots": "Snapshots saved",
            "restores": "Restores from a snapshot, or from the beginning",
            "evicted_streams": "Streams that made way for others, the one idle longest first",
            "loss": "Sum of the losses of learning steps",
            "gradient_norm": "Sum of the norms of their gradients, before clipping",
            "clipped_steps": "Learning steps whose gradient was clipped",
            "judged_forecasts": "Forecasts, one step ahead, whose value came",
            "forecast_error": "Sum of their absolute errors, in units of the stream's mean change",
            "last_value_error": "The same, had the last value been the forecast",
            "covered_forecasts": "Judged forecasts whose value lay within the interval",
            "drifts": "Drifts: the errors of a stream have grown, and stay so",
            "missing_steps": "Steps that were missing in streams, by the times of their records",
            "alarms": "Alarms: a record as rare as task.alarm_rate says, once a run",
            "text_bytes": "Bytes of text that were read, with the ends of records",
            "compressed_text_bytes": "What a compressor would need for them, by what was foretold",
            "network_compressed_text_bytes": "The same, by the network alone",
            "judged_labels": "Labels that were predicted, of sequences or of their steps, and came",
            "right_labels": "Of these, the right ones",
            "judged_characters": "Characters of transcripts that were predicted, and came",
            "character_errors": "Characters by which the predicted ones differ from these",
            "composed_steps": "Steps of sequences that were foretold one by one",
            "compressed_steps_bytes": "What a compressor would need for them",
        },
    ),
    *_define(
        "counter",
        (*PARTITION, "reason"),
        {"dead_letters": "Records answered by a dead letter"},
    ),
    *_define(
        "gauge",
        PARTITION,
        {
            "lag_records": "Records that wait to be answered",
            "lag_seconds": "Age of the record answered last, while others wait",
            "committed_offset": "The offset up to which records are answered",
            "restore_remaining_records": "Records still to be learned again after a restore",
            "snapshot_size_bytes": "Size of the arrays in the last snapshot",
            "snapshot_timestamp_seconds": "When the last snapshot was saved, since 1970",
            "snapshot_lag_records": "Records since the last snapshot",
            "streams": "Streams held",
            "learning_rate": "Learning rate of the next step",
            "weights_norm": "Norm of all parameters, where streams share them",
        },
    ),
    *_define(
        "gauge",
        (*PARTITION, "state"),
        {"partition_state": "1 for what the partition is doing, 0 for what it is not"},
    ),
    *_define(
        "gauge",
        (*PARTITION, "expert"),
        {"expert_weight_ratio": "Weight of the network or an expert in the newest forecasts"},
    ),
    *_define(
        "histogram",
        PARTITION,
        {
            "decode_seconds": "Time to read the fields of a record",
            "learn_seconds": "Time to predict and learn a record",
            "encode_seconds": "Time to write the prediction of a record",
        },
        BRIEF,
    ),
    *_define(
        "histogram",
        PARTITION,
        {
            "latency_seconds": "Time from a record's own timestamp to the commit of its answer",
            "snapshot_seconds": "Time to make a snapshot",
        },
        LONG,
    ),
    *_define("histogram", WORKER, {"commit_seconds": "Time to commit a transaction"}, LONG),
    *_define("counter", WORKER, {"aborted_transactions": "Transactions that were aborted"}),
    *_define(
        "gauge",
        WORKER,
        {
            "assigned_partitions": "Partitions of this worker",
            "snapshot_interval_records": "Records from one snapshot to the next",
            "interval_coverage_target_ratio": "Share of values that intervals are to hold",
            "start_time_seconds": "When this worker was started, since 1970",
        },
    ),
    *_define(
        "gauge",
        ("version", "python", "numpy", "numba", "cell", "task"),
        {"build_info": "1; what is running"},
    ),
    *_define(
        "gauge",
        STREAM,
        {
            "stream_value": "Newest value of a stream that metrics.streams names",
            "stream_forecast": "Forecast of its next value",
            "stream_lower": "Where the interval around that begins",
            "stream_upper": "Where it ends",
            "stream_anomaly": "How unusual the newest value is, from 0 to 1",
        },
    ),
    *_define(
        "gauge",
        (*STREAM, "season"),
        {"stream_season_steps": "Length of a stream's first and second season, given or found"},
    ),
)
