"""Is it right? How good the forecasts are, how the model learns, and what it says of streams."""

from grafana_foundation_sdk.builders import dashboard, timeseries
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue

from deploy.grafana.frame import Section, framed
from deploy.grafana.panels import Query, Text, lines, number
from deploy.grafana.queries import OF_PARTITION, PARTITION, WHOLE, grown, most, rate, ratio, series


def learning() -> dashboard.Dashboard:
    """Return the dashboard."""
    return framed(
        "learning",
        "streamrnn: is it right?",
        "How good the forecasts are, how the model learns, and what it says of named streams.",
        [_now(), _forecasts(), _text(), _sequences(), _steps(), _streams()],
        streams=True,
    )


def _now() -> Section:
    covered = ratio(rate("covered_forecasts", over=WHOLE), rate("judged_forecasts", over=WHOLE))
    return "Now", [
        number(
            Text(
                "Error against the last value",
                "Mean error of the forecasts, as a share of that of taking the last value again: "
                "0.7 is 30 % better, 1 is no better, more is worse. Of the whole time shown.",
                "none",
            ),
            Query(ratio(rate("forecast_error", over=WHOLE), rate("last_value_error", over=WHOLE))),
            [(1, "orange"), (1.05, "red")],
            width=6,
            whole=True,
        ).decimals(2),
        number(
            Text(
                "Coverage beyond target",
                "Share of the values within the interval that was forecast, less the share that is "
                "aimed at. Below nought the intervals are too narrow, above too wide. Of the whole "
                "time shown.",
                "percentunit",
            ),
            Query(f"{covered} - {most('interval_coverage_target_ratio')}"),
            [(-1, "red"), (-0.1, "orange"), (-0.05, "green"), (0.08, "orange")],
            width=6,
            whole=True,
        ),
        number(
            Text(
                "Learning steps a second",
                "Updates of the weights, of all partitions.",
                "suffix: /s",
            ),
            Query(rate("learning_steps")),
            width=6,
        ),
        number(
            Text(
                "Steps undone",
                "Learning steps whose numbers were not finite: the model went on from the weights "
                "before. A few follow wild values; many say that the learning rate is too high. Of "
                "the whole time shown.",
                "short",
            ),
            Query(grown("undone_steps", over=WHOLE)),
            [(1, "orange"), (100, "red")],
            width=6,
            whole=True,
        ),
    ]


def _forecasts() -> Section:
    judged = rate("judged_forecasts", PARTITION)
    return "Are the forecasts good?", [
        lines(
            Text(
                "Error against the last value",
                "One step ahead, by partition; each has a model of its own. Above 1 the last value "
                "again would have been better. A new model starts above and falls.",
                "none",
            ),
            Query(
                ratio(rate("forecast_error", PARTITION), rate("last_value_error", PARTITION)),
                OF_PARTITION,
            ),
            limits=[(1, "orange")],
            width=12,
        ),
        lines(
            Text(
                "Mean error",
                "Of the forecasts one step ahead, and had the last value been the forecast, in "
                "units of a stream's mean change. Where both rise, the streams have become wilder.",
                "none",
            ),
            Query(ratio(rate("forecast_error"), rate("judged_forecasts")), "forecast"),
            Query(ratio(rate("last_value_error"), rate("judged_forecasts")), "last value"),
            width=12,
        ),
        lines(
            Text(
                "Values within the interval",
                "Share of the values between the lower and upper end that were forecast, by "
                "partition, and the share that is aimed at. Below it the intervals are too narrow "
                "to be relied on; above it they are wider than they need to be.",
                "percentunit",
            ),
            Query(ratio(rate("covered_forecasts", PARTITION), judged), OF_PARTITION),
            Query(most("interval_coverage_target_ratio"), "target"),
            width=12,
            free=True,
        ).max(1),
        lines(
            Text(
                "Drifts in an hour",
                "How often the errors of a stream have grown and stayed so, by partition: what "
                "was learned before holds no longer, or the stream has become wilder.",
                "none",
            ),
            Query(grown("drifts", PARTITION, over="1h"), OF_PARTITION),
            width=12,
        ),
        lines(
            Text(
                "Weight of the network and the experts",
                "In the newest forecasts, one step ahead, the mean of all partitions: whom the "
                "mixture trusts. They add up to 1.",
                "percentunit",
            ),
            Query(f"avg by (expert) ({series('expert_weight_ratio')})", "{{expert}}"),
            width=12,
        ).max(1),
        lines(
            Text(
                "Alarms in an hour",
                "How often a value was as rare as `task.alarm_rate` says, by partition; a run of "
                "such values is one alarm.",
                "none",
            ),
            Query(grown("alarms", PARTITION, over="1h"), OF_PARTITION),
            width=12,
        ),
    ]


def _text() -> Section:
    read = rate("text_bytes", PARTITION)
    return "How well is text foretold?", [
        lines(
            Text(
                "Bits a byte",
                "What each byte of a text costs before it is learned, by partition. A new model "
                "begins near 8 and falls; a rise says that the text has become another.",
                "none",
            ),
            Query("8 * " + ratio(rate("compressed_text_bytes", PARTITION), read), OF_PARTITION),
            width=12,
        ),
        lines(
            Text(
                "Bits a byte by the network alone",
                "The same without the counts of contexts. Near what both cost, the network is "
                "what foretells; far above, it is the contexts.",
                "none",
            ),
            Query(
                "8 * " + ratio(rate("network_compressed_text_bytes", PARTITION), read), OF_PARTITION
            ),
            width=12,
        ),
    ]


