"""Exactly once, checked: the topics of an application hold what an uninterrupted run gives."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from kafka import KafkaConsumer, TopicPartition
from msgspec.structs import replace

from streamrnn.build import build, connection_of
from streamrnn.checkpoints.changelog import Changelog
from streamrnn.checkpoints.directory import SnapshotDirectory
from streamrnn.checkpoints.snapshot import Snapshot
from streamrnn.configuration import Configuration
from streamrnn.configuration.schema import DeadLetters, Input, Output
from streamrnn.states import State

SECONDS = 60.0


@contextmanager
def reader_of(configuration: Configuration, isolation_level: str) -> Iterator[Any]:
    """Give a consumer that is in no group."""
    consumer = connection_of(configuration.kafka).make(
        KafkaConsumer,
        isolation_level=isolation_level,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    try:
        yield consumer
    finally:
        consumer.close()


def ends(configuration: Configuration, topic: str, partitions: int) -> list[int]:
    """Return the offset behind the last record of each partition, open transactions or not."""
    places = [TopicPartition(topic, number) for number in range(partitions)]
    with reader_of(configuration, "read_uncommitted") as consumer:
        found = consumer.end_offsets(places)
    return [found[place] for place in places]


def records_of(configuration: Configuration, topic: str, partition: int) -> list[Any]:
    """Return all committed records of a partition, once no transaction is open."""
    place, until = TopicPartition(topic, partition), time.monotonic() + SECONDS
    end = ends(configuration, topic, partition + 1)[partition]
    records: list[Any] = []
    with reader_of(configuration, "read_committed") as consumer:
        consumer.assign([place])
        consumer.seek_to_beginning(place)
        # What ends a transaction takes an offset too, so positions count and not records.
        while consumer.position(place) < end:
            records += consumer.poll(timeout_ms=200, max_records=10_000).get(place, ())
            assert time.monotonic() < until, f"{place}: stopped before {end}"
    return records


def drained(worker: Any, ends: Sequence[int]) -> bool:
    """Whether a worker has answered all records of all partitions."""
    running = {n: p.offset for n, p in worker.processors.items() if p.state is State.RUNNING}
    return running == dict(enumerate(ends))


def finish(configuration: Configuration, partitions: int) -> None:
    """Let one worker, undisturbed, answer what is left and write the last snapshots."""
    assert configuration.input.topic
    input_ends = ends(configuration, configuration.input.topic, partitions)
    worker, until = build(configuration), time.monotonic() + SECONDS
    try:
        while not drained(worker, input_ends):
            worker.turn()
            assert time.monotonic() < until, f"the input is not drained: {input_ends}"
        worker.stop()
    finally:
        worker.transport.close()


def check_exactly_once(configuration: Configuration, partitions: int, folder: Path) -> int:
    """Check answers and models of all partitions; return how many records were answered.

    Args:
        configuration: Of an application that has answered all its input and ended with a snapshot.
        partitions: Of its topics.
        folder: Where the same records are learned from files.
    """
    return sum(_check(configuration, number, folder / str(number)) for number in range(partitions))


def _check(configuration: Configuration, partition: int, folder: Path) -> int:
    c = configuration
    assert c.input.topic
    assert c.output.topic
    records = records_of(c, c.input.topic, partition)
    whole = _uninterrupted(c, [record.value for record in records], folder)
    predictions = [record.value for record in records_of(c, c.output.topic, partition)]
    letters = records_of(c, c.dead_letters_topic, partition)
    where = f"partition {partition}: "
    _check_answered_once(where, predictions, letters, len(records))
    _check_equal(f"{where}predictions", [_of_file(v) for v in predictions], _predictions_of(whole))
    _check_equal(f"{where}dead letters", [_reasons(one) for one in letters], _letters_of(whole))
    snapshot = newest_snapshot(c, partition)
    assert snapshot is not None, f"{where}no snapshot"
    _check_models(where, snapshot, _snapshot_of(whole))
    return len(records)


def _uninterrupted(
    configuration: Configuration, values: Sequence[bytes], folder: Path
) -> Configuration:
    """Answer a partition's records from a file; return the configuration of that run."""
    folder.mkdir(parents=True)
    assert not any(value is None or b"\n" in value or not value.strip() for value in values)
    file = folder / "in.jsonl"
    file.write_bytes(b"".join(value + b"\n" for value in values))
    given: Input = replace(configuration.input, topic=None, file=str(file))
    whole = replace(
        configuration,
        input=given,
        output=Output(file=str(folder / "out.jsonl")),
        dead_letters=DeadLetters(),
    )
    build(whole).run()
    return whole


