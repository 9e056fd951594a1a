"""Options that several commands share."""

import argparse

from streamrnn.configuration import Configuration, load
from streamrnn.errors import ConfigurationError


def add_configuration(command: argparse.ArgumentParser) -> None:
    """Add the configuration's file, and ``--set``."""
    command.add_argument("configuration", metavar="CONFIG", help="a TOML file")
    command.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="PATH=VALUE",
        help="override one value, such as model.hidden=64; may be repeated",
    )


def configuration_of(options: argparse.Namespace) -> Configuration:
    """Load what `add_configuration` asked for."""
    return load(options.configuration, options.set)


def topics_configuration_of(options: argparse.Namespace) -> Configuration:
    """Load a configuration whose input is a topic.

    Raises:
        ConfigurationError: It is a file.
    """
    configuration = configuration_of(options)
    if not configuration.input.topic:
        raise ConfigurationError(
            f"{options.configuration}: input.topic: expected a topic, got the file "
            f"{configuration.input.file!r}"
        )
    return configuration
