"""``[task]``: what is asked of the records, by its kind."""

from typing import Annotated, ClassVar, Literal

from msgspec import Meta, Struct

Positive = Annotated[int, Meta(ge=1)]
Text = Annotated[str, Meta(min_length=1)]
Expert = Literal["last_value", "last_season", "smoother", "regression"]
Rate = Annotated[float, Meta(gt=0, le=0.1)]


class Forecast(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="forecast"):
    """``[task]`` with ``kind = "forecast"``: the next values of a number.

    ``horizon`` and ``season`` are counted in steps. Without a ``season`` they are looked for, up to
    the ``longest_season``; below 2 none is. ``coverage`` is the share of values that the intervals
    around forecasts are to hold; values as rare as the ``alarm_rate`` raise an alarm, once a run;
    ``experts`` forecast beside the network, which is alone without them.
    """

    target: Text
    horizon: Annotated[int, Meta(ge=1, le=10_000)] = 1
    season: tuple[Annotated[int, Meta(ge=2, le=1_000_000)], ...] = ()
    longest_season: Annotated[int, Meta(ge=0, le=1_000_000)] = 400
    coverage: Annotated[float, Meta(ge=0.01, le=0.999)] = 0.9
    alarm_rate: Rate = 0.005
    experts: tuple[Expert, ...] = ("last_value", "last_season", "smoother", "regression")

    kind: ClassVar[str] = "forecast"


class TextTask(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="text"):
    """``[task]`` with ``kind = "text"``: the bytes of a text, each before it is learned.

    ``target`` is the field that holds the text, where records have fields. ``contexts``, the one
    expert, take ``memory`` MB for each partition. Records as rare as the ``alarm_rate`` raise an
    alarm, once a run; ``spans`` says which parts were unusual. Records of more than
    ``longest_record`` bytes are dead letters.
    """

    target: Text = "text"
    experts: tuple[Literal["contexts"], ...] = ("contexts",)
    memory: Annotated[float, Meta(ge=8, le=4096)] = 32.0
    alarm_rate: Rate = 0.005
    spans: bool = False
    longest_record: Annotated[int, Meta(ge=1, le=100_000_000)] = 1_000_000

    kind: ClassVar[str] = "text"


SequenceExpert = Literal["memory", "wide", "emissions"]
Labels = Annotated[int, Meta(ge=2, le=100_000)]


class SequenceTask(Struct, frozen=True, forbid_unknown_fields=True):
    """What the tasks on whole sequences share.

    ``target`` is the field of the label, or of the labels; ``label_of`` the field that names a
    sequence, where its target comes in a record of its own, within ``wait`` records. The tables of
    experts have ``table`` cells each, rows times labels. Sequences of more than
    ``longest_sequence`` steps, and labels beyond the ``most_labels``, are dead letters.
    """

    target: Text = "label"
    label_of: Text | None = None
    wait: Positive = 10_000
    table: Annotated[int, Meta(ge=1 << 10, le=1 << 28)] = 1 << 21
    most_labels: Labels = 256
    longest_sequence: Positive = 10_000


class MixedTask(SequenceTask, frozen=True):
    """What those share whose ``experts`` have their say beside the network, which is alone without
    them."""

    experts: tuple[SequenceExpert, ...] | None = None


class Classify(MixedTask, frozen=True, tag_field="kind", tag="classify"):
    """``[task]`` with ``kind = "classify"``: the label of each sequence."""

    kind: ClassVar[str] = "classify"


class Regress(MixedTask, frozen=True, tag_field="kind", tag="regress"):
    """``[task]`` with ``kind = "regress"``: a number for each sequence, with an interval that is to
    hold the ``coverage`` of them."""

    coverage: Annotated[float, Meta(ge=0.01, le=0.999)] = 0.9

    kind: ClassVar[str] = "regress"


class Tag(MixedTask, frozen=True, tag_field="kind", tag="tag"):
    """``[task]`` with ``kind = "tag"``: a label for each step; the target is a list, or a text of
    as many characters."""

    kind: ClassVar[str] = "tag"


class Transcribe(SequenceTask, frozen=True, tag_field="kind", tag="transcribe"):
    """``[task]`` with ``kind = "transcribe"``: the text that is said in a sequence of frames.

    Its characters are the labels. It is searched for from so many ``beams``, 0 for what is heard
    most clearly at each step; how texts are spelled, the one expert, counts by the
    ``spelling_weight``, and each character has a ``bonus``.
    """

    target: Text = "text"
    experts: tuple[Literal["spelling"], ...] | None = ("spelling",)
    beams: Annotated[int, Meta(ge=0, le=1000)] = 16
    spelling_weight: Annotated[float, Meta(ge=0, le=10)] = 0.8
    bonus: Annotated[float, Meta(ge=0, le=20)] = 2.0

    kind: ClassVar[str] = "transcribe"


class Translate(SequenceTask, frozen=True, tag_field="kind", tag="translate"):
    """``[task]`` with ``kind = "translate"``: each text in another language.

    So many ``beams`` are kept while one is written; words beyond the ``most_labels`` are copied, or
    left out; a text has at most ``longest_sequence`` words. ``attention`` says where each word came
    from.
    """

    target: Text = "target"
    most_labels: Annotated[int, Meta(ge=16, le=100_000)] = 1 << 14
    longest_sequence: Annotated[int, Meta(ge=1, le=2000)] = 1000
    beams: Annotated[int, Meta(ge=1, le=100)] = 1
    attention: bool = False

    kind: ClassVar[str] = "translate"


class Compose(MixedTask, frozen=True, tag_field="kind", tag="compose"):
    """``[task]`` with ``kind = "compose"``: the steps of sequences from nothing, each a symbol or a
    list of several."""

    kind: ClassVar[str] = "compose"


Task = Forecast | TextTask | Classify | Regress | Tag | Transcribe | Translate | Compose
SEQUENCE_TASKS = Classify, Regress, Tag, Transcribe, Translate, Compose
TASKS: dict[str, type[Task]] = {each.kind: each for each in (Forecast, TextTask, *SEQUENCE_TASKS)}
