"""``streamrnn backtest CONFIG``: what a configuration would have come to on its file."""

import argparse
import sys
from pathlib import Path
from typing import Any

from streamrnn.cli.options import add_configuration, configuration_of
from streamrnn.cli.progress import Progress

REPORT = "report.html"


def add_to(commands: Any) -> None:
    """Add the command to a parser."""
    command = commands.add_parser(
        "backtest", help="say on a file whether it is worth running, beside simpler methods"
    )
    add_configuration(command)
    command.add_argument("--report", type=Path, metavar="DIR", help=f"write DIR/{REPORT}")
    command.add_argument("--json", type=Path, metavar="FILE", help="write all figures")
    command.add_argument(
        "--no-peers", dest="peers", action="store_false", help="leave out River's methods"
    )
    command.set_defaults(command=execute)


def execute(options: argparse.Namespace) -> int:
    """Stream the file, print a table and write what was asked for; return 130 after Ctrl-C."""
    # River and Numba are worth loading only here.
    from streamrnn.backtest.figures import document
    from streamrnn.backtest.report import report
    from streamrnn.backtest.run import check, stream
    from streamrnn.backtest.summary import summarize
    from streamrnn.backtest.table import table
    from streamrnn.backtest.writing import check_file, make_folder, write

    configuration = configuration_of(options)
    check(configuration, options.configuration)
    # A long run is not to fail at its end.
    if options.report:
        make_folder(options.report, "--report")
        check_file(options.report / REPORT, "--report")
    if options.json:
        check_file(options.json, "--json")
    progress = Progress() if sys.stderr.isatty() else None
    try:
        outcome = stream(
            configuration,
            peers=options.peers,
            observers=[progress] if progress else [],
            follow=progress.follow if progress else lambda _: None,
        )
    except KeyboardInterrupt:
        print("streamrnn: interrupted: nothing was written", file=sys.stderr)
        return 130
    finally:
        if progress:
            progress.close()
    figures = summarize(configuration, outcome)
    print(table(figures))
    if options.json:
        write(options.json, document(figures), "--json")
    if options.report:
        path = options.report / REPORT
        write(path, report(figures, outcome.scores), "--report")
        print(f"\nreport: {path}")
    return 0
