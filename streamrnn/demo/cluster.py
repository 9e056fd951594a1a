"""The demonstration on Apache Kafka: the water's flow comes from a topic, answers go to one."""

import signal
import tomllib
from pathlib import Path

import msgspec

from streamrnn.build import administrator_of, build, connection_of
from streamrnn.configuration import Configuration, parse
from streamrnn.configuration.load import kafka_of
from streamrnn.demo import water
from streamrnn.demo.ending import draw, say, show_scores, timing
from streamrnn.demo.feeding import Feeding
from streamrnn.demo.page import show_page, stay
from streamrnn.demo.scores import Scores
from streamrnn.demo.view import View
from streamrnn.page.feed import Feed
from streamrnn.worker import Worker

WATCHABLE_RATE = 100.0
ONE_PARTITION = 1
CONFIGURATION = f"""\
# What `streamrnn demo --kafka` has run. `streamrnn run` goes on with it.

[app]
id = "streamrnn-demo"

[input]
topic = "streamrnn-demo-flow"
time = "{water.TIME}"

[task]
kind = "forecast"
target = "{water.TARGET}"
season = [{water.SEASON}]

[output]
topic = "streamrnn-demo-predictions"
"""


def run(address: str, directory: Path, started: float) -> int:
    """Learn the water's flow through topics that are made anew; return the exit code.

    Args:
        address: Where the brokers are.
        directory: Where the configuration and the picture go.
        started: When the program began, on the monotonic clock.
    """
    # The environment says how the cluster is reached, and nothing more: the topics that are
    # removed here are always the demonstration's own.
    configuration = parse(tomllib.loads(CONFIGURATION), "demo")
    configuration = msgspec.structs.replace(configuration, kafka=kafka_of(address))
    _make_topics(configuration)
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / "kafka.toml"
    reached = f"[kafka]\nbootstrap_servers = {msgspec.json.encode(address).decode()}\n"
    path.write_text(f"{CONFIGURATION}\n{reached}", encoding="utf-8")
    scores = Scores()
    view = View(scores, started, 0.0, water.EVENTS)
    say(view, f"An LSTM learns a water pipeline's flow, hourly, from Kafka at {address}.")
    feed = Feed()
    try:
        worker = build(configuration, [view, feed])
        page = show_page(configuration, feed, worker)
        say(view, f"Watch it at {page}")
        received = _learn(configuration, worker, view)
    finally:
        view.close()
    show_scores(view, scores)
    draw(view, scores, directory / "forecast.png", water.TARGET)
    say(view, f"{_what_is_there(configuration, path, address)}\n{timing(view, started)}\n")
    say(view, _what_is_next(configuration, path, address))
    if not received:
        stay(view, page)
    return 130 if received == signal.SIGINT else 0


def _make_topics(configuration: Configuration) -> None:
    administrator = administrator_of(configuration)
    try:
        if set(administrator.partitions().values()) != {None}:
            administrator.start_over(configuration.group)
            administrator.remove()
        administrator.create(ONE_PARTITION, None)
    finally:
        administrator.close()


def _learn(configuration: Configuration, worker: Worker, view: View) -> signal.Signals | None:
    """Feed and learn until all is answered; return the signal that came before, if one did."""
    assert configuration.input.topic
    feeding = Feeding(
        connection_of(configuration.kafka),
        configuration.input.topic,
        water.file(),
        WATCHABLE_RATE if view.console.is_terminal else None,
    )
    feeding.start()

    def until() -> bool:
        feeding.check()
        return _answered(worker) >= water.EVENTS

    try:
        return worker.run(until)
    finally:
        feeding.close()


def _answered(worker: Worker) -> int:
    """Return how many records have committed answers."""
    processor = worker.processors.get(0)
    return processor.progress[0] if processor else 0


def _what_is_there(configuration: Configuration, path: Path, address: str) -> str:
    c = configuration
    return (
        f"topics       {c.input.topic}: the records; {c.output.topic}: their answers;\n"
        f"             {c.changelog_topic}: what was learned\n"
        f"read them    kafka-console-consumer.sh --bootstrap-server {address} "
        f"--topic {c.output.topic} --from-beginning --isolation-level read_committed\n"
        f"configured   {path}"
    )


def _what_is_next(configuration: Configuration, path: Path, address: str) -> str:
    return (
        "Next: it goes on from here, with all that it has learned, as soon as records come:\n"
        f"      streamrnn run {path}\n"
        f"      streamrnn replay {water.file()} --topic {configuration.input.topic} "
        f"--rate 10 --repeat --bootstrap-servers {address}"
    )
