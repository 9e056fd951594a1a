"""A snapshot: all that a partition needs to go on from an offset as if nothing had happened."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state of one partition's model at an offset.

    Attributes:
        offset: The next record to read.
        step: Learning steps so far.
        configuration: What the state depends on, as JSON holds it; a snapshot serves only a
            configuration that is equal here.
        tensors: Arrays by name.
        details: Small state beside the tensors, as JSON holds it.
    """

    offset: int
    step: int
    configuration: Mapping[str, object]
    tensors: Mapping[str, NDArray[Any]]
    details: Mapping[str, object]
