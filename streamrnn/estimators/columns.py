"""Features by name: each takes a column when it first appears, and keeps it for life."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

LARGEST = 1e100
"""Numbers beyond this are refused: their squares must stay finite."""


NUMBERS = {bool, int, float, np.float64, np.float32, np.int64, np.int32}


@dataclass(frozen=True, slots=True)
class Category:
    """The column of a text: the feature, and one of its values."""

    feature: Any
    value: str


class Columns:
    """Turns the features of an event into a row of numbers.

    A number is a column by its name. A text is a column by its name and its value: 1 where it has
    this value, else 0. What is absent or None is NaN, which stands for "at its running mean".

    Attributes:
        categorical: Columns of texts.
        complete: Whether each feature of the last row had a column.
    """

    def __init__(self) -> None:
        self._columns: dict[Any, int] = {}
        self.categorical: list[int] = []
        self.complete = True
        # Mostly an event brings the names of the last one: a number for each column.
        self._names: tuple[Any, ...] = ()
        self._places: list[int] = []

    def __len__(self) -> int:
        return len(self._columns)

    def missing(self, x: Mapping[Any, Any]) -> list[Any]:
        """Return the columns that an event needs and that are not there yet."""
        names = [
            Category(name, value) if isinstance(value, str) else name
            for name, value in x.items()
            if value is not None
        ]
        return [name for name in names if name not in self._columns]

    def of(self, name: Any) -> int:
        """Return the column of a name that has one."""
        return self._columns[name]

    def add(self, names: list[Any]) -> None:
        """Give columns to new names, in an order that does not depend on that of the event."""
        for name in sorted(names, key=_order):
            if isinstance(name, Category):
                self.categorical.append(len(self._columns))
            self._columns[name] = len(self._columns)

    def row(self, x: Mapping[Any, Any], width: int) -> NDArray[np.float64]:
        """Return the row of an event; what has no column is passed over.

        Args:
            x: Numbers and texts by name.
            width: Columns of the row; those that nothing has taken are NaN.

        Raises:
            ValueError: A value is not finite, too large, or neither a number nor a text.
        """
        self.complete = True
        if len(self._places) == width and (usual := self._usual(x)) is not None:
            return np.array([usual[place] for place in self._places], np.float64)
        row = [math.nan] * width
        for text in self.categorical:
            row[text] = 0.0
        columns = self._columns
        for name, value in x.items():
            if value is None:
                continue
            if isinstance(value, str):
                column, number = columns.get(Category(name, value)), 1.0
            else:
                column, number = columns.get(name), finite(name, value)
            if column is None:
                self.complete = False
            else:
                row[column] = number
        self._names = tuple(x)
        places = {columns.get(name): place for place, name in enumerate(x)}
        whole = places.keys() == set(range(width))
        self._places = [places[column] for column in range(width)] if whole else []
        return np.array(row)

    def _usual(self, x: Mapping[Any, Any]) -> list[float] | None:
        """Return the values of an event of numbers with the last one's names, if all is well."""
        if tuple(x) != self._names:
            return None
        values = list(x.values())
        if not NUMBERS.issuperset(map(type, values)) or not sum(map(abs, values)) <= LARGEST:
            return None
        return values


def _order(name: Any) -> tuple[Any, ...]:
    """Return what names of any types can be sorted by."""
    if isinstance(name, Category):
        return ("Category", *_order(name.feature), name.value)
    sortable = isinstance(name, int | float | str)
    return type(name).__name__, name if sortable else repr(name)


def finite(name: Any, value: Any) -> float:
    """Return a value as a number, a date or time as seconds since 1970.

    Raises:
        ValueError: It is not a number, not finite, or beyond ±1e100.
    """
    if isinstance(value, date):
        day = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)
        # Of a time without a zone only its distance from others matters, wherever it runs.
        value = day.replace(tzinfo=day.tzinfo or UTC).timestamp()
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(
            f"{name}: expected a number within ±{LARGEST:g}, a text or a time, got {value!r:.99}"
        ) from error
    if not -LARGEST <= number <= LARGEST:
        raise ValueError(f"{name}: expected a finite number within ±{LARGEST:g}, got {value!r}")
    return number
