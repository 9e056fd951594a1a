"""``streamrnn demo``: watch an LSTM learn a real sensor stream, event by event."""

import argparse
import os
import shutil
import signal
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

from streamrnn.build import build
from streamrnn.configuration import Configuration, parse

FOLDER = "streamrnn-demo"
WATCH_SECONDS = 10.0
WEEK = 168


def add_to(commands: Any) -> None:
    """Add the command to a parser."""
    command = commands.add_parser("demo", help="learn a real sensor stream and watch it")
    command.add_argument("--live", action="store_true", help="learn this machine's own sensors")
    command.add_argument(
        "--directory", type=Path, default=Path(FOLDER), help="made anew; default: %(default)s"
    )
    command.set_defaults(command=execute)


def execute(options: argparse.Namespace) -> int:
    """Run the demonstration."""
    started = time.monotonic()
    directory: Path = options.directory
    configuration = parse(_live(directory) if options.live else _water(directory), "demo")
    # Only what a demonstration makes is removed: the directory may hold other things.
    for path in (configuration.output.file, configuration.dead_letters_file):
        Path(path or "").unlink(missing_ok=True)
    if configuration.snapshots_directory:
        shutil.rmtree(configuration.snapshots_directory, ignore_errors=True)
    directory.mkdir(parents=True, exist_ok=True)
    return _watch(configuration, directory, started, live=options.live)


def _water(directory: Path) -> dict[str, Any]:
    return {
        "app": {"id": "demo"},
        "input": {"file": str(import_module("river.datasets").WaterFlow().path), "time": "Time"},
        "task": {"kind": "forecast", "target": "Water flow [l/s]"},
        "model": {"hidden": 8},
        "output": {"file": str(directory / "predictions.jsonl")},
    }


def _live(directory: Path) -> dict[str, Any]:
    return {
        "app": {"id": "demo"},
        "input": {"file": "-", "key": "sensor", "time": "time"},
        "task": {"kind": "forecast", "target": "value"},
        "model": {"hidden": 8},
        "output": {"file": str(directory / "predictions.jsonl")},
    }


def _watch(configuration: Configuration, directory: Path, started: float, *, live: bool) -> int:
    from streamrnn.demo.plot import plot
    from streamrnn.demo.scores import Scores
    from streamrnn.demo.sensors import MachineSensors
    from streamrnn.demo.view import View, score_table

    sensors = MachineSensors() if live else None
    if sensors:
        os.dup2(sensors.descriptor, sys.stdin.fileno())
        sensors.start()
    scores = Scores()
    view = View(scores, started, 0.0 if live else WATCH_SECONDS, 1268)
    console = view.console
    what = "this machine's sensors; Ctrl-C ends it" if live else "a water pipeline's flow, hourly"
    console.print(f"An LSTM learns {what}.", highlight=False)
    worker = build(configuration, [view])
    try:
        received = worker.run()
    finally:
        view.close()
        if sensors:
            sensors.close()
    if not console.is_terminal:
        console.print(score_table(scores))
    picture = directory / "forecast.png"
    if scores.events and not live:
        if plot(scores.newest, picture, WEEK, configuration.task.target):
            console.print(f"picture      {picture}", highlight=False)
        else:
            console.print("no picture: pip install 'streamrnn[demo]' brings matplotlib")
    console.print(
        f"predictions  {configuration.output.file}\n"
        f"snapshots    {configuration.snapshots_directory}\n"
        f"first prediction after {view.first_prediction or 0:.2f} s, "
        f"all after {time.monotonic() - started:.2f} s\n\n"
        "Next: describe your own stream in a file such as examples/sensors/sensors.toml, and\n"
        "      streamrnn run examples/sensors/sensors.toml",
        highlight=False,
        soft_wrap=True,
    )
    return 130 if received == signal.SIGINT and not live else 0
