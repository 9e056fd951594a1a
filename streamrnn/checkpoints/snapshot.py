"""A snapshot: all that a partition needs to go on from an offset as if nothing had happened."""

from collections.abc import Mapping
from dataclasses import dataclass

from streamrnn.learner.state import State


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state of one partition's model at an offset.

    Attributes:
        offset: The next record to read.
        step: Learning steps so far.
        configuration: What the state depends on, as JSON holds it; a snapshot serves only a
            configuration that is equal here.
        state: What the model goes on from.
    """

    offset: int
    step: int
    configuration: Mapping[str, object]
    state: State
