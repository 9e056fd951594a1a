"""A changelog holds the newest snapshot whole, in pieces that a broker takes."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from streamrnn.checkpoints.changelog import MANIFEST, PIECE_BYTES, Changelog
from streamrnn.checkpoints.snapshot import Snapshot
from streamrnn.errors import SnapshotError
from streamrnn.learner.state import State

Records = dict[bytes, bytes]


def snapshot(numbers: dict[str, int], changed: Iterable[str], size: int = 3) -> Snapshot:
    """Return a snapshot of streams that hold a number each, with the rows of those changed."""
    keys = list(changed)
    rows: dict[str, NDArray[Any]] = {
        "flag": np.array([numbers[key] % 2 == 0 for key in keys], np.bool_),
        "number": np.array([[numbers[key]] * 2 for key in keys], np.int64).reshape(-1, 2),
        "half": np.array([numbers[key] / 2 for key in keys], np.float32),
    }
    tensors: dict[str, NDArray[Any]] = {"weights": np.arange(size, dtype=np.float32)}
    return Snapshot(7, 3, {"a": 1}, State(tensors, keys, rows, {"events": 5}, set(numbers)))


def laid_over(records: Records, changelog: Changelog, made: Snapshot) -> Records:
    """Return what a topic holds after a snapshot."""
    records = dict(records)
    for key, value in changelog.write(made):
        records.pop(key, None)
        if value is not None:
            assert len(value) <= PIECE_BYTES
            records[key] = value
    return records


@given(
    st.lists(
        st.dictionaries(st.text(max_size=80), st.integers(-(2**60), 2**60), max_size=6), min_size=1
    )
)
def test_what_changes_brings_the_topic_to_each_state(states: list[dict[str, int]]) -> None:
    changelog, records, former = Changelog(), Records(), dict[str, int]()
    for numbers in states:
        changed = [key for key in numbers if former.get(key) != numbers[key]]
        records = laid_over(records, changelog, snapshot(numbers, changed))
        read = Changelog().read(records)
        assert read is not None
        assert (read.offset, read.step, read.configuration) == (7, 3, {"a": 1})
        state = read.state
        found = dict(zip(state.keys, state.rows["number"][:, 0].tolist(), strict=True))
        assert found == numbers
        for key, half, flag in zip(state.keys, state.rows["half"], state.rows["flag"], strict=True):
            assert half == np.float32(numbers[key] / 2)
            assert flag == (numbers[key] % 2 == 0)
        former = numbers


def test_a_state_without_streams_comes_back() -> None:
    tensors: dict[str, NDArray[Any]] = {"weights": np.arange(3.0)}
    made = Snapshot(7, 3, {}, State(tensors, [], {}, {"events": 0}, []))
    read = Changelog().read(laid_over({}, Changelog(), made))
    assert read is not None
    assert (list(read.state.keys), dict(read.state.rows)) == ([], {})
    assert np.array_equal(read.state.tensors["weights"], tensors["weights"])


def test_large_tensors_lie_in_pieces() -> None:
    made = snapshot({"a": 1}, ["a"], size=1_000_000)
    records = laid_over({}, Changelog(), made)
    assert len([key for key in records if key.startswith(b"tensors/")]) == 5
    read = Changelog().read(records)
    assert read is not None
    np.testing.assert_array_equal(read.state.tensors["weights"], made.state.tensors["weights"])


def test_an_empty_topic_has_no_snapshot() -> None:
    assert Changelog().read({}) is None


def without(key: bytes) -> Callable[[Records], None]:
    return lambda records: records.__delitem__(key)


def exchanged(key: bytes, value: bytes) -> Callable[[Records], None]:
    return lambda records: records.__setitem__(key, value)


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (without(MANIFEST), "no manifest"),
        (exchanged(MANIFEST, b"{"), "manifest cannot be read"),
        (exchanged(MANIFEST, b'{"format": 1}'), "manifest cannot be read"),
        (without(b"tensors/0"), "its tensors are not those"),
        (exchanged(b"tensors/0", b"x"), "its tensors are not those"),
        (without(b"stream/a"), "its streams are not those"),
        (exchanged(b"stream/a", b"x"), "its streams are not those"),
        (exchanged(b"stream/new", b"x"), "its streams are not those"),
    ],
)
def test_damage_is_found(damage: Callable[[Records], None], expected: str) -> None:
    records = laid_over({}, Changelog(), snapshot({"a": 1, "b": 2}, ["a", "b"]))
    damage(records)
    with pytest.raises(SnapshotError, match=expected):
        Changelog().read(records)


def test_values_that_change_their_streams_are_found() -> None:
    records = laid_over({}, Changelog(), snapshot({"a": 1, "b": 2}, ["a", "b"]))
    records[b"stream/a"], records[b"stream/b"] = records[b"stream/b"], records[b"stream/a"]
    with pytest.raises(SnapshotError, match="its streams are not those"):
        Changelog().read(records)
