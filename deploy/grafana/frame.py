"""What all dashboards share: what a reader may choose, the ways from one to the other, alerts."""

from collections.abc import Iterable, Sequence

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.dashboard import (
    DashboardCursorSync,
    DashboardLinkType,
    Panel,
    VariableOption,
    VariableRefresh,
    VariableSort,
)

from deploy.grafana.panels import SOURCE
from deploy.grafana.queries import series

TAG = "streamrnn"
ALERTS = 'ALERTS{alertname=~"Streamrnn.+", alertstate="firing"}'
ALL = VariableOption(selected=True, text=["All"], value=["$__all"])

Section = tuple[str, Sequence[Builder[Panel]]]
"""A row's title, and its panels."""


def framed(
    name: str, title: str, description: str, sections: Iterable[Section], *, streams: bool = False
) -> dashboard.Dashboard:
    """Return a dashboard.

    Args:
        name: Which its address ends with.
        title: The question that it answers.
        description: Who it is for.
        sections: Its rows.
        streams: Whether named streams can be chosen.
    """
    board = (
        dashboard.Dashboard(title)
        .uid(f"{TAG}-{name}")
        .description(description)
        .tags([TAG])
        .readonly()
        .time("now-1h", "now")
        .refresh("10s")
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .link(_others())
        .annotation(_alerts())
        .with_variable(
            dashboard.DatasourceVariable("datasource").label("Source").type("prometheus")
        )
        .with_variable(_chosen("app", "App", series("build_info", among=())))
        .with_variable(_chosen("topic", "Topic", series("build_info", among=("app",))))
        .with_variable(_chosen("partition", "Partition", series("records", among=("app", "topic"))))
    )
    if streams:
        held = series("stream_value", among=("app", "topic", "partition"))
        board.with_variable(_chosen("key", "Stream", held))
    for row, panels in sections:
        board.with_row(dashboard.Row(row))
        for panel in panels:
            board.with_panel(panel)
    return board


def _chosen(label: str, title: str, found_in: str) -> dashboard.QueryVariable:
    """Return a variable: the values of a label that series have, several or all of them."""
    return (
        dashboard.QueryVariable(label)
        .label(title)
        .datasource(SOURCE)
        .query(f"label_values({found_in}, {label})")
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(VariableSort.NATURAL_ASC)
        .multi(True)
        .include_all(True)
        .current(ALL)
    )


def _others() -> dashboard.DashboardLink:
    """Return links to the other dashboards, which take along what is chosen here."""
    link = dashboard.DashboardLink("streamrnn").type(DashboardLinkType.DASHBOARDS).tags([TAG])
    return link.include_vars(True).keep_time(True)


def _alerts() -> dashboard.AnnotationQuery:
    """Return marks over all charts where an alert fires."""
    marks = dashboard.AnnotationQuery().name("Alerts").datasource(SOURCE).expr(ALERTS)
    return marks.enable(True).icon_color("red")
