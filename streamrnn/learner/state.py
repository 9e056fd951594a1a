"""What a learner goes on from, as it is saved."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class State:
    """All that a learner goes on from, or of its streams only those that had an event lately.

    Attributes:
        tensors: What the streams share, by name.
        keys: The streams that are here.
        rows: The fields of these streams by name, a row for each key.
        details: Small state beside the tensors, as JSON holds it.
        present: The keys of all streams that there are; a view that changes with them.
    """

    tensors: Mapping[str, NDArray[Any]]
    keys: Sequence[str]
    rows: Mapping[str, NDArray[Any]]
    details: Mapping[str, Any]
    present: Collection[str]

    @property
    def size(self) -> int:
        """The bytes of all arrays."""
        return sum(array.nbytes for array in (*self.tensors.values(), *self.rows.values()))
