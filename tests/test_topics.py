"""Exactly once on topics: crashes and aborts at every step leave the same outputs and weights."""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streamrnn.build import build
from streamrnn.checkpoints.changelog import Changelog
from streamrnn.configuration import Configuration, parse
from streamrnn.errors import SnapshotError
from streamrnn.states import State
from streamrnn.transports.base import AbortedError, UnavailableError
from streamrnn.transports.memory import MemoryClient, MemoryCluster
from streamrnn.worker import Worker
from tests.streams import feed

RECORDS = 240
PARTITIONS = 3


class Crash(BaseException):
    """The process ends here."""


def configured(**changes: Any) -> Configuration:
    document: dict[str, Any] = {
        "input": {"topic": "sensors", "key": "pump", "features": ["vibration"]},
        "task": {"kind": "forecast", "target": "temperature", "horizon": 2},
        "model": {"hidden": 4},
        "learn": {"window": 4, "stride": 2},
        "output": {"topic": "predictions"},
        "snapshots": {"every": 20},
        "kafka": {"commit_interval": 0.0},
    }
    for path, value in changes.items():
        table, key = path.split("__")
        document[table] = {**document.get(table, {}), key: value}
    return parse(document, "test")


def fed(records: int = RECORDS, partitions: int = PARTITIONS) -> MemoryCluster:
    cluster = MemoryCluster(partitions)
    for partition in range(partitions):
        for key, value in feed(records, seed=partition):
            cluster.feed(partition, key, value)
    return cluster


def worker_of(
    cluster: MemoryCluster,
    configuration: Configuration,
    before: Callable[[str], None] = lambda step: None,
    most: int = 7,
) -> Worker:
    worker = build(configuration, client=MemoryClient(cluster, before))
    # Few records a turn, so that there are many turns.
    worker._most = most
    worker._pace = lambda records, seconds: None  # type: ignore[method-assign]
    return worker


def done(cluster: MemoryCluster) -> bool:
    return all(cluster.offsets.get(p) == len(log) for p, log in enumerate(cluster.inputs))


def finish(cluster: MemoryCluster, configuration: Configuration) -> None:
    worker = worker_of(cluster, configuration)
    try:
        while not (done(cluster) and len(worker.processors) == cluster.partitions):
            worker.turn()
        while any(p.state is not State.RUNNING for p in worker.processors.values()):
            worker.turn()
        worker.stop()
    finally:
        worker.transport.close()


class Result:
    """What a run leaves: the answers of each partition, and the models."""

    def __init__(self, answers: list[list[Any]], models: list[Any]) -> None:
        self.answers, self.models = answers, models

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Result) and vars(self) == vars(other)


def result(cluster: MemoryCluster) -> Result:
    """Return all answers, and the tensors and streams of the last snapshots."""
    reader = MemoryClient(cluster)
    answers = [
        [(sent.key, sent.value, sent.headers) for sent in log]
        for name in ("output", "dead_letters")
        for log in cluster.topics[name]
    ]
    models = []
    for partition in range(cluster.partitions):
        snapshot = Changelog().read(reader.read_changelog(partition))
        assert snapshot is not None
        state = snapshot.state
        order = sorted(range(len(state.keys)), key=lambda place: state.keys[place])
        models.append(
            (
                snapshot.offset,
                snapshot.step,
                state.details,
                {name: tensor.tobytes() for name, tensor in state.tensors.items()},
                {name: table[order].tobytes() for name, table in state.rows.items()},
            )
        )
    return Result(answers, models)


