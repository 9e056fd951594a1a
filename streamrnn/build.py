"""The one place that picks concrete parts for a configuration."""

from collections.abc import Iterable

import msgspec

from streamrnn.codecs import codec_for
from streamrnn.configuration import Configuration
from streamrnn.learner.forecaster import Forecaster, Hyperparameters
from streamrnn.learner.optimization import Optimization
from streamrnn.processor import Observer, Processor
from streamrnn.tasks.forecast import Fields, ForecastTask
from streamrnn.transports.files import FileTransport


def build(
    configuration: Configuration, observers: Iterable[Observer] = ()
) -> tuple[Processor, FileTransport]:
    """Return the processor of a configuration's one partition, and its transport.

    Raises:
        ConfigurationError: A file is missing or cannot be written.
    """
    c = configuration
    codec = codec_for(c.input_format)
    forecaster = Forecaster(
        Hyperparameters(
            features=len(c.input.features),
            horizon=c.task.horizon,
            season=c.task.season,
            cell=c.model.cell,
            hidden=c.model.hidden,
            layers=c.model.layers,
            norm=c.model.norm,
            own_weights=c.model.weights == "own",
            optimization=Optimization(
                optimizer=c.learn.optimizer,
                learning_rate=c.learn.learning_rate,
                schedule=c.learn.schedule,
                decay=c.learn.decay,
                clip=c.learn.clip,
            ),
            window=c.learn.window,
            stride=c.learn.stride,
            seed=c.learn.seed,
            max_streams=c.learn.max_streams,
            enabled=c.learn.enabled,
        )
    )
    fields = Fields(c.task.target, c.input.features, c.input.key, c.input.time)
    task = ForecastTask(fields, codec, forecaster)

    def on_header(line: bytes) -> None:
        codec.read_header(line)
        task.check_names(codec.columns or [], f"{c.input.file}: header")

    transport = FileTransport(
        c.input.file,
        c.output.file,
        c.dead_letters_file,
        c.snapshots_directory,
        has_header=codec.has_header,
        on_header=on_header,
    )
    return Processor(task, transport, state_of(c), c.snapshots.every, observers), transport


def state_of(configuration: Configuration) -> dict[str, object]:
    """Return the part of a configuration that saved state depends on, flat, as JSON holds it."""
    c = configuration
    tables = {"task": c.task, "model": c.model, "learn": c.learn}
    state = {
        f"{table}.{key}": value
        for table, part in tables.items()
        for key, value in msgspec.to_builtins(part).items()
    }
    # Turning learning off and on again is what a snapshot is for.
    del state["learn.enabled"]
    state |= {"input.key": c.input.key, "input.features": c.input.features}
    return msgspec.json.decode(msgspec.json.encode(state), type=dict[str, object])
