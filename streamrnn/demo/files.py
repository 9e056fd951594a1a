"""The demonstration on files: the water's flow, or this machine's own sensors."""

import os
import shutil
import signal
import sys
from pathlib import Path
from typing import Any

from streamrnn.build import build
from streamrnn.configuration import Configuration, parse
from streamrnn.demo import water
from streamrnn.demo.ending import draw, say, show_scores, timing
from streamrnn.demo.page import show_page, stay
from streamrnn.demo.scores import Scores
from streamrnn.demo.sensors import MachineSensors
from streamrnn.demo.view import View
from streamrnn.page.feed import Feed

WATCH_SECONDS = 10.0


def run(directory: Path, started: float, *, live: bool) -> int:
    """Learn a file, or until Ctrl-C this machine's sensors; return the exit code.

    Args:
        directory: Where files are made, anew.
        started: When the program began, on the monotonic clock.
        live: Whether it is the sensors.
    """
    configuration = _configuration(directory, live=live)
    remove_former(configuration)
    directory.mkdir(parents=True, exist_ok=True)
    sensors = MachineSensors() if live else None
    if sensors:
        os.dup2(sensors.descriptor, sys.stdin.fileno())
        sensors.start()
    scores = Scores()
    view = View(scores, started, 0.0 if live else WATCH_SECONDS, water.EVENTS)
    what = "this machine's sensors; Ctrl-C ends it" if live else "a water pipeline's flow, hourly"
    feed = Feed()
    worker = build(configuration, [view, feed])
    address = show_page(configuration, feed, worker)
    say(view, f"An LSTM learns {what}. Watch it at {address}")
    try:
        received = worker.run()
    finally:
        view.close()
        if sensors:
            sensors.close()
    show_scores(view, scores)
    if not live:
        draw(view, scores, directory / "forecast.png", water.TARGET)
    say(
        view,
        f"predictions  {configuration.output.file}\n"
        f"snapshots    {configuration.snapshots_directory}\n"
        f"{timing(view, started)}\n\n"
        "Next: describe your own stream in a file such as examples/sensors/sensors.toml, and\n"
        "      streamrnn run examples/sensors/sensors.toml",
    )
    if not (received or live):
        stay(view, address)
    return 130 if received == signal.SIGINT and not live else 0


def _configuration(directory: Path, *, live: bool) -> Configuration:
    sensors = {"file": "-", "key": "sensor", "time": "time"}
    task = {"target": "value"} if live else {"target": water.TARGET, "season": [water.SEASON]}
    document: dict[str, Any] = {
        "app": {"id": "demo"},
        "input": sensors if live else {"file": water.file(), "time": water.TIME},
        "task": {"kind": "forecast", **task},
        "output": {"file": str(directory / "predictions.jsonl")},
    }
    return parse(document, "demo")


def remove_former(configuration: Configuration) -> None:
    """Remove what a demonstration made before."""
    # Only what a demonstration makes is removed: the directory may hold other things.
    for path in (configuration.output.file, configuration.dead_letters_file):
        Path(path or "").unlink(missing_ok=True)
    if configuration.snapshots_directory:
        shutil.rmtree(configuration.snapshots_directory, ignore_errors=True)
