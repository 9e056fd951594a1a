"""Expressions of PromQL over the metrics, narrowed by what a dashboard's reader has chosen."""

from collections.abc import Sequence

from streamrnn.metrics.definitions import COMMON, DEFINITIONS

DEFINED = {definition.name: definition for definition in DEFINITIONS}
CHOSEN = ("app", "topic", "partition", "key")
"""Labels that are variables of the dashboards, by the same names."""

PARTITION, WORKER = ("app", "partition"), ("app", "instance")
"""What tells them apart; an application has one input topic."""
OF_PARTITION, OF_WORKER = "{{app}} {{partition}}", "{{app}} {{instance}}"
"""What series are called that are told apart so."""
FROM_PROCESSES = "on (job, instance) group_left (app)"
RECENT, WHOLE = "$__rate_interval", "$__range"
"""Over how long a rate is taken: as short as scrapes allow, and all that is shown."""


def series(name: str, part: str = "", among: Sequence[str] = CHOSEN, **labels: str) -> str:
    """Return the selector of a metric's series.

    Args:
        name: Of the metric, without its prefix and its ending.
        part: Of a histogram: bucket, sum or count.
        among: The labels by which what is chosen narrows them, of those that the metric has.
        labels: What else they must be equal to.
    """
    defined = DEFINED[f"streamrnn_{name}"]
    ending = "_total" if defined.kind == "counter" else f"_{part}" if part else ""
    known = (*COMMON, *defined.labels)
    matchers = [f'{label}=~"${label}"' for label in among if label in known]
    matchers += [f'{label}="{value}"' for label, value in labels.items()]
    return f"{defined.name}{ending}{{{', '.join(matchers)}}}"


def rate(name: str, by: Sequence[str] = (), *, part: str = "", over: str = RECENT) -> str:
    """Return how much a counter grows in a second, the mean over a while."""
    return f"{_aggregated('sum', by)} (rate({series(name, part)}[{over}]))"


def grown(name: str, by: Sequence[str] = (), *, over: str) -> str:
    """Return how much a counter has grown in a while."""
    return f"{_aggregated('sum', by)} (increase({series(name)}[{over}]))"


def most(name: str, by: Sequence[str] = (), **labels: str) -> str:
    """Return the largest of a gauge's values; two workers may tell one for a moment."""
    return f"{_aggregated('max', by)} ({series(name, **labels)})"


def ratio(part: str, whole: str) -> str:
    """Return a part of a whole, and nothing where the whole is nought."""
    return f"{part} / ({whole} > 0)"


def mean(name: str, by: Sequence[str] = ()) -> str:
    """Return the mean of what a histogram counts."""
    return ratio(rate(name, by, part="sum"), rate(name, by, part="count"))


def quantile(share: float, name: str, by: Sequence[str] = ()) -> str:
    """Return the value that a share of what a histogram counts does not exceed."""
    return f"histogram_quantile({share}, {buckets(name, by)})"


def buckets(name: str, by: Sequence[str] = ()) -> str:
    """Return how fast each bucket of a histogram fills."""
    return rate(name, ("le", *by), part="bucket")


def of_processes(expression: str) -> str:
    """Return what Prometheus' client tells of each process, with the application it belongs to."""
    return f"{expression} * {FROM_PROCESSES} {series('build_info')}"


def _aggregated(operator: str, by: Sequence[str]) -> str:
    return f"{operator} by ({', '.join(by)})" if by else operator
