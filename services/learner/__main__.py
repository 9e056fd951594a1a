"""The long-lived learner: ``streamrnn run``, which says what it does on standard error."""

import argparse
import os
import sys

from streamrnn.cli import main


def run() -> int:
    """Run the configuration that is named as an argument, or in STREAMRNN_CONFIG."""
    default = os.environ.get("STREAMRNN_CONFIG")
    parser = argparse.ArgumentParser(prog="learner", description=__doc__)
    parser.add_argument(
        "configuration",
        metavar="CONFIG",
        nargs="?" if default else None,
        default=default,
        help="a TOML file; default: the environment's STREAMRNN_CONFIG",
    )
    known, others = parser.parse_known_args()
    return main(["run", known.configuration, *others])


if __name__ == "__main__":
    sys.exit(run())
