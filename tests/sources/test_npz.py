"""Sequences of NumPy archives."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from streamrnn.errors import ConfigurationError
from streamrnn.sources.npz import Archive
from tests.sources.reading import never, records

LENGTH = np.array([2, 1], np.int32)
FRAMES = np.arange(6.0).reshape(3, 2)


def written(folder: Path, **arrays: Any) -> str:
    path = folder / "in.npz"
    np.savez_compressed(path, **arrays)
    return str(path)


def test_frames_are_cut_by_their_lengths_and_names_are_fields(tmp_path: Path) -> None:
    name = written(tmp_path, frames=FRAMES, length=LENGTH, label=np.array(["walk", "run"]))
    assert records(Archive(name)) == [
        (1, {"frames": [[0, 1], [2, 3]], "label": "walk"}),
        (2, {"frames": [[4, 5]], "label": "run"}),
    ]


def test_rows_of_several_axes_become_one_list_of_numbers(tmp_path: Path) -> None:
    pose = np.arange(12, dtype=np.int8).reshape(3, 2, 2)
    assert [
        record["pose"]
        for _, record in records(Archive(written(tmp_path, pose=pose, length=LENGTH)))
    ] == [[[0, 1, 2, 3], [4, 5, 6, 7]], [[8, 9, 10, 11]]]


def test_an_array_of_one_axis_has_a_value_for_each_frame_or_each_sequence(tmp_path: Path) -> None:
    name = written(
        tmp_path,
        length=LENGTH,
        action=np.array(["none", "carry", "none"]),
        moves=np.array([True, False]),
        size=np.array([[1, 2], [3, 4]]),
    )
    assert records(Archive(name)) == [
        (1, {"action": ["none", "carry"], "moves": True, "size": [1, 2]}),
        (2, {"action": ["none"], "moves": False, "size": [3, 4]}),
    ]


def test_where_each_sequence_has_one_frame_one_axis_is_of_sequences(tmp_path: Path) -> None:
    name = written(tmp_path, frames=FRAMES, digit=np.arange(3), length=np.ones(3, np.int64))
    assert records(Archive(name))[1] == (2, {"frames": [[2, 3]], "digit": 1})


def test_it_stops_between_two_sequences(tmp_path: Path) -> None:
    asked = iter([False, True])
    source = Archive(written(tmp_path, frames=FRAMES, length=LENGTH))
    assert len(list(source.lines(lambda: next(asked)))) == 1


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
def test_numbers_have_few_digits_and_lose_nothing(tmp_path: Path, kind: type) -> None:
    numbers: Any = np.array([0.1, -1 / 3, 6.1e-5, 1234.5, 0.0], kind)
    source = Archive(written(tmp_path, x=numbers, length=np.array([5])))
    ((_, line),) = source.lines(never)
    assert line.startswith(b'{"x":[0.1,-0.333')
    ((_, record),) = records(source)
    np.testing.assert_array_equal(np.array(record["x"], kind), numbers)


def test_what_is_missing_is_null(tmp_path: Path) -> None:
    name = written(tmp_path, x=np.array([1, np.nan], np.float16), length=np.array([2]))
    assert records(Archive(name)) == [(1, {"x": [1, None]})]


@pytest.mark.parametrize(
    ("arrays", "expected"),
    [
        ({"frames": FRAMES}, "expected an array 'length', .* got frames"),
        ({"frames": FRAMES, "lenght": LENGTH}, "did you mean 'lenght'"),
        ({"length": LENGTH}, "expected an array of 3 rows, one for each frame"),
        ({"length": LENGTH, "label": np.zeros(2)}, "expected an array of 3 rows, .* got label"),
        ({"frames": FRAMES, "length": np.array([2, 2])}, r"'frames': expected 4 rows.*\(3, 2\)"),
        ({"frames": np.float64(1), "length": LENGTH}, r"'frames': expected 3 rows.*\(\)"),
        ({"frames": FRAMES, "length": np.array([3, 0])}, "at least 1 frame, got 0 for sequence 2"),
        ({"frames": FRAMES, "length": np.array([4, -1])}, "got -1 for sequence 2"),
        ({"frames": FRAMES, "length": np.array([2.0, 1.0])}, "'length': expected a whole number"),
        ({"frames": FRAMES, "length": np.array(3)}, "'length': expected a whole number"),
        ({"frames": np.zeros((0, 2)), "length": np.array([], int)}, "'length': expected a whole"),
        ({"frames": FRAMES * 1j, "length": LENGTH}, "'frames': expected numbers, .* complex128"),
        ({"frames": np.full((3, 2), np.inf), "length": LENGTH}, "'frames': .* got infinity"),
        ({"frames": FRAMES, "length": LENGTH, "x": np.array([{}, {}])}, "'x': cannot be read"),
    ],
)
def test_an_array_that_does_not_fit_is_said_by_name(
    tmp_path: Path, arrays: dict[str, Any], expected: str
) -> None:
    with pytest.raises(ConfigurationError, match=rf"in\.npz: .*{expected}"):
        Archive(written(tmp_path, **arrays))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"a,b\n1,2\n", b"\x93NUMPY\x01\x00"])
def test_a_file_that_is_no_archive_is_said(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "in.npz").write_bytes(content)
    with pytest.raises(ConfigurationError, match="expected an archive as numpy"):
        Archive(str(tmp_path / "in.npz"))


def test_one_array_without_a_name_is_no_archive(tmp_path: Path) -> None:
    with (tmp_path / "in.npz").open("wb") as file:
        np.save(file, FRAMES)
    with pytest.raises(ConfigurationError, match="it is one array without a name"):
        Archive(str(tmp_path / "in.npz"))


def test_a_damaged_archive_is_said(tmp_path: Path) -> None:
    path = Path(written(tmp_path, frames=FRAMES, length=LENGTH))
    whole = path.read_bytes()
    said = []
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        try:
            Archive(str(path))
        except ConfigurationError as error:
            said.append(str(error))
    assert len(said) > len(whole) / 2
    assert all(str(path) in message for message in said)


def test_a_file_that_is_missing_and_standard_input_are_errors(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="No such file"):
        Archive(str(tmp_path / "none.npz"))
    with pytest.raises(ConfigurationError, match="not read from standard input"):
        Archive("-")
