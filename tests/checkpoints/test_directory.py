"""Snapshots survive a crash at any step of their writing, and damage is said."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from streamrnn.checkpoints.directory import SavedFiles, SnapshotDirectory
from streamrnn.checkpoints.snapshot import Snapshot
from streamrnn.errors import SnapshotError
from streamrnn.learner.state import State

FILES = SavedFiles(3, 4, 5)


def snapshot(offset: int) -> Snapshot:
    tensors: dict[str, NDArray[Any]] = {"a": np.arange(offset, dtype=np.float32)}
    rows: dict[str, NDArray[Any]] = {"row": np.full((1, 2), offset), "none": np.zeros((1, 0))}
    return Snapshot(offset, 7, {"x": 1}, State(tensors, ["p"], rows, {"events": 3}, ["p"]))


def test_what_was_written_is_read(tmp_path: Path) -> None:
    directory = SnapshotDirectory(str(tmp_path / "s"))
    assert directory.read() is None
    for offset in (1, 2):
        directory.write(snapshot(offset), FILES)
        read = directory.read()
        assert read is not None
        assert (read[0].offset, read[0].step, read[1]) == (offset, 7, FILES)
        state = read[0].state
        np.testing.assert_array_equal(state.tensors["a"], np.arange(offset))
        np.testing.assert_array_equal(state.rows["row"], [[offset, offset]])
        assert (state.keys, state.details) == (["p"], {"events": 3})
    assert len(list((tmp_path / "s").iterdir())) == 3
    directory.close()


@pytest.mark.parametrize("crash", range(1, 9))
def test_a_crash_at_any_step_leaves_a_whole_snapshot(
    tmp_path: Path, crash: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = SnapshotDirectory(str(tmp_path))
    directory.write(snapshot(1), FILES)
    calls = 0

    def crashing(original: Any) -> Any:
        def call(*arguments: Any, **named: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls == crash:
                raise KeyboardInterrupt
            return original(*arguments, **named)

        return call

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", crashing(os.fsync))
        patch.setattr(Path, "replace", crashing(Path.replace))
        patch.setattr(Path, "unlink", crashing(Path.unlink))
        try:
            directory.write(snapshot(2), FILES)
        except KeyboardInterrupt:
            whole = False
        else:
            whole = True
    read = directory.read()
    assert read is not None
    assert whole == (crash == 8)
    assert read[0].offset == (2 if crash >= 6 else 1)
    np.testing.assert_array_equal(read[0].state.tensors["a"], np.arange(read[0].offset))
    directory.write(snapshot(3), FILES)
    assert len(list(tmp_path.iterdir())) == 3
    directory.close()


@pytest.mark.parametrize(
    ("pattern", "content", "expected"),
    [
        ("*.safetensors", b"x", "not what the manifest says"),
        ("manifest.json", b"{", "not a manifest"),
    ],
)
def test_damage_is_an_error_that_names_the_file(
    tmp_path: Path, pattern: str, content: bytes, expected: str
) -> None:
    directory = SnapshotDirectory(str(tmp_path))
    directory.write(snapshot(1), FILES)
    (path,) = tmp_path.glob(pattern)
    path.write_bytes(content)
    with pytest.raises(SnapshotError, match=expected) as error:
        directory.read()
    assert str(path) in str(error.value)
    assert "start over" in str(error.value)
    directory.close()
