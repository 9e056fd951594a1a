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
from streamrnn.configuration import Configuration
from streamrnn.health import Health, Report
from streamrnn.logs.dead_letters import DeadLetterLog
from streamrnn.logs.lines import set_up
from streamrnn.metrics.counting import Counts
from streamrnn.metrics.prometheus import Metrics
from streamrnn.metrics.server import Page, Routes, serve
from streamrnn.observer import Observer
from streamrnn.page import routes as live
from streamrnn.page.feed import Feed

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
    counts, feed = Counts(configuration.metrics.streams), Feed()
    observers: list[Observer] = [DeadLetterLog()]
    observers += [progress] if progress else []
    observers += [] if port is None else [counts]
    observers += [feed] if configuration.metrics.page else []
    worker = build(configuration, observers, options.configuration)
    if progress:
        progress.follow(lambda: worker.transport.progress)
    try:
        with watched(configuration, worker) as health:
            if port is not None:
                metrics = Metrics(configuration, counts, worker.processors, lambda: health.ends)
                _serve(configuration, metrics, health, feed)
            received = worker.run()
    finally:
        if progress:
            progress.close()
    return 130 if received == signal.SIGINT else 0


def _serve(c: Configuration, metrics: Metrics, health: Health, feed: Feed) -> None:
    def page(report: Report) -> Page:
        content = msgspec.json.format(msgspec.json.encode(report)) + b"\n"
        return Page(200 if report.good else 503, "application/json", content)

    assert c.metrics.port is not None
    routes: Routes = {
        "/metrics": lambda _: metrics.page(),
        "/healthz": lambda _: page(health.alive()),
        "/readyz": lambda _: page(health.ready()),
    }
    if c.metrics.page:
        asked = {"alive": health.alive, "ready": health.ready}
        shown = live.routes(feed, asked, application=c.app.id, target=c.task.target)
        routes = {**routes, **shown}
    address = f"http://{c.metrics.host}:{serve(c.metrics.host, c.metrics.port, routes)}"
    log.info("metrics at %s/metrics", address)
    if c.metrics.page:
        log.info("live page at %s/", address)
