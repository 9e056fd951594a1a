"""``streamrnn backtest CONFIG``: what a configuration would have come to on its file."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from streamrnn.cli.options import add_configuration, configuration_of
from streamrnn.cli.progress import Progress
from streamrnn.configuration import Configuration
from streamrnn.errors import ConfigurationError

if TYPE_CHECKING:
    from streamrnn.backtest.answers import Follow

REPORT = "report.html"
INTERRUPTED = 130

Outcome = TypeVar("Outcome")


def add_to(commands: Any) -> None:
    """Add the command to a parser."""
    command = commands.add_parser(
        "backtest", help="say on a file whether it is worth running, beside simpler methods"
    )
    add_configuration(command)
    command.add_argument(
        "--report", type=Path, metavar="DIR", help=f"write DIR/{REPORT}, of forecasts"
    )
    command.add_argument("--json", type=Path, metavar="FILE", help="write all figures")
    command.add_argument(
        "--no-peers",
        dest="peers",
        action="store_false",
        help="leave out River's methods, which forecasts stand beside",
    )
    command.set_defaults(command=execute)


def execute(options: argparse.Namespace) -> int:
    """Stream the file, print a table and write what was asked for; return 130 after Ctrl-C."""
    configuration = configuration_of(options)
    if configuration.task.kind == "forecast":
        return _forecasts(configuration, options)
    return _sequences(configuration, options)


def _forecasts(configuration: Configuration, options: argparse.Namespace) -> int:
    # River and Numba are worth loading only here.
    from streamrnn.backtest.figures import document
    from streamrnn.backtest.report import report
    from streamrnn.backtest.run import check, stream
    from streamrnn.backtest.summary import summarize
    from streamrnn.backtest.table import table
    from streamrnn.backtest.writing import check_file, make_folder, write

    check(configuration, options.configuration)
    # A long run is not to fail at its end.
    if options.report:
        make_folder(options.report, "--report")
        check_file(options.report / REPORT, "--report")
    if options.json:
        check_file(options.json, "--json")
    outcome = _streamed(
        lambda observers, follow: stream(
            configuration, peers=options.peers, observers=observers, follow=follow
        )
    )
    if outcome is None:
        return INTERRUPTED
    figures = summarize(configuration, outcome)
    print(table(figures))
    if options.json:
        write(options.json, document(figures), "--json")
    if options.report:
        path = options.report / REPORT
        write(path, report(figures, outcome.scores), "--report")
        print(f"\nreport: {path}")
    return 0


def _sequences(configuration: Configuration, options: argparse.Namespace) -> int:
    from streamrnn.backtest.figures import document
    from streamrnn.backtest.sequences.run import check, stream
    from streamrnn.backtest.sequences.summary import summarize
    from streamrnn.backtest.sequences.table import table
    from streamrnn.backtest.writing import check_file, write

    check(configuration, options.configuration)
    kind = configuration.task.kind
    if options.report:
        raise ConfigurationError(
            f"--report: the page draws forecasts, and the task {kind} makes none: leave it out; "
            "--json writes all figures"
        )
    if not options.peers:
        raise ConfigurationError(
            f"--no-peers: River's methods only stand beside forecasts, and the task {kind} makes "
            "none: leave it out"
        )
    if options.json:
        check_file(options.json, "--json")
    outcome = _streamed(
        lambda observers, follow: stream(configuration, observers=observers, follow=follow)
    )
    if outcome is None:
        return INTERRUPTED
    figures = summarize(configuration, outcome)
    print(table(figures))
    if options.json:
        write(options.json, document(figures), "--json")
    return 0


def _streamed(stream: Callable[[Sequence[Progress], "Follow"], Outcome]) -> Outcome | None:
    """Return what streams, with a line that shows how far it has come; None after Ctrl-C."""
    progress = Progress() if sys.stderr.isatty() else None
    try:
        return stream(
            [progress] if progress else [], progress.follow if progress else lambda _: None
        )
    except KeyboardInterrupt:
        print("streamrnn: interrupted: nothing was written", file=sys.stderr)
        return None
    finally:
        if progress:
            progress.close()
