"""``streamrnn generate CONFIG``: write text as what was learned would have it."""

import argparse
import codecs
import math
import sys
from typing import Any

from streamrnn.build import generator_of
from streamrnn.cli.options import add_configuration, configuration_of
from streamrnn.visible import visible


def add_to(commands: Any) -> None:
    """Add the command to a parser."""
    command = commands.add_parser(
        "generate", help="write text from the newest snapshot, while a service may go on learning"
    )
    add_configuration(command)
    command.add_argument("--prompt", default="", metavar="TEXT", help="what it goes on from")
    command.add_argument(
        "--length", type=_length, default=500, metavar="N", help="bytes; default: %(default)s"
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


# What argparse calls them where they are wrong.
_length.__name__, _temperature.__name__ = "whole number", "temperature"


def execute(options: argparse.Namespace) -> int:
    """Write the text."""
    generator = generator_of(
        configuration_of(options),
        options.partition,
        options.key,
        options.temperature,
        options.seed,
    )
    prompt = options.prompt.encode("utf-8", "surrogateescape")
    written = generator.write(prompt, options.length)
    if not sys.stdout.isatty():
        for byte in written:
            sys.stdout.buffer.write(byte)
        return 0
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    for byte in written:
        for character in decoder.decode(byte):
            shown = character if character in "\n\t" else visible(character.encode())
            print(shown, end="", flush=True)
    print()
    return 0