@pytest.fixture(scope="module", autouse=True)
def at_once() -> Iterator[None]:
    """Nothing is waited for."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("streamrnn.worker.RETRY_SECONDS", 0.0)
        yield


@pytest.fixture(scope="module")
def whole() -> Result:
    """What a run gives that nothing ever disturbed."""
    cluster = fed()
    finish(cluster, configured())
    return result(cluster)


def test_every_record_has_exactly_one_answer(whole: Result) -> None:
    answers = whole.answers
    for partition in range(PARTITIONS):
        predictions, letters = answers[partition], answers[PARTITIONS + partition]
        offsets = [msgspec.json.decode(value)["offset"] for _, value, _ in predictions]
        offsets += [int(dict(headers)["streamrnn.offset"]) for _, _, headers in letters]
        assert sorted(offsets) == list(range(RECORDS))


def test_a_dead_letter_is_the_record_with_what_was_wrong() -> None:
    cluster = MemoryCluster()
    cluster.feed(0, b"k", b"{broken", (("trace", b"7"),))
    cluster.feed(0, None, None)
    finish(cluster, configured())
    first, second = cluster.topics["dead_letters"][0]
    assert (first.key, first.value) == (b"k", b"{broken")
    headers = dict(first.headers)
    assert headers.pop("streamrnn.message").startswith(b"expected a JSON object")
    assert headers == {
        "trace": b"7",
        "streamrnn.topic": b"sensors",
        "streamrnn.partition": b"0",
        "streamrnn.offset": b"0",
        "streamrnn.error": b"malformed",
    }
    assert (second.key, second.value) == (None, b"")


@pytest.mark.parametrize(
    ("value", "headers"),
    [
        (b"[" * 5000, ()),
        (b'{"a": ' * 5000, ()),
        (b"{broken", (("none", None),)),
    ],
)
def test_whatever_a_record_holds_it_is_answered(value: bytes, headers: Any) -> None:
    cluster = MemoryCluster()
    cluster.feed(0, None, value, headers)
    finish(cluster, configured())
    (letter,) = cluster.topics["dead_letters"][0]
    assert letter.value == value
    assert all(isinstance(content, bytes) for _, content in letter.headers)


def test_a_first_record_without_a_field_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    cluster = MemoryCluster()
    cluster.feed(0, None, b'{"pump": "p1", "temperatur": 1.0, "vibration": 2}')
    finish(cluster, configured())
    assert "did you mean 'temperatur'" in caplog.text
    assert len(cluster.topics["output"][0]) == 1


def test_without_a_field_for_it_the_records_own_key_names_the_stream() -> None:
    cluster = MemoryCluster()
    cluster.feed(0, b"pump-7", b'{"temperature": 1.0, "vibration": 2}')
    cluster.feed(0, b"\xff", b'{"temperature": 1.0, "vibration": 2}')
    finish(cluster, configured(input__key=None))
    (sent,) = cluster.topics["output"][0]
    assert sent.key == b"pump-7"
    assert msgspec.json.decode(sent.value or b"")["key"] == "pump-7"
    assert len(cluster.topics["dead_letters"][0]) == 1


FAULTS = (Crash, AbortedError, UnavailableError)
IN_TRANSACTION = {"begin", "send_offsets", "commit", "after commit"}


def disturbed(draws: Iterator[tuple[int, int]]) -> Callable[[str], None]:
    """Return what fails after drawn numbers of steps, in a drawn way."""
    left, kind = next(draws, (10**9, 0))

    def before(step: str) -> None:
        nonlocal left, kind
        left -= 1
        if left >= 0:
            return
        fault = FAULTS[kind]
        inside = step in IN_TRANSACTION or step.startswith("send ")
        left, kind = next(draws, (10**9, 0))
        if fault is AbortedError and not inside:
            fault = UnavailableError
        elif fault is UnavailableError and inside:
            fault = AbortedError
        raise fault(step)

    return before


@given(
    faults=st.lists(st.tuples(st.integers(0, 120), st.integers(0, 2)), max_size=12),
    workers=st.integers(1, 3),
    most=st.integers(1, 60),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_faults_at_any_step_are_not_seen(
    whole: Result, faults: list[tuple[int, int]], workers: int, most: int
) -> None:
    cluster, configuration, draws = fed(), configured(), iter(faults)
    before = disturbed(draws)
    living = [worker_of(cluster, configuration, before, most) for _ in range(workers)]
    turns = 0
    while not done(cluster):
        place = turns % len(living)
        turns += 1
        try:
            living[place].turn()
        except Crash:
            # Its member is taken out of the group only after a while, as after a real crash.
            (dead,) = [living[place].transport._client]  # type: ignore[attr-defined]
            cluster.remove(dead)
            living[place] = worker_of(cluster, configuration, before, most)
        assert turns < 50_000
    for worker in living:
        cluster.remove(worker.transport._client)  # type: ignore[attr-defined]
    finish(cluster, configuration)
    assert result(cluster) == whole


def test_a_zombie_that_wakes_up_commits_nothing(whole: Result) -> None:
    cluster, configuration = fed(), configured()
    sleeping: list[str] = []

    def before(step: str) -> None:
        # In the middle of a transaction the group takes it for dead, and another works on.
        if step == "commit" and len(sleeping) < 5:
            sleeping.append(step)
            cluster.remove(zombie.transport._client)  # type: ignore[attr-defined]
            other = worker_of(cluster, configuration)
            for _ in range(4):
                other.turn()
            cluster.remove(other.transport._client)  # type: ignore[attr-defined]

    zombie = worker_of(cluster, configuration, before)
    while len(sleeping) < 5:
        zombie.turn()
    cluster.remove(zombie.transport._client)  # type: ignore[attr-defined]
    finish(cluster, configuration)
    assert result(cluster) == whole


def test_a_snapshot_writes_only_what_has_changed() -> None:
    cluster, configuration = MemoryCluster(), configured(snapshots__every=100)
    for n in range(1000):
        cluster.feed(0, None, b'{"pump": "p%d", "temperature": 1.5, "vibration": 0}' % (n // 4))
    finish(cluster, configuration)
    keys = [sent.key for sent in cluster.topics["changelog"][0]]
    streams = [key for key in keys if key and key.startswith(b"stream/")]
    # Each stream is in the one snapshot that saw it, or in two where it lay on their border.
    assert 250 <= len(streams) <= 270
    assert len(set(streams)) == 250


def test_an_evicted_stream_is_removed_and_the_order_of_the_others_stays() -> None:
    configuration = configured(learn__max_streams=3, snapshots__every=10)
    results = []
    for cuts in ((), (13, 57, 58, 120)):
        cluster = MemoryCluster()
        for n in range(200):
            name = b"p%d" % (n * n % 11)
            cluster.feed(
                0, None, b'{"pump": "%s", "temperature": %d, "vibration": 0}' % (name, n % 7)
            )
        for cut in cuts:
            worker = worker_of(cluster, configuration)
            while cluster.offsets.get(0, 0) < cut:
                worker.turn()
            cluster.remove(worker.transport._client)  # type: ignore[attr-defined]
        finish(cluster, configuration)
        results.append(result(cluster))
    assert results[0] == results[1]
    newest = MemoryClient(cluster).read_changelog(0)
    assert len([key for key in newest if key.startswith(b"stream/")]) == 3


def half_done(every: int = 20) -> tuple[MemoryCluster, Configuration]:
    cluster, configuration = fed(partitions=1), configured(snapshots__every=every)
    worker = worker_of(cluster, configuration)
    while cluster.offsets.get(0, 0) < 100:
        worker.turn()
    cluster.remove(worker.transport._client)  # type: ignore[attr-defined]
    return cluster, configuration


def test_lost_input_stops_with_what_is_lost_or_is_skipped() -> None:
    cluster, configuration = half_done(every=1000)
    cluster.forget(0, 150)
    with pytest.raises(SnapshotError, match=r"offset 0 to 149 .* \(4\d of them have no answer\)"):
        finish(cluster, configuration)
    answered = len(cluster.topics["output"][0]) + len(cluster.topics["dead_letters"][0])
    finish(cluster, configured(kafka__on_lost_input="skip"))
    after = len(cluster.topics["output"][0]) + len(cluster.topics["dead_letters"][0])
    assert after - answered == RECORDS - 150


def test_input_that_is_lost_while_running_is_found_too() -> None:
    cluster = fed(partitions=1)
    worker = worker_of(cluster, configured())
    for _ in range(4):
        worker.turn()
    cluster.forget(0, 200)
    with pytest.raises(SnapshotError, match="no longer in topic 'sensors'"):
        worker.turn()


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (lambda cluster: cluster.topics["changelog"][0].clear(), "has no snapshot"),
        (lambda cluster: cluster.inputs[0].__delitem__(slice(50, None)), "made anew"),
    ],
)
def test_what_does_not_fit_together_is_said(
    damage: Callable[[MemoryCluster], None], expected: str
) -> None:
    cluster, configuration = half_done()
    damage(cluster)
    with pytest.raises(SnapshotError, match=expected):
        finish(cluster, configuration)


@pytest.mark.parametrize("told", [None, 3, 98])
def test_a_group_offset_that_is_old_or_forgotten_is_not_trusted(told: int | None) -> None:
    """A broker that was killed may tell one of a minute ago."""
    cluster, configuration = half_done()
    committed = cluster.offsets.pop(0)
    assert committed > 98
    if told is not None:
        cluster.offsets[0] = told
    finish(cluster, configuration)
    calm = fed(partitions=1)
    finish(calm, configuration)
    assert result(cluster) == result(calm)


def test_a_damaged_snapshot_is_refused() -> None:
    cluster, configuration = half_done()
    stream = next(s for s in cluster.topics["changelog"][0] if (s.key or b"").startswith(b"stream"))
    cluster.topics["changelog"][0].append(type(stream)(stream.key, b"x" * len(stream.value or b"")))
    worker = worker_of(cluster, configuration)
    worker.transport._patience = 0.0  # type: ignore[attr-defined]
    with pytest.raises(SnapshotError, match="its streams are not those that its manifest names"):
        worker.turn()


def test_another_configuration_is_refused_with_the_difference() -> None:
    cluster, _ = half_done()
    with pytest.raises(SnapshotError, match=r"model.cell: 'lstm' in the snapshot, 'gru' in the"):
        finish(cluster, configured(model__cell="gru"))


def test_a_cluster_that_does_not_answer_is_waited_for() -> None:
    cluster, configuration = fed(), configured()
    worker = worker_of(cluster, configuration)
    for turn in range(40):
        cluster.answering = turn % 3 != 1
        worker.turn()
    cluster.answering = True
    while not done(cluster):
        worker.turn()
    worker.stop()
    calm = fed()
    finish(calm, configuration)
    assert result(cluster) == result(calm)
