"""Snapshots as records of a compacted topic, of which the newest of each key counts.

| key | value |
|---|---|
| ``tensors/N`` | a piece of what the streams share, one safetensors file in all |
| ``stream/KEY`` | the fields of one stream, one behind the other as the manifest lays them out |
| ``manifest`` | JSON: offset, step, configuration, layout, and digests of all the others |
| ``committed`` | the offset up to which records have been answered; written with every commit |

A snapshot writes the pieces, the streams that had an event since the one before, a record without
a value for each stream that is gone, and last the manifest. The digest of the streams is the sum of
the digests of each, so that it costs no more than what has changed (Bellare and Micciancio 1997).
"""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from streamrnn.checkpoints.snapshot import Snapshot
from streamrnn.errors import SnapshotError
from streamrnn.learner.state import State

FORMAT = 5
MANIFEST = b"manifest"
COMMITTED = b"committed"
TENSORS = b"tensors/"
STREAM = b"stream/"
PIECE_BYTES = 900_000
"""The largest piece: a broker takes records of up to 1 MiB unless it is told otherwise."""
DIGEST_BYTES = 16


class Field(msgspec.Struct, frozen=True, array_like=True):
    """How one field of a stream lies in its record."""

    name: str
    dtype: str
    shape: tuple[int, ...]


class Manifest(msgspec.Struct, frozen=True):
    """What the manifest holds."""

    format: int
    offset: int
    step: int
    configuration: dict[str, Any]
    details: dict[str, Any]
    fields: tuple[Field, ...]
    pieces: int
    tensors_sha256: str
    streams: int
    streams_digest: str


class Changelog:
    """The snapshots of one partition; knows what its topic holds, to write only what changes."""

    def __init__(self) -> None:
        self._digests: dict[bytes, int] = {}
        self._total = 0

    def read(self, records: Mapping[bytes, bytes]) -> Snapshot | None:
        """Return the snapshot that a partition of the topic holds, or None if it is empty.

        Args:
            records: The newest value of each key.

        Raises:
            SnapshotError: It is damaged or not whole, or from another version.
        """
        if not records.keys() - {COMMITTED}:
            return None
        manifest = _manifest_of(records)
        content = b"".join(records.get(TENSORS + b"%d" % n, b"") for n in range(manifest.pieces))
        if hashlib.sha256(content).hexdigest() != manifest.tensors_sha256:
            raise SnapshotError("its tensors are not those that its manifest names")
        streams = {key: value for key, value in records.items() if key.startswith(STREAM)}
        self._digests = {key: _digest(key, value) for key, value in streams.items()}
        self._total = sum(self._digests.values())
        if (len(streams), self._digest()) != (manifest.streams, manifest.streams_digest):
            raise SnapshotError("its streams are not those that its manifest names")
        try:
            tensors = load(content)
        except SafetensorError as error:
            raise SnapshotError(f"its tensors cannot be read: {error}") from error
        keys = [key.removeprefix(STREAM).decode() for key in streams]
        rows = _rows_of(b"".join(streams.values()), len(keys), manifest.fields)
        state = State(tensors, keys, rows, manifest.details, keys)
        return Snapshot(manifest.offset, manifest.step, manifest.configuration, state)

    @staticmethod
    def committed(records: Mapping[bytes, bytes]) -> int | None:
        """Return the offset up to which records have been answered, None if there is none."""
        return int(records[COMMITTED]) if COMMITTED in records else None

    def write(self, snapshot: Snapshot) -> Iterator[tuple[bytes, bytes | None]]:
        """Yield the records that bring the topic from the snapshot before to this one.

        Args:
            snapshot: Of its streams, at least those that had an event since the one before.
        """
        state = snapshot.state
        content = save(dict(state.tensors))
        pieces = range(0, len(content), PIECE_BYTES)
        for number, start in enumerate(pieces):
            yield TENSORS + b"%d" % number, content[start : start + PIECE_BYTES]
        for name, value in zip(state.keys, _records_of(state.rows, len(state.keys)), strict=True):
            key = STREAM + name.encode()
            digest = _digest(key, value)
            self._total += digest - self._digests.get(key, 0)
            self._digests[key] = digest
            yield key, value
        if len(self._digests) > len(state.present):
            present = {STREAM + name.encode() for name in state.present}
            for key in sorted(self._digests.keys() - present):
                self._total -= self._digests.pop(key)
                yield key, None
        manifest = Manifest(
            FORMAT,
            snapshot.offset,
            snapshot.step,
            dict(snapshot.configuration),
            dict(state.details),
            tuple(Field(n, t.dtype.str, t.shape[1:]) for n, t in state.rows.items()),
            len(pieces),
            hashlib.sha256(content).hexdigest(),
            len(self._digests),
            self._digest(),
        )
        yield MANIFEST, msgspec.json.encode(manifest)

    def _digest(self) -> str:
        return f"{self._total % 256**DIGEST_BYTES:0{2 * DIGEST_BYTES}x}"


def _manifest_of(records: Mapping[bytes, bytes]) -> Manifest:
    if MANIFEST not in records:
        raise SnapshotError("it has no manifest")
    try:
        manifest = msgspec.json.decode(records[MANIFEST], type=Manifest)
    except msgspec.DecodeError as error:
        raise SnapshotError(f"its manifest cannot be read: {error}") from error
    if manifest.format != FORMAT:
        raise SnapshotError(f"expected format {FORMAT}, got {manifest.format}")
    return manifest


def _digest(key: bytes, value: bytes) -> int:
    made = hashlib.blake2b(value, key=_short(key), digest_size=DIGEST_BYTES)
    return int.from_bytes(made.digest())


def _short(key: bytes) -> bytes:
    """Return a key that is as long as the hash takes."""
    return key if len(key) <= 64 else hashlib.sha256(key).digest()


def _records_of(rows: Mapping[str, NDArray[Any]], count: int) -> Iterator[bytes]:
    """Yield each stream's fields as bytes, one behind the other."""
    if not count:
        return iter(())
    columns = [np.ascontiguousarray(table).reshape(count, -1) for table in rows.values()]
    table = np.hstack([column.view(np.uint8) for column in columns])
    return (row.tobytes() for row in table)


def _rows_of(content: bytes, count: int, fields: tuple[Field, ...]) -> dict[str, NDArray[Any]]:
    """Return the fields of all streams from their records."""
    row = np.dtype([(field.name, field.dtype, field.shape) for field in fields])
    if len(content) != count * row.itemsize:
        raise SnapshotError(f"expected {row.itemsize} bytes a stream, got {len(content)} in all")
    table = np.frombuffer(content, row) if fields else np.zeros(count, row)
    return {field.name: table[field.name] for field in fields}
