"""``streamrnn reset CONFIG``: forget what was learned, and start over from the first record."""

import argparse
import shutil
from pathlib import Path
from typing import Any

from streamrnn.build import administrator_of
from streamrnn.checkpoints.directory import SnapshotDirectory
from streamrnn.cli.options import add_configuration, configuration_of
from streamrnn.configuration import Configuration


def add_to(commands: Any) -> None:
    """Add the command to a parser."""
    command = commands.add_parser("reset", help="forget what was learned, and start over")
    add_configuration(command)
    command.set_defaults(command=execute)


def execute(options: argparse.Namespace) -> int:
    """Remove snapshots and offsets; predictions that were sent stay."""
    configuration = configuration_of(options)
    if configuration.input.topic:
        administrator = administrator_of(configuration)
        try:
            administrator.start_over(configuration.group)
        finally:
            administrator.close()
        output = configuration.output.topic
    else:
        _remove_snapshots(configuration)
        output = configuration.output.file
    print(
        f"{configuration.app.id}: forgotten; the next run starts at the first record of the input, "
        f"and its predictions come after those that are in {output}"
    )
    return 0


def _remove_snapshots(configuration: Configuration) -> None:
    directory = configuration.snapshots_directory
    if directory and Path(directory).exists():
        # Nobody may be running on it.
        SnapshotDirectory(directory).close()
        shutil.rmtree(directory)
