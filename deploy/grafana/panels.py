"""The kinds of panels that the dashboards are made of, all in one style."""

from collections.abc import Sequence
from typing import NamedTuple, TypeVar

from grafana_foundation_sdk.builders import (
    common,
    dashboard,
    heatmap,
    prometheus,
    stat,
    statetimeline,
    table,
    timeseries,
)
from grafana_foundation_sdk.models.common import (
    BigValueColorMode,
    BigValueGraphMode,
    GraphThresholdsStyleMode,
    LegendDisplayMode,
    LegendPlacement,
    SortOrder,
    StackingMode,
    TooltipDisplayMode,
    VisibilityMode,
)
from grafana_foundation_sdk.models.dashboard import (
    DataSourceRef,
    DataTransformerConfig,
    FieldColorModeId,
    Threshold,
    ThresholdsMode,
    ValueMap,
    ValueMappingResult,
)
from grafana_foundation_sdk.models.heatmap import HeatmapColorMode
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

SOURCE = DataSourceRef(type_val="prometheus", uid="${datasource}")
LOW, HIGH = 4, 8
"""Heights of a single number, and of a chart."""

PanelOf = TypeVar(
    "PanelOf", stat.Panel, timeseries.Panel, statetimeline.Panel, heatmap.Panel, table.Panel
)


class Query(NamedTuple):
    """An expression, and what its series are called."""

    expression: str
    legend: str = ""


class Text(NamedTuple):
    """What a panel says of itself: its title, what it shows, and in which unit."""

    title: str
    description: str
    unit: str


Steps = Sequence[tuple[float, str]]
"""From which value on which colour; below the first all is green."""


def number(
    text: Text, query: Query, steps: Steps = (), *, width: int = 4, whole: bool = False
) -> stat.Panel:
    """Return a large number, coloured by how good it is.

    Args:
        text: What the panel says of itself.
        query: Has one value.
        steps: From which value on which colour.
        width: Of 24.
        whole: Whether it is of the whole time that is shown, and so has no course over it.
    """
    panel = _shared(stat.Panel(), text, [query], width, LOW, once=whole)
    return (
        panel.thresholds(_thresholds(steps))
        .color_mode(BigValueColorMode.VALUE)
        .graph_mode(BigValueGraphMode.NONE if whole else BigValueGraphMode.AREA)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
    )


def lines(
    text: Text, *queries: Query, limits: Steps = (), width: int = 8, free: bool = False
) -> timeseries.Panel:
    """Return lines over time.

    Args:
        text: What the panel says of itself.
        queries: Whose series are drawn.
        limits: Values that are drawn as dashed lines of their own colours.
        width: Of 24.
        free: Whether the axis may leave nought out.
    """
    panel = _shared(timeseries.Panel(), text, queries, width, HIGH)
    legend = common.VizLegendOptions().display_mode(LegendDisplayMode.LIST)
    tooltip = common.VizTooltipOptions().mode(TooltipDisplayMode.MULTI)
    panel.color_scheme(dashboard.FieldColor().mode(FieldColorModeId.PALETTE_CLASSIC))
    panel.line_width(1).fill_opacity(0 if free else 10).show_points(VisibilityMode.NEVER)
    panel.legend(legend.placement(LegendPlacement.BOTTOM).show_legend(True))
    panel.tooltip(tooltip.sort(SortOrder.DESCENDING))
    if not free:
        panel.axis_soft_min(0)
    if limits:
        dashed = common.GraphThresholdsStyleConfig().mode(GraphThresholdsStyleMode.DASHED)
        panel.thresholds(_thresholds(limits, below="transparent")).thresholds_style(dashed)
    return panel


def stacked(text: Text, *queries: Query, width: int = 8) -> timeseries.Panel:
    """Return areas over time, one on the other: what is shown adds up."""
    panel = lines(text, *queries, width=width).fill_opacity(40)
    return panel.stacking(common.StackingConfig().mode(StackingMode.NORMAL).group("A"))


def states(
    text: Text, query: Query, names: Sequence[tuple[str, str]], *, width: int = 24
) -> statetimeline.Panel:
    """Return bars over time; the query's values count the names, with their colours, from 0."""
    panel = _shared(statetimeline.Panel(), text, [query], width, HIGH)
    results = {
        str(value): ValueMappingResult(text=name, color=colour, index=value)
        for value, (name, colour) in enumerate(names)
    }
    return panel.mappings([ValueMap(options=results)]).show_value(VisibilityMode.NEVER)


def spread(text: Text, query: Query, *, width: int = 12) -> heatmap.Panel:
    """Return how a histogram's values are spread, over time."""
    panel = _shared(heatmap.Panel(), text, [query], width, HIGH, PromQueryFormat.HEATMAP)
    colours = heatmap.HeatmapColorOptions().mode(HeatmapColorMode.SCHEME).scheme("Blues")
    return panel.color(colours).y_axis(heatmap.YAxisConfig().unit(text.unit)).hide_legend()


def rows(text: Text, query: Query, columns: Sequence[str], *, width: int = 12) -> table.Panel:
    """Return the labels of series as they are now, a series a row."""
    panel = _shared(table.Panel(), text, [query], width, HIGH, PromQueryFormat.TABLE, once=True)
    order: dict[str, object] = {"include": {"names": list(columns)}}
    return panel.with_transformation(
        DataTransformerConfig(id_val="filterFieldsByName", options=order)
    )


def _shared(
    panel: PanelOf,
    text: Text,
    queries: Sequence[Query],
    width: int,
    height: int,
    shape: PromQueryFormat = PromQueryFormat.TIME_SERIES,
    *,
    once: bool = False,
) -> PanelOf:
    panel.title(text.title).description(text.description).unit(text.unit)
    panel.datasource(SOURCE).span(width).height(height)
    for name, query in zip("ABCDEFGH", queries, strict=False):
        asked = prometheus.Dataquery().ref_id(name).expr(query.expression).format(shape)
        asked.legend_format(query.legend or "__auto")
        panel.with_target(asked.instant() if once else asked.range())
    return panel


def _thresholds(steps: Steps, below: str = "green") -> dashboard.ThresholdsConfig:
    found = [Threshold(value=None, color=below)]
    found += [Threshold(value=value, color=colour) for value, colour in steps]
    return dashboard.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(found)
