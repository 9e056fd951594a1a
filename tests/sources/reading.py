"""What tests of sources share."""

from contextlib import closing
from typing import Any

import msgspec

from streamrnn.sources import Source


def never() -> bool:
    return False


def records(source: Source) -> list[tuple[int, Any]]:
    """Return the number and the fields of each record, and close the source."""
    with closing(source):
        return [(number, msgspec.json.decode(line)) for number, line in source.lines(never)]
