"""The text that the demonstration learns: Python's own documentation, which comes with it."""

import textwrap
from importlib import import_module
from pathlib import Path

LARGEST = 400_000
"""Bytes: what is learned within seconds."""


def write(path: Path) -> int:
    """Write the documentation of Python's language, or its licence without it; return the lines."""
    try:
        topics: dict[str, str] = import_module("pydoc_data.topics").topics
        whole = "\n\n".join(topics[name] for name in sorted(topics))
    except ImportError:
        # Some distributions leave it out.
        whole = "\n\n".join(
            textwrap.dedent(import_module(name).__doc__ or "")
            for name in ("argparse", "datetime", "decimal", "json", "logging", "typing")
        )
    text = whole.encode()[:LARGEST].rpartition(b"\n")[0]
    path.write_bytes(text + b"\n")
    return text.count(b"\n") + 1
