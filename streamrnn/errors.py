"""Errors that a user can cause, each with one message that says what to do.

```
StreamrnnError
├── ConfigurationError    what was asked for cannot be done as it stands
├── RecordError           one record cannot be decoded or learned: it becomes a dead letter
└── SnapshotError         saved state is damaged, or does not fit what is to be run
```
"""

from collections.abc import Iterable
from difflib import get_close_matches


class StreamrnnError(Exception):
    """Base of all errors that streamrnn raises on purpose."""


class ConfigurationError(StreamrnnError):
    """A configuration, an argument or a file that it names is missing or wrong."""


class RecordError(StreamrnnError):
    """One record cannot be answered by a prediction.

    Attributes:
        reason: A short word from a fixed set, fit to be a metric's label: ``malformed`` (cannot be
            decoded), ``type`` (a field of the wrong type), ``range`` (a number that is not finite
            or too large), ``missing`` (a field that must be there is not), ``empty``, ``length``,
            ``width`` (a sequence without steps, with targets of another number, with frames of
            another width), ``labels`` (one too many), ``late`` (a target that nothing waits for),
            ``learning`` (the learning step was undone).
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class SnapshotError(StreamrnnError):
    """Saved state is damaged or belongs to another configuration or input."""


def nearest(name: object, known: Iterable[object]) -> str:
    """Return ``; did you mean 'x'?`` for the known name closest to ``name``, else nothing."""
    matches = get_close_matches(str(name), map(str, known), n=1)
    return f"; did you mean {matches[0]!r}?" if matches else ""
