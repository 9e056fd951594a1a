"""``streamrnn generate CONFIG``: write on, as what was learned would have it."""

import argparse
import math
from typing import Any

from streamrnn.cli.options import add_configuration, configuration_of
from streamrnn.cli.writing import write_composition, write_text
from streamrnn.errors import ConfigurationError


def add_to(commands: Any) -> None:
    """Add the command to a parser."""
    command = commands.add_parser(
        "generate",
        help="write text or music from the newest snapshot, while a service may go on learning",
    )
    add_configuration(command)
    command.add_argument(
        "--prompt",
        default="",
        metavar="TEXT",
        help="what it goes on from; for items a list as JSON has it",
    )
    command.add_argument(
        "--length", type=_length, metavar="N", help="bytes, default 500; steps at most, default 64"
    )
    command.add_argument(
        "--temperature",
        type=_temperature,
        default=0.8,
        metavar="T",
        help="below 1 the likely comes more often, at 0 always; default: %(default)s",
    )
    command.add_argument(
        "--seed", type=_length, default=1, metavar="S", help="of the draws; default: %(default)s"
    )
    command.add_argument(
        "--key", metavar="STREAM", help="the stream that is gone on with; default: the newest"
    )
    command.add_argument(
        "--partition", type=_length, default=0, metavar="N", help="of a topic; default: %(default)s"
    )
    command.add_argument(
        "--output", metavar="FILE", help="music, .mid, or a picture of it, .png, .svg or .pdf"
    )
    command.add_argument(
        "--tempo", type=_tempo, default=90.0, metavar="N", help="steps a minute; default: 90"
    )
    command.set_defaults(command=execute)


def _length(text: str) -> int:
    length = int(text)
    if length < 0:
        raise ValueError
    return length


def _temperature(text: str) -> float:
    temperature = float(text)
    if not (math.isfinite(temperature) and temperature >= 0):
        raise ValueError
    return temperature


def _tempo(text: str) -> float:
    tempo = float(text)
    if not 4 <= tempo <= 1000:
        raise ValueError
    return tempo


# What argparse calls them where they are wrong.
_length.__name__, _temperature.__name__ = "whole number", "temperature"
_tempo.__name__ = "tempo, from 4 to 1000"


def execute(options: argparse.Namespace) -> int:
    """Write."""
    configuration = configuration_of(options)
    if configuration.task.kind == "compose":
        if options.key is not None:
            raise ConfigurationError("--key: expected none, as each composition begins anew")
        write_composition(configuration, options)
    else:
        if options.output is not None:
            raise ConfigurationError(
                "--output: expected none, as text is printed; it is for task.kind compose"
            )
        write_text(configuration, options)
    return 0
