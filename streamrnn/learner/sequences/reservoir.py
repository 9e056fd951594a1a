"""Past sequences that are learned again: bounded in number and in steps."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamrnn.learner.sequences.draws import Draws
from streamrnn.learner.sequences.ragged import Arrays, packed, unpacked


class Reservoir:
    """Keeps sequences; when it is full a new one takes the place of any.

    So how long one stays is drawn, and older ones are the rarer.

    Args:
        names: Of the arrays of a sequence, and how many axes each has, 1 or 2.
        most: The largest number of sequences.
        most_steps: The largest number of their steps; a sequence with more is not kept.
        draws: Says what goes, and what is drawn.
        prefix: Of the names under which they are saved.
    """

    def __init__(
        self,
        names: Mapping[str, int],
        most: int,
        most_steps: int,
        draws: Draws,
        prefix: str = "kept",
    ) -> None:
        self._prefix = prefix
        self._names, self._most, self._most_steps = dict(names), most, most_steps
        self._draws = draws
        self._kept: list[tuple[int, Arrays]] = []
        self._steps = 0

    def __len__(self) -> int:
        return len(self._kept)

    def draw(self) -> Arrays:
        """Return the arrays of any of them."""
        return self._kept[self._draws.below(len(self._kept))][1]

    def put(self, arrays: Arrays, steps: int) -> None:
        """Keep a sequence of so many steps."""
        if steps > self._most_steps:
            return
        while self._kept and (
            len(self._kept) == self._most or self._steps + steps > self._most_steps
        ):
            place = self._draws.below(len(self._kept))
            self._steps -= self._kept[place][0]
            self._kept[place] = self._kept[-1]
            self._kept.pop()
        self._kept.append((steps, arrays))
        self._steps += steps

    def tensors(self) -> dict[str, NDArray[Any]]:
        """Return all sequences."""
        steps = np.array([steps for steps, _ in self._kept], np.int64)
        arrays = [kept for _, kept in self._kept]
        packs = packed(f"{self._prefix}_", self._names, arrays)
        return {self._prefix: steps, **packs} if self._kept else {}

    def restore(self, tensors: Mapping[str, NDArray[Any]]) -> None:
        """Take over sequences in place of those that are here."""
        steps = tensors[self._prefix].tolist() if self._prefix in tensors else []
        arrays = unpacked(f"{self._prefix}_", self._names, tensors)
        self._kept = list(zip(steps, arrays, strict=True))
        self._steps = sum(steps)
