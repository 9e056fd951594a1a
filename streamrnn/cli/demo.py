"""``streamrnn demo``: watch an LSTM learn a real stream, event by event."""

import argparse
import time
from pathlib import Path
from typing import Any

from streamrnn.errors import ConfigurationError

FOLDER = "streamrnn-demo"
SEQUENCES = "sentiment", "dna", "names", "activity", "digits", "speech", "translation", "music"


def add_to(commands: Any) -> None:
    """Add the command to a parser."""
    command = commands.add_parser("demo", help="learn a real stream and watch it")
    command.add_argument(
        "what",
        nargs="?",
        choices=("sensors", "text", *SEQUENCES),
        default="sensors",
        help="a water pipeline's flow, Python's documentation, or one of the examples; "
        "default: %(default)s",
    )
    source = command.add_mutually_exclusive_group()
    source.add_argument("--live", action="store_true", help="learn this machine's own sensors")
    source.add_argument(
        "--kafka", metavar="HOST:PORT", help="learn from a topic of the Kafka that runs there"
    )
    command.add_argument(
        "--directory", type=Path, default=Path(FOLDER), help="made anew; default: %(default)s"
    )
    command.set_defaults(command=execute)


def execute(options: argparse.Namespace) -> int:
    """Run the demonstration."""
    started = time.monotonic()
    # What they import is part of the time to the first prediction.
    if options.what != "sensors" and (options.live or options.kafka is not None):
        raise ConfigurationError(f"demo {options.what}: expected neither --live nor --kafka")
    if options.what == "text":
        from streamrnn.demo import text

        return text.run(options.directory, started)
    if options.what in SEQUENCES:
        from streamrnn.demo.sequences.run import run

        return run(options.what, options.directory, started)
    if options.kafka is not None:
        from streamrnn.demo import cluster

        return cluster.run(options.kafka, options.directory, started)
    from streamrnn.demo import files

    return files.run(options.directory, started, live=options.live)
