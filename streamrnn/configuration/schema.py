"""The keys of a configuration, their types, ranges and defaults."""

from pathlib import PurePath
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from streamrnn.configuration.tasks import (
    SEQUENCE_TASKS,
    Classify,
    Compose,
    Forecast,
    Positive,
    Regress,
    Tag,
    Task,
    Text,
    TextTask,
    Transcribe,
    Translate,
)
from streamrnn.errors import ConfigurationError

Topic = Annotated[str, Meta(pattern=r"^[A-Za-z0-9._-]{1,249}$")]
Format = Literal["csv", "tsv", "jsonl", "text"]
Period = Literal["day", "week", "year"]

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

    ``sequence`` is the field that holds a whole sequence; ``steps`` says what its steps are:
    ``words`` of a text, or a list of them, its ``characters``, the ``items`` of a list, or
    ``numbers``, a list of them or of equally long lists. With ``points = 2`` the numbers of a frame
    are x and y of points in the plane, in turn.
    """

    file: Text | None = None
    topic: Topic | None = None
    key: Text | None = None
    time: Text | None = None
    clock: tuple[Period, ...] = ()
    format: Format | None = None
    features: tuple[Text, ...] = ()
    sequence: Text | None = None
    steps: Literal["words", "characters", "items", "numbers"] = "words"
    points: Literal[0, 2] = 0


class Model(Struct, frozen=True, forbid_unknown_fields=True):
    """``[model]``: the network.

    ``preset`` says what the other keys of this table and of ``[learn]`` are by default: see
    `streamrnn.configuration.presets`. ``norm`` puts RMSNorm before the gates; the ``weights`` are
    shared by all streams, or each stream has its own. Symbols are vectors of ``embedding`` numbers;
    to those of a text's bytes, the vectors of the n-grams that end with them are added, of two
    bytes up to ``ngrams``, from a table of at least ``ngram_rows``.

    For whole sequences: layers that are ``bidirectional`` read both ways; a ``convolution`` sees so
    many frames at once, every ``hop`` frames, and makes ``channels`` numbers of them; of the steps'
    features the head sees those of the ``pooling``, their means over so many equal ``parts``; the
    share ``dropout`` is left out while learning; ``memory_inputs`` shows the network what memories
    say of each step. Without ``network`` there are experts alone.
    """

    preset: Literal["fast", "quality"] = "fast"
    cell: Literal["rnn", "lstm", "gru"] = "lstm"
    hidden: Annotated[int, Meta(ge=1, le=4096)] = 8
    layers: Annotated[int, Meta(ge=1, le=16)] = 1
    norm: bool = False
    embedding: Annotated[int, Meta(ge=1, le=4096)] = 16
    ngrams: Annotated[int, Meta(ge=1, le=7)] = 1
    ngram_rows: Annotated[int, Meta(ge=256, le=1 << 24)] = 1 << 16
    weights: Literal["shared", "own"] = "shared"
    network: bool = True
    bidirectional: bool = True
    convolution: Annotated[int, Meta(ge=0, le=1000)] = 0
    hop: Annotated[int, Meta(ge=1, le=1000)] = 1
    channels: Annotated[int, Meta(ge=1, le=4096)] = 32
    pooling: tuple[Literal["last", "mean", "max"], ...] = ("last", "mean", "max")
    parts: Annotated[int, Meta(ge=1, le=10_000)] = 1
    dropout: Annotated[float, Meta(ge=0, lt=1)] = 0.0
    memory_inputs: bool = True


class Learn(Struct, frozen=True, forbid_unknown_fields=True):
    """``[learn]``: how it learns. ``window`` and ``stride`` are counted in steps.

    ``schedule`` and its ``decay`` say how the rate falls with the learning steps; ``beta1`` how
    long the optimiser remembers gradients; ``clip`` is the largest norm of one.

    For whole sequences: with each new one, ``replay`` past ones of the ``keep`` that are kept, with
    ``keep_steps`` steps at most, are learned again, in each of ``replay_updates`` learning steps;
    frames ``stretch`` in time by up to this logarithm, lose up to the share ``shift`` at each end,
    and points are turned left to right every other time (``mirror``); sets of whole numbers are
    moved up or down (``transpose``). Vectors of symbols, and those of n-grams in a text, learn at
    the ``embedding_rate``. Transcripts are heard with averaged weights, of which the share
    ``inertia`` stays at each.
    """

    optimizer: Literal["sgd", "rmsprop", "adam", "adamw"] = "adam"
    learning_rate: Annotated[float, Meta(gt=0, le=10)] = 0.003
    schedule: Literal["constant", "inverse_root", "exponential"] = "inverse_root"
    decay: Annotated[float, Meta(ge=0, le=1)] = 0.01
    beta1: Annotated[float, Meta(ge=0, lt=1)] = 0.9
    clip: Annotated[float, Meta(gt=0)] = 0.25
    window: Annotated[int, Meta(ge=1, le=100_000)] = 8
    stride: Annotated[int, Meta(ge=1, le=100_000)] = 1
    replay: Annotated[int, Meta(ge=0, le=1000)] = 0
    replay_updates: Annotated[int, Meta(ge=1, le=1000)] = 1
    keep: Positive = 500
    keep_steps: Positive = 100_000
    stretch: Annotated[float, Meta(ge=0, le=2)] = 0.0
    shift: Annotated[float, Meta(ge=0, lt=0.5)] = 0.0
    mirror: bool = False
    transpose: bool = True
    embedding_rate: Annotated[float, Meta(gt=0, le=10)] = 0.01
    inertia: Annotated[float, Meta(ge=0, lt=1)] = 0.0
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
    def sequences(self) -> Classify | Regress | Tag | Transcribe | Translate | Compose:
        """The task, for what serves whole sequences alone.

        Raises:
            ConfigurationError: It is another one.
        """
        if not isinstance(self.task, SEQUENCE_TASKS):
            expected = ", ".join(each.kind for each in SEQUENCE_TASKS)
            raise ConfigurationError(f"task.kind: expected one of {expected}, got {self.task.kind}")
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
