"""Snapshots in a directory: one file of tensors and a manifest, each replaced as a whole.

The tensors are written and named first, then the manifest that names them; only then the tensors
before go. A crash at any byte leaves the former snapshot or the new one, whole.
"""

import fcntl
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
from safetensors import SafetensorError
from safetensors.numpy import load, save

from streamrnn.checkpoints.snapshot import Snapshot
from streamrnn.errors import ConfigurationError, SnapshotError
from streamrnn.learner.state import State

FORMAT = 7
MANIFEST = "manifest.json"
ATTEMPTS = 5
ROWS = "streams."
"""What comes before the name of a field of the streams."""


@dataclass(frozen=True, slots=True)
class SavedFiles:
    """Where the files stood that belong to a snapshot, in bytes from their start."""

    input_position: int
    output_length: int
    dead_letters_length: int


class Manifest(msgspec.Struct, frozen=True):
    """What ``manifest.json`` holds."""

    format: int
    offset: int
    step: int
    configuration: dict[str, Any]
    details: dict[str, Any]
    keys: list[str]
    files: SavedFiles
    tensors: str
    tensors_sha256: str


class SnapshotDirectory:
    """The newest snapshot of one partition, in a directory that one process holds at a time.

    Raises:
        ConfigurationError: Another process holds the directory, or it cannot be made.
    """

    def __init__(self, path: str) -> None:
        self.path = Path(path)
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self._lock: BinaryIO = (self.path / "lock").open("wb")
        except OSError as error:
            raise ConfigurationError(f"{path}: cannot keep snapshots: {error.strerror}") from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._lock.close()
            raise ConfigurationError(
                f"{path}: another process is running on this state; stop it first, "
                "or set snapshots.directory and output.file to others"
            ) from error

    def read(self) -> tuple[Snapshot, SavedFiles] | None:
        """Return the newest snapshot, or None if there is none.

        Raises:
            SnapshotError: It is damaged, or from another version.
        """
        return read_newest(self.path)

    def write(self, snapshot: Snapshot, files: SavedFiles) -> None:
        """Put a snapshot, with all its streams, in the place of the one before."""
        state = snapshot.state
        rows = {f"{ROWS}{name}": table for name, table in state.rows.items()}
        content = save({**state.tensors, **rows})
        digest = hashlib.sha256(content).hexdigest()
        name = f"snapshot-{snapshot.offset}-{digest[:16]}.safetensors"
        self._put(name, content)
        manifest = Manifest(
            FORMAT,
            snapshot.offset,
            snapshot.step,
            dict(snapshot.configuration),
            dict(state.details),
            list(state.keys),
            files,
            name,
            digest,
        )
        self._put(MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)))
        for other in self.path.iterdir():
            if other.name not in {name, MANIFEST, "lock"}:
                other.unlink()

    def _put(self, name: str, content: bytes) -> None:
        """Write a file so that its name never stands for a part of it."""
        temporary = self.path / f"{name}.part"
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self.path / name)
        directory = os.open(self.path, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)

    def close(self) -> None:
        """Let other processes have the directory."""
        self._lock.close()


def read_newest(directory: Path) -> tuple[Snapshot, SavedFiles] | None:
    """Return the newest snapshot of a directory, or None if there is none.

    Whoever holds the directory may write the next one meanwhile.

    Raises:
        SnapshotError: It is damaged, or from another version.
    """
    path = directory / MANIFEST
    for _ in range(ATTEMPTS):
        if not path.exists():
            return None
        manifest = _manifest_of(path)
        tensors = directory / manifest.tensors
        # The tensors are gone if another snapshot was written since the manifest was read.
        if tensors.exists() or _manifest_of(path).tensors == manifest.tensors:
            return _snapshot_of(manifest, tensors)
    raise SnapshotError(f"{path}: changes faster than it can be read")


def _manifest_of(path: Path) -> Manifest:
    start_over = f"remove the directory {path.parent} to start over"
    try:
        manifest = msgspec.json.decode(path.read_bytes(), type=Manifest)
    except msgspec.DecodeError as error:
        raise SnapshotError(f"{path}: not a manifest: {error}; {start_over}") from error
    if manifest.format != FORMAT:
        raise SnapshotError(
            f"{path}: expected format {FORMAT}, got {manifest.format}; {start_over}"
        )
    return manifest


def _snapshot_of(manifest: Manifest, tensors: Path) -> tuple[Snapshot, SavedFiles]:
    start_over = f"remove the directory {tensors.parent} to start over"
    try:
        content = tensors.read_bytes()
        if hashlib.sha256(content).hexdigest() != manifest.tensors_sha256:
            raise SnapshotError(f"{tensors}: not what the manifest says; {start_over}")
        loaded = load(content)
    except (OSError, SafetensorError) as error:
        raise SnapshotError(f"{tensors}: cannot be read: {error}; {start_over}") from error
    rows = {n.removeprefix(ROWS): t for n, t in loaded.items() if n.startswith(ROWS)}
    shared = {n: t for n, t in loaded.items() if not n.startswith(ROWS)}
    state = State(shared, manifest.keys, rows, manifest.details, manifest.keys)
    snapshot = Snapshot(manifest.offset, manifest.step, manifest.configuration, state)
    return snapshot, manifest.files
