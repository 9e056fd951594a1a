"""Is it well? What an operator looks at first."""

from grafana_foundation_sdk.builders import dashboard

from deploy.grafana.frame import ALERTS, Section, framed
from deploy.grafana.panels import Query, Text, lines, number, rows, stacked
from deploy.grafana.queries import (
    OF_PARTITION,
    OF_WORKER,
    PARTITION,
    WORKER,
    mean,
    most,
    of_processes,
    quantile,
    rate,
    ratio,
    series,
)


def overview() -> dashboard.Dashboard:
    """Return the dashboard."""
    return framed(
        "overview",
        "streamrnn: is it well?",
        "Whether all partitions are at work, keep up and are answered. Start here.",
        [_now(), _flow(), _answers(), _workers()],
    )


def _now() -> Section:
    running = series("partition_state", state="running")
    letters = f"({rate('dead_letters')} or vector(0))"
    return "Now", [
        number(
            Text(
                "Alerts that fire",
                "Of streamrnn, all applications. The page that each names says what to do.",
                "short",
            ),
            Query(f"count({ALERTS}) or vector(0)"),
            [(1, "red")],
        ),
        number(
            Text(
                "Partitions at work",
                "Share of the assigned partitions that predict right now; the others are being "
                "restored, or wait for it.",
                "percentunit",
            ),
            Query(f"sum({running}) / count({running})"),
            [(0, "red"), (1, "green")],
        ),
        number(
            Text(
                "Farthest behind",
                "Age of the record that was answered last, while others wait; of all partitions "
                "the oldest.",
                "s",
            ),
            Query(most("lag_seconds")),
            [(10, "orange"), (60, "red")],
        ),
        number(
            Text(
                "Records a second",
                "Records that were read and answered, by a prediction or a dead letter.",
                "suffix: /s",
            ),
            Query(rate("records")),
        ),
        number(
            Text(
                "Dead letters",
                "Share of the records that could not be answered by a prediction.",
                "percentunit",
            ),
            Query(ratio(letters, rate("records"))),
            [(0.001, "orange"), (0.01, "red")],
        ),
        number(
            Text(
                "Error against the last value",
                "Below 1 the forecasts are better than taking the last value again; above, worse.",
                "none",
            ),
            Query(ratio(rate("forecast_error"), rate("last_value_error"))),
            [(1, "orange"), (1.05, "red")],
        ).decimals(2),
    ]


def _flow() -> Section:
    return "Does it keep up?", [
        stacked(
            Text(
                "Records a second",
                "Records read and answered, by partition. All fall at once where the input does.",
                "suffix: /s",
            ),
            Query(rate("records", PARTITION), OF_PARTITION),
        ),
        lines(
            Text(
                "Records behind",
                "Records in the topic that have no answer yet. What grows for long needs more "
                "workers or partitions; what stands still while others move is stuck.",
                "short",
            ),
            Query(most("lag_records", PARTITION), OF_PARTITION),
        ),
        lines(
            Text(
                "Time behind",
                "Age of the record that was answered last, while others wait.",
                "s",
            ),
            Query(most("lag_seconds", PARTITION), OF_PARTITION),
            limits=[(60, "red")],
        ),
    ]


def _answers() -> Section:
    return "What comes out?", [
        lines(
            Text(
                "From a record to its committed answer",
                "Time from a record's own timestamp to the commit of its answer: of half of them, "
                "of nine in ten, and of 99 in 100.",
                "s",
            ),
            Query(quantile(0.5, "latency_seconds"), "p50"),
            Query(quantile(0.9, "latency_seconds"), "p90"),
            Query(quantile(0.99, "latency_seconds"), "p99"),
        ),
        stacked(
            Text(
                "Answers a second",
                "Each record has exactly one answer: a prediction, or a dead letter that says why.",
                "suffix: /s",
            ),
            Query(rate("predictions"), "predictions"),
            Query(rate("dead_letters", ("reason",)), "dead letters: {{reason}}"),
        ),
        stacked(
            Text(
                "What partitions are doing",
                "Running ones predict. Others are restored from their last snapshot, or wait for "
                "it.",
                "short",
            ),
            Query(f"sum by (state) ({series('partition_state')})", "{{state}}"),
        ),
    ]


def _workers() -> Section:
    starts = f"sum by (app, instance) (changes({series('start_time_seconds')}[1h]))"
    return "Workers", [
        rows(
            Text("Workers", "Those that answer Prometheus, and what they run.", "short"),
            Query(series("build_info")),
            ["app", "topic", "instance", "version", "cell", "task", "python", "numpy", "numba"],
            width=16,
        ),
        lines(
            Text(
                "Partitions of each worker",
                "Workers beyond the number of partitions have none, and stand by.",
                "short",
            ),
            Query(most("assigned_partitions", WORKER), OF_WORKER),
        ),
        lines(
            Text("Processor", "Cores that each worker uses; it learns on one.", "short"),
            Query(of_processes("rate(process_cpu_seconds_total[$__rate_interval])"), OF_WORKER),
            width=6,
        ),
        lines(
            Text(
                "Memory", "What each worker holds; it is flat once all streams are known.", "bytes"
            ),
            Query(of_processes("process_resident_memory_bytes"), OF_WORKER),
            width=6,
        ),
        lines(
            Text(
                "Transactions",
                "Mean time to commit a transaction, with all the answers that are in it.",
                "s",
            ),
            Query(mean("commit_seconds", WORKER), OF_WORKER),
            width=6,
        ),
        lines(
            Text(
                "Starts and aborts",
                "Starts of a worker's process in the last hour, and transactions a minute that did "
                "not take place. An abort loses nothing: its records are answered again.",
                "short",
            ),
            Query(starts, "starts: " + OF_WORKER),
            Query(f"60 * {rate('aborted_transactions', WORKER)}", "aborts: " + OF_WORKER),
            width=6,
        ),
    ]
