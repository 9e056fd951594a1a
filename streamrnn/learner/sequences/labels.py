"""The labels of a stream, in the order in which they became known."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from streamrnn.errors import RecordError

Label = str | int | float | bool

FIRST_ROOM = 4


class Labels:
    """Gives each label a number; there is always room for one more, up to a limit.

    Args:
        most: The largest number of labels.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        # True is 1 to Python, and another label to whoever wrote it.
        self._numbers: dict[tuple[type, Label], int] = {}
        self._labels: list[Label] = []

    def __len__(self) -> int:
        return len(self._labels)

    def __getitem__(self, number: int) -> Label:
        return self._labels[number]

    def __iter__(self) -> Iterator[Label]:
        return iter(self._labels)

    def find(self, label: Label) -> int | None:
        """Return the number of a label, None for one that is not known."""
        return self._numbers.get((type(label), label))

    def number(self, label: Label) -> int:
        """Return the number of a label, which becomes known.

        Raises:
            RecordError: There are too many.
        """
        found = self.find(label)
        return int(self.numbers([label])[0]) if found is None else found

    def numbers(self, labels: Sequence[Label]) -> NDArray[np.int64]:
        """Return the numbers of labels, which become known.

        Raises:
            RecordError: There are too many; none has become known.
        """
        typed = list(zip(map(type, labels), labels, strict=True))
        fresh = [each for each in dict.fromkeys(typed) if each not in self._numbers]
        room = self._most - len(self)
        if len(fresh) > room:
            raise RecordError(
                "labels",
                f"expected at most {self._most} labels (task.most_labels), "
                f"got another: {fresh[room][1]!r}",
            )
        for each in fresh:
            self._numbers[each] = len(self)
            self._labels.append(each[1])
        return np.array([*map(self._numbers.__getitem__, typed)], np.int64)

    def restore(self, labels: Sequence[Label]) -> None:
        """Take over labels in place of those that are here."""
        self._labels = list(labels)
        self._numbers = {(type(label), label): n for n, label in enumerate(labels)}


def room_for(labels: int) -> int:
    """Return the outputs of a head for so many labels: a power of two, so that it seldom grows."""
    room = FIRST_ROOM
    while room < labels:
        room *= 2
    return room
