"""``streamrnn topics CONFIG``: show the topics of a configuration, and make those missing."""

import argparse
from typing import Any

from streamrnn.build import administrator_of
from streamrnn.cli.options import add_configuration, topics_configuration_of


def add_to(commands: Any) -> None:
    """Add the command to a parser."""
    command = commands.add_parser("topics", help="show the topics, and make those missing")
    add_configuration(command)
    command.add_argument("--create", action="store_true", help="make what is missing")
    command.add_argument(
        "--partitions", type=int, help="of new topics; default: those of the input, else 1"
    )
    command.add_argument(
        "--replication", type=int, help="copies of new topics; default: the brokers' own"
    )
    command.set_defaults(command=execute)


def execute(options: argparse.Namespace) -> int:
    """Show the topics; return 1 if one is missing."""
    administrator = administrator_of(topics_configuration_of(options))
    try:
        if options.create:
            administrator.create(options.partitions, options.replication)
        counts = administrator.partitions()
    finally:
        administrator.close()
    width = max(len(name) for name in counts)
    for name, count in counts.items():
        print(f"{name:<{width}}  {'missing' if count is None else f'{count} partitions'}")
    return 1 if None in counts.values() else 0
