"""The replayer: ``streamrnn replay``, as a service of its own."""

import sys

from streamrnn.cli import main

if __name__ == "__main__":
    sys.exit(main(["replay", *sys.argv[1:]]))
