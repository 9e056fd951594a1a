"""Log lines: JSON for machines, plain ones for a terminal."""

import logging
import sys
from datetime import UTC, datetime
from typing import Literal

import msgspec

TEXT = "%(asctime)s %(levelname)-7s %(message)s"
STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
"""What each record of Python's logging has; all else is a fact that the caller has added."""


class JsonFormatter(logging.Formatter):
    """Writes a record as one line of JSON: time, level, logger, message, and the caller's facts."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: fact for name, fact in vars(record).items() if name not in STANDARD}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return msgspec.json.encode(line, enc_hook=str).decode()


class StandardError(logging.Handler):
    """Writes to what standard error is at the moment: a line that is live there may stand in."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line."""
        try:
            print(self.format(record), file=sys.stderr, flush=True)
        except Exception:
            self.handleError(record)


def set_up(level: str, form: Literal["auto", "text", "json"], *, contents: bool) -> None:
    """Send the logs of this process to standard error.

    Args:
        level: The least that is told.
        form: How; ``auto`` is text on a terminal, and JSON elsewhere.
        contents: Whether what records hold may be told.
    """
    handler = StandardError()
    text = form == "text" or (form == "auto" and sys.stderr.isatty())
    handler.setFormatter(logging.Formatter(TEXT) if text else JsonFormatter())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    # Other packages' lines are many, and for their developers: of those only warnings.
    logging.getLogger("streamrnn").setLevel(level.upper())
    logging.getLogger("streamrnn.contents").setLevel("INFO" if contents else "CRITICAL")
