"""``streamrnn run CONFIG``: predict and learn until the input ends or a signal comes."""

import argparse
import signal
import sys
from typing import Any

from streamrnn.build import build
from streamrnn.cli.options import add_configuration, configuration_of
from streamrnn.cli.progress import Progress
from streamrnn.metrics.prometheus import Metrics
from streamrnn.processor import Observer


def add_to(commands: Any) -> None:
    """Add the command to a parser."""
    command = commands.add_parser("run", help="predict and learn, event by event")
    add_configuration(command)
    command.set_defaults(command=execute)


def execute(options: argparse.Namespace) -> int:
    """Run a configuration; return 0, or 130 after Ctrl-C."""
    configuration = configuration_of(options)
    observers: list[Observer] = []
    progress = Progress() if sys.stderr.isatty() else None
    if progress:
        observers.append(progress)
    if configuration.metrics.port is not None:
        metrics = Metrics()
        port = metrics.serve(configuration.metrics.host, configuration.metrics.port)
        print(f"metrics at http://{configuration.metrics.host}:{port}/metrics", file=sys.stderr)
        observers.append(metrics)
    worker = build(configuration, observers)
    if progress:
        progress.follow(worker.transport)
    try:
        received = worker.run()
    finally:
        if progress:
            progress.close()
    return 130 if received == signal.SIGINT else 0
