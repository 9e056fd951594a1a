"""The demonstration on text: Python's documentation, learned line by line."""

import bz2
import lzma
import signal
from pathlib import Path

from rich.table import Table

from streamrnn.build import build, generator_of
from streamrnn.configuration import Configuration, parse
from streamrnn.demo import documentation
from streamrnn.demo.files import remove_former
from streamrnn.demo.lines import LinesView
from streamrnn.visible import visible

WATCH_SECONDS = 20.0
PROMPT, WRITTEN, TEMPERATURE = b"The ", 300, 0.6


def run(directory: Path, started: float) -> int:
    """Learn the text; return the exit code.

    Args:
        directory: Where files are made, anew.
        started: When the program began, on the monotonic clock.
    """
    source = directory / "text.txt"
    configuration = _configuration(directory, source)
    remove_former(configuration)
    directory.mkdir(parents=True, exist_ok=True)
    view = LinesView(started, WATCH_SECONDS, documentation.write(source))
    say = view.console.print
    say("An LSTM and counts of contexts read Python's documentation, byte by byte.")
    try:
        received = build(configuration, [view]).run()
    finally:
        view.close()
    if not view.bytes:
        return 130 if received == signal.SIGINT else 0
    say(_table(view, source))
    generator = generator_of(configuration, 0, None, TEMPERATURE, 1)
    written = PROMPT + b"".join(generator.write(PROMPT, WRITTEN))
    say("What it writes itself by now:\n", highlight=False)
    for line in written.split(b"\n"):
        say(f"  {visible(line)}", highlight=False, markup=False, soft_wrap=True)
    say(
        f"\npredictions  {configuration.output.file}\n"
        f"snapshots    {configuration.snapshots_directory}\n"
        f"first prediction after {view.first_prediction or 0:.2f} s\n\n"
        "Next: follow a log of your own, with a configuration as in the README:\n"
        "      streamrnn replay --follow app.log | streamrnn run logs.toml",
        highlight=False,
        markup=False,
    )
    return 130 if received == signal.SIGINT else 0


def _configuration(directory: Path, source: Path) -> Configuration:
    document = {
        "app": {"id": "demo-text"},
        "input": {"file": str(source)},
        "task": {"kind": "text", "spans": True},
        "output": {"file": str(directory / "text.jsonl")},
    }
    return parse(document, "demo")


def _table(view: LinesView, source: Path) -> Table:
    """Return what the text costs, beside what compressors make of it that see it as a whole."""
    text = source.read_bytes()[: view.bytes]
    table = Table()
    table.add_column(f"the first {view.bytes:,} bytes")
    table.add_column("bits a byte", justify="right")
    for name, bits in {
        "mixed, as it came": view.bits,
        "network alone, as it came": view.network_bits,
        "xz": 8 * len(lzma.compress(text, preset=9)),
        "bzip2": 8 * len(bz2.compress(text)),
    }.items():
        table.add_row(name, f"{bits / view.bytes:.3f}")
    return table
