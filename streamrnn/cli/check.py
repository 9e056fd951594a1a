"""``streamrnn check CONFIG``: say whether a configuration is right, and what it comes to."""

import argparse
from pathlib import Path
from typing import Any

import msgspec

from streamrnn.cli.options import add_configuration, configuration_of
from streamrnn.errors import ConfigurationError


def add_to(commands: Any) -> None:
    """Add the command to a parser."""
    command = commands.add_parser("check", help="check a configuration, and show it in full")
    add_configuration(command)
    command.set_defaults(command=execute)


def execute(options: argparse.Namespace) -> int:
    """Check a configuration and that its input is there; print it with all defaults."""
    configuration = configuration_of(options)
    source = configuration.input.file
    if source and source != "-" and not Path(source).is_file():
        raise ConfigurationError(f"{options.configuration}: input.file: no file {source!r}")
    for table, entries in msgspec.to_builtins(configuration).items():
        for key, value in entries.items():
            if value is not None:
                print(f"{table}.{key} = {msgspec.json.encode(value).decode()}")
    print(f"{options.configuration}: all right")
    return 0
