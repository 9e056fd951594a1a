"""Arrays of different lengths as few arrays, as they are saved."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = tuple[NDArray[Any], ...]


def packed(
    prefix: str, names: Mapping[str, int], rows: Sequence[Arrays]
) -> dict[str, NDArray[Any]]:
    """Return rows of arrays, one behind the other, and the shapes of all; nothing for no rows.

    Args:
        prefix: Before the names.
        names: Of the arrays of a row, and how many axes each has, 1 or 2.
        rows: Their arrays.
    """
    tensors: dict[str, NDArray[Any]] = {}
    for place, name in enumerate(names if rows else ()):
        arrays = [row[place] for row in rows]
        shapes = [(*array.shape, 1)[:2] for array in arrays]
        tensors[f"{prefix}{name}"] = np.concatenate([array.reshape(-1) for array in arrays])
        tensors[f"{prefix}{name}_shapes"] = np.array(shapes, np.int64)
    return tensors


def unpacked(
    prefix: str, names: Mapping[str, int], tensors: Mapping[str, NDArray[Any]]
) -> list[Arrays]:
    """Return the rows that were packed."""
    columns = []
    for name, axes in names.items():
        if f"{prefix}{name}" not in tensors:
            return []
        array, found, start = tensors[f"{prefix}{name}"], [], 0
        for rows, width in tensors[f"{prefix}{name}_shapes"].tolist():
            part = array[start : start + rows * width].copy()
            found.append(part if axes == 1 else part.reshape(rows, width))
            start += rows * width
        columns.append(found)
    return list(zip(*columns, strict=True))
