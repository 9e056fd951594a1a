"""``streamrnn run CONFIG``: predict and learn until the input ends or a signal comes."""

import argparse
import signal
import sys
from typing import Any

import msgspec

from streamrnn.build import build, watched
from streamrnn.cli.options import add_configuration, configuration_of
from streamrnn.cli.progress import Progress
from streamrnn.health import Health, Report
from streamrnn.metrics.prometheus import Metrics
from streamrnn.metrics.server import Page, serve
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
    metrics = Metrics()
    if configuration.metrics.port is not None:
        observers.append(metrics)
    worker = build(configuration, observers, options.configuration)
    if progress:
        progress.follow(worker.transport)
    try:
        with watched(configuration, worker) as health:
            if configuration.metrics.port is not None:
                _serve(configuration.metrics.host, configuration.metrics.port, metrics, health)
            received = worker.run()
    finally:
        if progress:
            progress.close()
    return 130 if received == signal.SIGINT else 0


def _serve(host: str, port: int, metrics: Metrics, health: Health) -> None:
    def page(report: Report) -> Page:
        content = msgspec.json.format(msgspec.json.encode(report)) + b"\n"
        return Page(200 if report.good else 503, "application/json", content)

    routes = {
        "/metrics": metrics.page,
        "/healthz": lambda: page(health.alive()),
        "/readyz": lambda: page(health.ready()),
    }
    print(f"metrics at http://{host}:{serve(host, port, routes)}/metrics", file=sys.stderr)
