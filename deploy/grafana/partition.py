"""Where is it stuck? A partition in depth."""

from grafana_foundation_sdk.builders import dashboard

from deploy.grafana.frame import Section, framed
from deploy.grafana.panels import Query, Text, lines, spread, stacked, states
from deploy.grafana.queries import (
    OF_PARTITION,
    PARTITION,
    buckets,
    grown,
    mean,
    most,
    quantile,
    rate,
)

STATES = [
    ("created", "semi-dark-purple"),
    ("restoring", "semi-dark-yellow"),
    ("running", "semi-dark-green"),
    ("suspended", "semi-dark-red"),
]


def partition() -> dashboard.Dashboard:
    """Return the dashboard."""
    return framed(
        "partition",
        "streamrnn: where is it stuck?",
        "A partition in depth: what it is doing, where its time goes, its snapshots. Choose one.",
        [_place(), _time(), _snapshots(), _mishaps()],
    )


def _place() -> Section:
    numbered = [
        f"{value} * {most('partition_state', PARTITION, state=state)}"
        for value, (state, _) in enumerate(STATES)
    ]
    return "Where is it?", [
        states(
            Text(
                "What it is doing",
                "Created: it waits to be restored. Restoring: the records since the last snapshot "
                "are learned again. Running: it predicts. Suspended: a transaction was aborted, "
                "and it waits to be restored. A gap: no worker has it.",
                "none",
            ),
            Query(" + ".join(numbered), OF_PARTITION),
            STATES,
        ),
        lines(
            Text(
                "Committed offset",
                "The next record that has no answer yet. A flat line, while there are records "
                "behind, is a partition that is stuck; at what record is this number.",
                "none",
            ),
            Query(most("committed_offset", PARTITION), OF_PARTITION),
            width=6,
            free=True,
        ),
        lines(
            Text("Records behind", "Records in the topic that have no answer yet.", "short"),
            Query(most("lag_records", PARTITION), OF_PARTITION),
            width=6,
        ),
        lines(
            Text(
                "Time behind", "Age of the record that was answered last, while others wait.", "s"
            ),
            Query(most("lag_seconds", PARTITION), OF_PARTITION),
            limits=[(60, "red")],
            width=6,
        ),
        lines(
            Text(
                "Left to restore",
                "Records that are to be learned again before it predicts; nothing is sent for "
                "them. It falls to nought; where it starts again and again, commits are aborted.",
                "short",
            ),
            Query(most("restore_remaining_records", PARTITION), OF_PARTITION),
            width=6,
        ),
    ]


def _time() -> Section:
    stages = [
        ("decode_seconds", "decode"),
        ("learn_seconds", "predict and learn"),
        ("encode_seconds", "encode"),
        ("snapshot_seconds", "make snapshots"),
        ("commit_seconds", "commit (of the whole worker)"),
    ]
    return "Where does the time go?", [
        stacked(
            Text(
                "Share of the time at work",
                "Seconds of each second that go to each stage. What is left is waiting for "
                "records; near 1 a worker is at its limit. A worker commits all its partitions at "
                "once, so that stage is of the worker.",
                "percentunit",
            ),
            *(Query(rate(name, part="sum"), stage) for name, stage in stages),
            width=12,
        ),
        spread(
            Text(
                "From a record to its committed answer",
                "How many records a second took how long, from their own timestamp to the commit.",
                "s",
            ),
            Query(buckets("latency_seconds"), "{{le}}"),
        ),
        lines(
            Text("Decode a record", "Mean, from bytes to fields.", "s"),
            Query(mean("decode_seconds", PARTITION), OF_PARTITION),
            width=6,
        ),
        lines(
            Text(
                "Predict and learn a record",
                "Mean, and what 99 in 100 stay below; one kernel does both.",
                "s",
            ),
            Query(mean("learn_seconds", PARTITION), OF_PARTITION),
            Query(quantile(0.99, "learn_seconds", PARTITION), "p99: " + OF_PARTITION),
            width=6,
        ),
        lines(
            Text("Encode a record", "Mean, from a prediction to bytes.", "s"),
            Query(mean("encode_seconds", PARTITION), OF_PARTITION),
            width=6,
        ),
        lines(
            Text(
                "Commit a transaction",
                "Mean, and what 99 in 100 stay below. It is mostly the brokers' time.",
                "s",
            ),
            Query(mean("commit_seconds", ("app",)), "{{app}}"),
            Query(quantile(0.99, "commit_seconds", ("app",)), "p99: {{app}}"),
            width=6,
        ),
    ]


def _snapshots() -> Section:
    return "Are there snapshots?", [
        lines(
            Text(
                "Records since the last snapshot",
                "After a crash they are learned again. It falls to nought each time that it has "
                "reached `snapshots.every`; beyond it, snapshots fail.",
                "short",
            ),
            Query(most("snapshot_lag_records", PARTITION), OF_PARTITION),
            Query(most("snapshot_interval_records", ("app",)), "snapshots.every: {{app}}"),
            width=6,
        ),
        lines(
            Text(
                "Age of the last snapshot",
                "Snapshots are made by records, not by time: on a quiet topic they are old.",
                "s",
            ),
            Query(f"time() - {most('snapshot_timestamp_seconds', PARTITION)}", OF_PARTITION),
            width=6,
        ),
        lines(
            Text(
                "Size of a snapshot",
                "Of the last one: the weights, and the streams that changed since the one before.",
                "bytes",
            ),
            Query(most("snapshot_size_bytes", PARTITION), OF_PARTITION),
            width=6,
        ),
        lines(
            Text("Time to make a snapshot", "Mean; meanwhile the worker answers nothing.", "s"),
            Query(mean("snapshot_seconds", PARTITION), OF_PARTITION),
            width=6,
        ),
    ]


def _mishaps() -> Section:
    return "What goes wrong?", [
        lines(
            Text(
                "Dead letters",
                "Share of the records, by reason: malformed cannot be decoded, type and range are "
                "fields that are not what they should be, missing has no stream's name, learning "
                "gave numbers that are not finite.",
                "percentunit",
            ),
            Query(
                f"{rate('dead_letters', ['reason'])} / on () group_left () ({rate('records')} > 0)",
                "{{reason}}",
            ),
            width=6,
        ),
        lines(
            Text(
                "Snapshots and restores",
                "In the last hour. It is restored at each start, each time that it moves to "
                "another worker, and after each aborted transaction.",
                "short",
            ),
            Query(grown("snapshots", PARTITION, over="1h"), "snapshots: " + OF_PARTITION),
            Query(grown("restores", PARTITION, over="1h"), "restores: " + OF_PARTITION),
            width=6,
        ),
        lines(
            Text(
                "Streams held",
                "Keys that the model knows; at `learn.max_streams` the one idle longest is "
                "forgotten for each that is new.",
                "short",
            ),
            Query(most("streams", PARTITION), OF_PARTITION),
            width=6,
        ),
        lines(
            Text(
                "Streams forgotten",
                "A second. One that comes back starts anew: raise `learn.max_streams` where they "
                "do.",
                "suffix: /s",
            ),
            Query(rate("evicted_streams", PARTITION), OF_PARTITION),
            width=6,
        ),
    ]
