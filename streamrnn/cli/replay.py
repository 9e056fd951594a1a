"""``streamrnn replay FILE``: send a file's records to a topic, or print them, as if live."""

import argparse
import math
import signal
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from functools import partial
from typing import Any, get_args

from rich.console import Console
from rich.live import Live
from rich.text import Text

from streamrnn.build import connection_of
from streamrnn.configuration.load import kafka_of
from streamrnn.configuration.schema import Format
from streamrnn.errors import ConfigurationError
from streamrnn.following import Followed
from streamrnn.replay import Pace, Printer, Records, Sender, format_of, replay
from streamrnn.sources import SEQUENCES, Annotate, Fasta, Source, WholeFile
from streamrnn.sources.annotation import labels_as_written, labels_of_features
from streamrnn.worker import StopSignals

REFRESH_SECONDS = 0.2
FORMATS = (*get_args(Format), *SEQUENCES)


def add_to(commands: Any) -> None:
    """Add the command to a parser."""
    command = commands.add_parser("replay", help="send a file's records, as if live")
    command.add_argument(
        "file", metavar="FILE", help="a path, also of a folder of .wav, or - for standard input"
    )
    command.add_argument(
        "--topic", help="where the records go; it must exist; default: standard output"
    )
    command.add_argument(
        "--follow", action="store_true", help="go on as the file grows, through rotation"
    )
    command.add_argument(
        "--rate", type=_rate, metavar="N", help="records a second; default: as fast as it goes"
    )
    command.add_argument(
        "--key", metavar="FIELD", help="the record's key: those of one key keep their order"
    )
    command.add_argument("--repeat", action="store_true", help="start again at the end")
    command.add_argument("--format", choices=FORMATS, help="default: by the file's ending")
    command.add_argument(
        "--window", type=_window, metavar="N", help="FASTA: pieces of so many letters"
    )
    labels = command.add_mutually_exclusive_group()
    labels.add_argument(
        "--labels", metavar="FILE", help="FASTA: a text file with one character a letter"
    )
    labels.add_argument(
        "--features", metavar="FILE", help="FASTA: a table of genes, of which labels are made"
    )
    command.add_argument(
        "--bootstrap-servers",
        metavar="HOST:PORT",
        help="default: KAFKA_BOOTSTRAP_SERVERS, else localhost:9092",
    )
    command.set_defaults(command=execute)


def _rate(text: str) -> float:
    rate = float(text)
    if not (math.isfinite(rate) and rate > 0):
        raise ValueError
    return rate


def _window(text: str) -> int:
    letters = int(text)
    if letters < 1:
        raise ValueError
    return letters


# What argparse calls them where they are wrong.
_rate.__name__, _window.__name__ = "rate", "window"


class Meter:
    """Shows on a terminal how many records went, how fast, and how far that is.

    Args:
        place: Where they go.
        source: Where they come from.
    """

    def __init__(self, place: str, source: Source) -> None:
        self._place, self._source, self._count = place, source, 0
        self._started = self._shown = time.monotonic()
        console = Console(stderr=True)
        self._live = Live(console=console, auto_refresh=False, transient=True)
        if console.is_terminal:
            self._live.start()

    def sent(self, count: int) -> None:
        """Count a record."""
        self._count, now = count, time.monotonic()
        if self._live.is_started and now - self._shown >= REFRESH_SECONDS:
            self._shown = now
            size = self._source.size
            share = f", {100 * self._source.position / size:.0f} % of the file" if size else ""
            self._live.update(Text(self.summary() + share), refresh=True)

    def summary(self) -> str:
        """Return how many records went, and how fast."""
        seconds = time.monotonic() - self._started
        rate = self._count / max(seconds, 1e-9)
        return f"{self._place}: {self._count:,} records in {seconds:,.1f} s, {rate:,.0f} records/s"

    def close(self) -> None:
        """Remove the line."""
        self._live.stop()


def execute(options: argparse.Namespace) -> int:
    """Send the records; return 0, or 130 after Ctrl-C."""
    form = format_of(options.file, options.format)
    # Whole sequences are JSON by the time they are records.
    make_records = partial(Records, "jsonl" if form in SEQUENCES else form, options.key)
    make_records()
    signals = StopSignals()

    def stopped() -> bool:
        return signals.received is not None

    with ExitStack() as opened:
        source = opened.enter_context(closing(_source(options, form)))
        sender, flush = _sender(options, opened)
        meter = opened.enter_context(closing(Meter(options.topic or "standard output", source)))
        opened.enter_context(signals)
        replay(
            source,
            make_records,
            sender,
            Pace(options.rate),
            repeat=options.repeat,
            stopped=stopped,
            on_sent=meter.sent,
        )
        flush(stopped)
        summary = meter.summary()
    print(summary, file=sys.stderr)
    return 130 if signals.received == signal.SIGINT else 0


def _source(options: argparse.Namespace, form: str) -> Source:
    of_fasta = [name for name in ("window", "labels", "features") if getattr(options, name)]
    if of_fasta and form != "fasta":
        raise ConfigurationError(
            f"--{of_fasta[0]}: expected a FASTA file, got the format {form}; leave it out"
        )
    if options.follow and form in SEQUENCES:
        raise ConfigurationError(
            f"--follow: expected lines ({', '.join(get_args(Format))}), got the format {form}, "
            "whose sequences are read whole; leave it out"
        )
    if form == "fasta":
        return Fasta(options.file, window=options.window, annotate=_annotate(options))
    if form in SEQUENCES:
        return SEQUENCES[form](options.file)
    if options.follow:
        return Followed(options.file)
    return WholeFile(options.file, every_line=form == "text")


def _annotate(options: argparse.Namespace) -> Annotate | None:
    if options.labels:
        return partial(labels_as_written, options.labels)
    if options.features:
        return partial(labels_of_features, options.features)
    return None


def _sender(
    options: argparse.Namespace, opened: ExitStack
) -> tuple[Sender, Callable[[Callable[[], bool]], object]]:
    """Return where records go, and what waits until all have arrived."""
    if options.topic is None:
        return Printer(), lambda stopped: None
    # It brings kafka-python, which takes its time.
    from streamrnn.transports.kafka.feeder import Feeder

    connection = connection_of(kafka_of(options.bootstrap_servers))
    feeder = opened.enter_context(closing(Feeder(connection, options.topic)))
    return feeder, feeder.flush
