"""The command ``streamrnn``."""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version

from streamrnn.cli import backtest, check, demo, generate, replay, reset, run, topics
from streamrnn.errors import StreamrnnError

COMMANDS = (run, check, backtest, demo, generate, topics, replay, reset)


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    whole = argparse.ArgumentParser(
        prog="streamrnn", description="Recurrent networks that learn online, from live streams."
    )
    whole.add_argument("--version", action="version", version=f"streamrnn {version('streamrnn')}")
    commands = whole.add_subparsers(required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add_to(commands)
    return whole


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return its exit code: 2 where what was asked for cannot be done."""
    options = parser().parse_args(arguments)
    try:
        code: int = options.command(options)
        sys.stdout.flush()
        return code
    except StreamrnnError as error:
        print(f"streamrnn: error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        # It came before there was anything to end in order.
        return 130
    except BrokenPipeError:
        # Whoever read standard output is gone. Python flushes it once more at exit, so it must
        # lead somewhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        print("streamrnn: error: standard output was closed by its reader", file=sys.stderr)
        return 1
