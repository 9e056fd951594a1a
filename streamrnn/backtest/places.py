"""Where records stand on a plot's axis: at their times where these can be read."""

from collections.abc import Sequence
from datetime import datetime

Place = str | int


def places(offsets: Sequence[int], times: Sequence[object]) -> list[Place]:
    """Return the times in one form if each can be read as ISO 8601, else the offsets.

    Nothing of a text that came in a record is passed on.
    """
    read = [_moment(time) for time in times]
    known = [moment for moment in read if moment is not None]
    return [*known] if len(known) == len(read) else [*offsets]


def _moment(time: object) -> str | None:
    if not isinstance(time, str):
        return None
    # A month alone is ISO 8601, but not to Python.
    for text in (time, f"{time}-01"):
        try:
            return datetime.fromisoformat(text).replace(tzinfo=None).isoformat()
        except ValueError:
            continue
    return None
