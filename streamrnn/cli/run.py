"""``streamrnn run CONFIG``: predict and learn until the input ends or a signal comes."""

import argparse
import logging
import signal
import sys
from typing import Any

import msgspec

from streamrnn.build import build, watched
from streamrnn.cli.options import add_configuration, configuration_of
from streamrnn.cli.progress import Progress
from streamrnn.health import Health, Report
from streamrnn.logs.dead_letters import DeadLetterLog
from streamrnn.logs.lines import set_up
from streamrnn.metrics.counting import Counts
from streamrnn.metrics.prometheus import Metrics
from streamrnn.metrics.server import Page, serve
from streamrnn.observer import Observer

log = logging.getLogger(__name__)


def add_to(commands: Any) -> None:
    """Add the command to a parser."""
    command = commands.add_parser("run", help="predict and learn, event by event")
    add_configuration(command)
    command.set_defaults(command=execute)


def execute(options: argparse.Namespace) -> int:
    """Run a configuration; return 0, or 130 after Ctrl-C."""
    configuration = configuration_of(options)
    logs, port = configuration.logs, configuration.metrics.port
    set_up(configuration.logs_level, logs.format, contents=logs.contents)
    progress = Progress() if sys.stderr.isatty() else None
    counts = Counts(configuration.metrics.streams)
    observers: list[Observer] = [DeadLetterLog()]
    observers += [progress] if progress else []
    observers += [] if port is None else [counts]
    worker = build(configuration, observers, options.configuration)
    if progress:
        progress.follow(worker.transport)
    try:
        with watched(configuration, worker) as health:
            if port is not None:
                metrics = Metrics(configuration, counts, worker.processors, lambda: health.ends)
                _serve(configuration.metrics.host, port, metrics, health)
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
    log.info("metrics at http://%s:%d/metrics", host, serve(host, port, routes))