def _sequences() -> Section:
    judged, composed = rate("judged_labels", PARTITION), rate("composed_steps", PARTITION)
    said = rate("judged_characters", PARTITION)
    return "How well are sequences foretold?", [
        lines(
            Text(
                "Labels that were right",
                "Share of the predicted labels, of whole sequences or of their steps, that turned "
                "out right, by partition. A label counts when it comes; those that never come are "
                "not judged.",
                "percentunit",
            ),
            Query(ratio(rate("right_labels", PARTITION), judged), OF_PARTITION),
            width=8,
        ).max(1),
        lines(
            Text(
                "Character error rate of transcripts",
                "Characters that have to be changed, put in or left out, as a share of those of "
                "the transcripts that came, by partition.",
                "percentunit",
            ),
            Query(ratio(rate("character_errors", PARTITION), said), OF_PARTITION),
            width=8,
        ),
        lines(
            Text(
                "Bits a step of compositions",
                "What each step of a sequence, and its end, costs before it is learned, by "
                "partition. It falls as the model learns; a rise says that the sequences have "
                "become others.",
                "none",
            ),
            Query(
                "8 * " + ratio(rate("compressed_steps_bytes", PARTITION), composed), OF_PARTITION
            ),
            width=8,
        ),
    ]


def _steps() -> Section:
    steps = rate("learning_steps", PARTITION)
    return "How does it learn?", [
        lines(
            Text("Mean loss", "What the learning steps make smaller, by partition.", "none"),
            Query(ratio(rate("loss", PARTITION), steps), OF_PARTITION),
        ),
        lines(
            Text(
                "Mean gradient norm",
                "Before clipping. A jump tells of values unlike those before.",
                "none",
            ),
            Query(ratio(rate("gradient_norm", PARTITION), steps), OF_PARTITION),
        ),
        lines(
            Text(
                "Gradients clipped",
                "Share of the learning steps whose gradient was longer than `learn.clip`. Near 1, "
                "the clip and not the rate sets the pace.",
                "percentunit",
            ),
            Query(ratio(rate("clipped_steps", PARTITION), steps), OF_PARTITION),
        ).max(1),
        lines(
            Text(
                "Learning rate",
                "By the schedule of the configuration at this number of learning steps.",
                "none",
            ),
            Query(most("learning_rate", PARTITION), OF_PARTITION),
        ),
        lines(
            Text(
                "Norm of the weights",
                "Where streams share them. It settles; what grows without end is a rate that is "
                "too high.",
                "none",
            ),
            Query(most("weights_norm", PARTITION), OF_PARTITION),
        ),
        lines(
            Text(
                "Events and learning steps a second",
                "Records that were steps of a stream; updates of the weights, one each "
                "`learn.stride` of them; updates undone because a number was not finite; and steps "
                "that were missing by the times of the records.",
                "suffix: /s",
            ),
            Query(rate("events", PARTITION), "events: " + OF_PARTITION),
            Query(steps, "steps: " + OF_PARTITION),
            Query(rate("undone_steps", PARTITION), "undone: " + OF_PARTITION),
            Query(rate("missing_steps", PARTITION), "missing: " + OF_PARTITION),
        ),
    ]


def _streams() -> Section:
    return "What does it say of the streams?", [
        _forecast(),
        lines(
            Text(
                "Anomaly",
                "From 0 to 1: the share of a named stream's earlier errors that were smaller than "
                "that of the newest value.",
                "none",
            ),
            Query(most("stream_anomaly", ("key",)), "{{key}}"),
            limits=[(0.999, "red")],
            width=12,
        ).max(1),
        lines(
            Text(
                "Seasons",
                "The first and the second season of a named stream, in its steps: those of "
                "`task.season`, or the ones that were found.",
                "none",
            ),
            Query(most("stream_season_steps", ("key", "season")), "{{key}} {{season}}"),
            width=12,
        ),
    ]


def _forecast() -> timeseries.Panel:
    """Return a panel for each named stream that is chosen: value, forecast and interval."""
    text = Text(
        "$key",
        "The newest value when Prometheus looked, the forecast of the value after it, and the "
        "interval in which that should lie. Each is drawn at the time of looking, so the forecast "
        "runs one record ahead of the value. Streams are named by `metrics.streams`.",
        "short",
    )
    names = ("upper", "lower", "forecast", "value")
    panel = lines(
        text,
        *(Query(most(f"stream_{name}", ("key",)), name) for name in names),
        width=24,
        free=True,
    )
    band = _looks(color="light-blue", line=0)
    filled = [DynamicConfigValue("custom.fillBelowTo", "lower"), _opacity(20)]
    panel.override_by_name("upper", [*band, *filled])
    panel.override_by_name("lower", [*band, _opacity(0)])
    panel.override_by_name("forecast", _looks(color="blue", line=1))
    panel.override_by_name("value", _looks(color="orange", line=2))
    return panel.repeat("key").repeat_direction("h").max_per_row(2)


def _looks(color: str, line: int) -> list[DynamicConfigValue]:
    return [
        DynamicConfigValue("color", {"mode": "fixed", "fixedColor": color}),
        DynamicConfigValue("custom.lineWidth", line),
    ]


def _opacity(percent: int) -> DynamicConfigValue:
    return DynamicConfigValue("custom.fillOpacity", percent)