def _check_answered_once(
    where: str, predictions: Sequence[bytes], letters: Sequence[Any], count: int
) -> None:
    offsets = [msgspec.json.decode(value)["offset"] for value in predictions]
    offsets += [int(dict(letter.headers)["streamrnn.offset"]) for letter in letters]
    missing = sorted(set(range(count)) - set(offsets))
    assert not missing, f"{where}{len(missing)} records without an answer, first {missing[:5]}"
    twice = sorted(offset for offset, times in Counter(offsets).items() if times > 1)
    assert not twice, f"{where}{len(twice)} records with several answers, first {twice[:5]}"
    assert len(offsets) == count, f"{where}{len(offsets)} answers to {count} records"


def _of_file(prediction: bytes) -> bytes:
    """Return a prediction as it would be had its record been in a file."""
    number = msgspec.json.decode(prediction)["partition"]
    return prediction.replace(b'"partition":%d,' % number, b'"partition":0,', 1)


def _predictions_of(whole: Configuration) -> list[bytes]:
    assert whole.output.file
    return Path(whole.output.file).read_bytes().splitlines()


def _reasons(letter: Any) -> tuple[int, str, str]:
    headers = {name: value.decode() for name, value in letter.headers}
    offset, error, message = (headers[f"streamrnn.{n}"] for n in ("offset", "error", "message"))
    return int(offset), error, message


def _letters_of(whole: Configuration) -> list[tuple[int, str, str]]:
    lines = Path(whole.dead_letters_file).read_bytes().splitlines()
    letters = [msgspec.json.decode(line) for line in lines]
    return [(letter["offset"], letter["reason"], letter["message"]) for letter in letters]


def _check_equal(what: str, got: Sequence[Any], expected: Sequence[Any]) -> None:
    """Check each in its place, so that a difference is shown alone."""
    for place, (one, other) in enumerate(zip(got, expected, strict=False)):
        assert one == other, f"{what}: number {place}: expected {other!r}, got {one!r}"
    assert len(got) == len(expected), f"{what}: expected {len(expected)}, got {len(got)}"


def newest_snapshot(configuration: Configuration, partition: int) -> Snapshot | None:
    """Return the newest committed snapshot of a partition, None if there is none."""
    newest: dict[bytes, bytes] = {}
    for record in records_of(configuration, configuration.changelog_topic, partition):
        newest.pop(record.key, None)
        if record.value is not None:
            newest[record.key] = record.value
    return Changelog().read(newest)


def _snapshot_of(whole: Configuration) -> Snapshot:
    assert whole.snapshots_directory
    directory = SnapshotDirectory(whole.snapshots_directory)
    try:
        found = directory.read()
    finally:
        directory.close()
    assert found is not None
    return found[0]


def _check_models(where: str, got: Snapshot, expected: Snapshot) -> None:
    ours, theirs = _parts(got), _parts(expected)
    assert ours.keys() == theirs.keys(), f"{where}{sorted(ours.keys() ^ theirs.keys())}"
    for name, part in theirs.items():
        assert ours[name] == part, f"{where}{name}: expected {part!r}, got {ours[name]!r}"


def _parts(snapshot: Snapshot) -> dict[str, object]:
    """Return all that a snapshot holds, tensors and rows as their bits."""
    state = snapshot.state
    parts: dict[str, object] = {
        "offset": snapshot.offset,
        "step": snapshot.step,
        "configuration": snapshot.configuration,
        "details": state.details,
    }
    for name, tensor in state.tensors.items():
        parts[f"tensor {name}"] = (tensor.dtype, tensor.shape, tensor.tobytes())
    for name, table in state.rows.items():
        for key, row in zip(state.keys, table, strict=True):
            parts[f"stream {key}: {name}"] = (row.dtype, row.shape, row.tobytes())
    return parts
