"""The keys of a configuration, their types, ranges and defaults."""

from pathlib import PurePath
from typing import Annotated, ClassVar, Literal

from msgspec import Meta, Struct, field

from streamrnn.errors import ConfigurationError

Positive = Annotated[int, Meta(ge=1)]
Text = Annotated[str, Meta(min_length=1)]
Topic = Annotated[str, Meta(pattern=r"^[A-Za-z0-9._-]{1,249}$")]
Format = Literal["csv", "tsv", "jsonl", "text"]
Period = Literal["day", "week", "year"]
Expert = Literal["last_value", "last_season", "smoother", "regression"]

FORMATS: dict[str, Format] = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".jsonl": "jsonl",
    ".txt": "text",
    ".log": "text",
}


class App(Struct, frozen=True, forbid_unknown_fields=True):
    """``[app]``: the name of what is run."""

    id: Topic = "streamrnn"


class Input(Struct, frozen=True, forbid_unknown_fields=True):
    """``[input]``: where records come from, and which of their fields are read.

    ``file`` is a path or ``-`` for standard input; else ``topic`` names a topic. ``key`` is the
    field that names the stream; ``time`` is passed through, and the network is told where it lies
    in each period of the ``clock``; ``features`` are numbers beside the target.
    """

    file: Text | None = None
    topic: Topic | None = None
    key: Text | None = None
    time: Text | None = None
    clock: tuple[Period, ...] = ()
    format: Format | None = None
    features: tuple[Text, ...] = ()


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


Task = Forecast | TextTask
TASKS: dict[str, type[Forecast] | type[TextTask]] = {
    each.kind: each for each in (Forecast, TextTask)
}


class Model(Struct, frozen=True, forbid_unknown_fields=True):
    """``[model]``: the network.

    ``preset`` says what the other keys of this table and of ``[learn]`` are by default: see
    `streamrnn.configuration.presets`. ``norm`` puts RMSNorm before the gates; the ``weights`` are
    shared by all streams, or each stream has its own. Symbols are vectors of ``embedding`` numbers.
    """

    preset: Literal["fast", "quality"] = "fast"
    cell: Literal["rnn", "lstm", "gru"] = "lstm"
    hidden: Annotated[int, Meta(ge=1, le=4096)] = 8
    layers: Annotated[int, Meta(ge=1, le=16)] = 1
    norm: bool = False
    embedding: Annotated[int, Meta(ge=1, le=4096)] = 16
    weights: Literal["shared", "own"] = "shared"


class Learn(Struct, frozen=True, forbid_unknown_fields=True):
    """``[learn]``: how it learns. ``window`` and ``stride`` are counted in steps.

    ``schedule`` and its ``decay`` say how the rate falls with the learning steps; ``beta1`` how
    long the optimiser remembers gradients; ``clip`` is the largest norm of one.
    """

    optimizer: Literal["sgd", "rmsprop", "adam", "adamw"] = "adam"
    learning_rate: Annotated[float, Meta(gt=0, le=10)] = 0.003
    schedule: Literal["constant", "inverse_root", "exponential"] = "inverse_root"
    decay: Annotated[float, Meta(ge=0, le=1)] = 0.01
    beta1: Annotated[float, Meta(ge=0, lt=1)] = 0.9
    clip: Annotated[float, Meta(gt=0)] = 0.25
    window: Annotated[int, Meta(ge=1, le=100_000)] = 8
    stride: Annotated[int, Meta(ge=1, le=100_000)] = 1
    seed: Annotated[int, Meta(ge=0)] = 1
    enabled: bool = True
    max_streams: Positive = 100_000


class Output(Struct, frozen=True, forbid_unknown_fields=True):
    """``[output]``: a path, or ``-`` for standard output; with a topic as input, a topic."""

    file: Text | None = None
    topic: Topic | None = None


class DeadLetters(Struct, frozen=True, forbid_unknown_fields=True):
    """``[dead_letters]``: where records go that cannot be predicted from."""

    file: Text | None = None
    topic: Topic | None = None


class Snapshots(Struct, frozen=True, forbid_unknown_fields=True):
    """``[snapshots]``: the directory of the state, and the records from one to the next."""

    directory: Text | None = None
    every: Positive = 10_000


