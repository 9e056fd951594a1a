"""NumPy archives: the frames of all sequences one after the other, and how many each one has."""

import zipfile
import zlib
from collections.abc import Iterator, Mapping
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from streamrnn.errors import ConfigurationError, nearest
from streamrnn.sources.base import Stopped, StoredSequences, plain

LENGTH = "length"
"""The array that says how many frames each sequence has."""
KINDS = "biufU"
"""The kinds of what arrays may hold: truth values, numbers and text."""
DAMAGE = (OSError, EOFError, ValueError, RuntimeError, zipfile.BadZipFile, zlib.error)
"""What NumPy raises where it cannot read an archive."""

Arrays = Mapping[str, NDArray[Any]]


class Archive(StoredSequences):
    """The sequences of an archive, each as an object with a field for each array but ``length``.

    An array with a row for each frame of all sequences gives a list of its rows; rows of several
    axes become one list of numbers. An array with a row for each sequence gives that row. Where
    each sequence has one frame, arrays of one axis have a value for each sequence, others rows for
    each frame. NaN becomes null.

    Args:
        name: A path.

    Raises:
        ConfigurationError: It cannot be read, its ``length`` is missing or wrong, or an array has
            rows for neither frames nor sequences, or holds what JSON cannot.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        arrays = _read(name)
        lengths = _lengths(name, arrays)
        self._bounds = [0, *accumulate(lengths)]
        self._arrays: dict[str, NDArray[Any]] = {}
        self._of_frames: set[str] = set()
        for key, array in arrays.items():
            if key == LENGTH:
                continue
            _check_kind(f"{name}: array {key!r}", array)
            if _has_frames(f"{name}: array {key!r}", array, self._bounds[-1], len(lengths)):
                self._of_frames.add(key)
                array = array.reshape(len(array), -1) if array.ndim > 2 else array
            self._arrays[key] = array
        if not self._of_frames:
            raise ConfigurationError(
                f"{name}: expected an array of {self._bounds[-1]:,} rows, one for each frame (the "
                f"sum of {LENGTH!r}), got {', '.join(self._arrays) or 'no other array'}"
            )

    def lines(self, stopped: Stopped) -> Iterator[tuple[int, bytes]]:
        """Yield ``(number, record)`` of each sequence; the first number is 1."""
        for number, (start, end) in enumerate(pairwise(self._bounds), 1):
            if stopped():
                return
            record = {
                key: plain(
                    array[start:end] if key in self._of_frames else np.asarray(array[number - 1])
                )
                for key, array in self._arrays.items()
            }
            yield number, msgspec.json.encode(record)


def _read(name: str) -> Arrays:
    try:
        with Path(name).open("rb") as file:
            archive = np.load(file, allow_pickle=False)
            if not isinstance(archive, np.lib.npyio.NpzFile):
                raise ValueError("it is one array without a name")
            return {key: _array(name, archive, key) for key in archive.files}
    except DAMAGE as error:
        raise ConfigurationError(
            f"{name}: expected an archive as numpy.savez writes it: {error}"
        ) from error


def _array(name: str, archive: Mapping[str, Any], key: str) -> NDArray[Any]:
    try:
        array = archive[key]
        if not isinstance(array, np.ndarray):
            raise ValueError("it is no array")
    except DAMAGE as error:
        raise ConfigurationError(
            f"{name}: array {key!r}: cannot be read: {error}; write the archive anew with "
            "numpy.savez, of numbers and text alone"
        ) from error
    return array


def _has_frames(place: str, array: NDArray[Any], frames: int, sequences: int) -> bool:
    """Return whether an array has a row for each frame; else it has one for each sequence."""
    rows = len(array) if array.ndim else 0
    if rows not in (frames, sequences):
        raise ConfigurationError(
            f"{place}: expected {frames:,} rows, the sum of {LENGTH!r}, or {sequences:,}, one for "
            f"each sequence, got the shape {array.shape}; correct it, or leave the array out"
        )
    return rows == frames and (frames != sequences or array.ndim > 1)


def _check_kind(place: str, array: NDArray[Any]) -> None:
    if array.dtype.kind not in KINDS:
        raise ConfigurationError(
            f"{place}: expected numbers, truth values or text, got {array.dtype}; convert it, as "
            "with array.astype(str)"
        )
    if array.dtype.kind == "f" and np.isinf(array).any():
        raise ConfigurationError(
            f"{place}: expected finite numbers, or NaN where one is missing, got infinity"
        )


def _lengths(name: str, arrays: Arrays) -> list[int]:
    if LENGTH not in arrays:
        raise ConfigurationError(
            f"{name}: expected an array {LENGTH!r}, the frames of each sequence, got "
            f"{', '.join(arrays) or 'an empty archive'}{nearest(LENGTH, arrays)}"
        )
    array = arrays[LENGTH]
    if array.ndim != 1 or array.dtype.kind not in "iu" or not len(array):
        raise ConfigurationError(
            f"{name}: array {LENGTH!r}: expected a whole number for each sequence, got "
            f"{array.dtype} of shape {array.shape}"
        )
    if array.min() < 1:
        place = int(np.argmin(array))
        raise ConfigurationError(
            f"{name}: array {LENGTH!r}: expected at least 1 frame, got {array[place]} for sequence "
            f"{place + 1}; leave that sequence out"
        )
    lengths: list[int] = array.tolist()
    return lengths
