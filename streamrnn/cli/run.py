"""``streamrnn run CONFIG``: predict and learn until the input ends or a signal comes."""

import argparse
import signal
import sys
from typing import Any

import msgspec

from streamrnn.build import build, watched
from streamrnn.cli.options import add_configuration, configuration_of
from streamrnn.cli.progress import Progress
from streamrnn.configuration import Configuration
from streamrnn.health import Health, Report
from streamrnn.metrics.prometheus import Metrics
from streamrnn.metrics.server import Page, Routes, serve
from streamrnn.page import routes as live
from streamrnn.page.feed import Feed
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
    feed = Feed()
    if configuration.metrics.page:
        observers.append(feed)
    worker = build(configuration, observers, options.configuration)
    if progress:
        progress.follow(worker.transport)
    try:
        with watched(configuration, worker) as health:
            if configuration.metrics.port is not None:
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
    print(f"metrics at {address}/metrics", file=sys.stderr)
    if c.metrics.page:
        print(f"live page at {address}/", file=sys.stderr)