class Kafka(Struct, frozen=True, forbid_unknown_fields=True):
    """``[kafka]``: how the cluster is reached, and how answers are committed.

    ``group_id`` is by default the application's id. ``instance`` tells the workers of an
    application apart; without it one is drawn at each start. ``commit_interval`` and
    ``session_timeout`` are seconds; ``on_lost_input`` says what to do where records are no longer
    in the input that the model has not learned; ``stuck_after`` how many seconds without progress
    are too many while the brokers answer. Passwords are taken from the environment alone.
    """

    bootstrap_servers: Text = "localhost:9092"
    group_id: Text | None = None
    instance: Topic | None = None
    commit_interval: Annotated[float, Meta(ge=0, le=10)] = 0.02
    session_timeout: Annotated[float, Meta(ge=1, le=3600)] = 10.0
    on_lost_input: Literal["stop", "skip"] = "stop"
    stuck_after: Annotated[float, Meta(ge=1, le=86_400)] = 60.0
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] | None = None
    sasl_username: Text | None = None
    ssl_cafile: Text | None = None
    ssl_certfile: Text | None = None
    ssl_keyfile: Text | None = None
    ssl_check_hostname: bool = True


class Metrics(Struct, frozen=True, forbid_unknown_fields=True):
    """``[metrics]``: where ``/metrics`` is served; without a port, nowhere.

    ``streams`` names those whose newest value, forecast and interval are metrics too; a record
    without a key belongs to the stream ``""``. ``page`` adds the live page at ``/``.
    """

    port: Annotated[int, Meta(ge=0, le=65_535)] | None = None
    host: Text = "127.0.0.1"
    streams: Annotated[tuple[str, ...], Meta(max_length=100)] = ()
    page: bool = False


class Logs(Struct, frozen=True, forbid_unknown_fields=True):
    """``[logs]``: what is told on standard error, and how.

    ``level`` is by default ``info`` for a service, with topics or a port for metrics, else
    ``warning``; ``format`` is by default ``text`` on a terminal and else ``json``, a line for each
    event; ``contents`` tells what dead letters hold, too.
    """

    level: Literal["debug", "info", "warning", "error"] | None = None
    format: Literal["auto", "text", "json"] = "auto"
    contents: bool = False


class Configuration(Struct, frozen=True, forbid_unknown_fields=True):
    """A whole configuration; ``input``, ``task`` and ``output`` must be written."""

    input: Input
    task: Task
    output: Output
    app: App = field(default_factory=App)
    model: Model = field(default_factory=Model)
    learn: Learn = field(default_factory=Learn)
    dead_letters: DeadLetters = field(default_factory=DeadLetters)
    snapshots: Snapshots = field(default_factory=Snapshots)
    kafka: Kafka = field(default_factory=Kafka)
    metrics: Metrics = field(default_factory=Metrics)
    logs: Logs = field(default_factory=Logs)

    @property
    def forecast(self) -> Forecast:
        """The task, for what serves forecasts alone.

        Raises:
            ConfigurationError: It is another one.
        """
        if not isinstance(self.task, Forecast):
            raise ConfigurationError(f"task.kind: expected forecast, got {self.task.kind}")
        return self.task

    @property
    def text(self) -> TextTask:
        """The task, for what serves text alone.

        Raises:
            ConfigurationError: It is another one.
        """
        if not isinstance(self.task, TextTask):
            raise ConfigurationError(f"task.kind: expected text, got {self.task.kind}")
        return self.task

    @property
    def input_format(self) -> Format:
        """The format that is written down, or that of the file's ending, or of the task."""
        ending = PurePath(self.input.file or "").suffix
        otherwise: Format = "text" if self.task.kind == "text" else "jsonl"
        return self.input.format or FORMATS.get(ending, otherwise)

    @property
    def dead_letters_file(self) -> str:
        """The file that is written down, or one named after the output."""
        beside = f"{self.app.id}-" if self.output.file == "-" else f"{self.output.file}."
        return self.dead_letters.file or f"{beside}dead.jsonl"

    @property
    def snapshots_directory(self) -> str | None:
        """The directory that is written down, or one named after an output that is a file."""
        beside = None if self.output.file == "-" else f"{self.output.file}.state"
        return self.snapshots.directory or beside

    @property
    def logs_level(self) -> str:
        """The level that is written down, or that of a service or of a program."""
        service = self.input.topic or self.metrics.port is not None
        return self.logs.level or ("info" if service else "warning")

    @property
    def group(self) -> str:
        """The consumer group that is written down, or one named after the application."""
        return self.kafka.group_id or self.app.id

    @property
    def dead_letters_topic(self) -> str:
        """The topic that is written down, or one named after the application."""
        return self.dead_letters.topic or f"{self.app.id}-dead-letters"

    @property
    def changelog_topic(self) -> str:
        """The topic that holds the snapshots."""
        return f"{self.app.id}-changelog"
