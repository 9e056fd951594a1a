"""Health looks at each partition's progress."""

import threading
import urllib.error
import urllib.request
from collections.abc import Sequence

import pytest

from streamrnn.build import build
from streamrnn.health import Health
from streamrnn.metrics.server import Page, serve
from streamrnn.transports.base import AbortedError, Outcome, Status, UnavailableError
from streamrnn.transports.memory import MemoryClient
from streamrnn.worker import StopSignals
from tests.test_topics import configured, fed


class Observed:
    """A worker on a cluster in memory, with a clock and brokers that a test controls."""

    def __init__(self) -> None:
        self.cluster = fed(partitions=2)
        self.now = 0.0
        self.status = Status()
        self.worker = build(configured(), client=MemoryClient(self.cluster))
        self.health = Health(
            self.worker.processors,
            lambda: self.status,
            self._ends,
            stuck_after=10.0,
            clock=lambda: self.now,
        )

    def _ends(self, partitions: object) -> dict[int, int]:
        if not self.cluster.answering:
            raise UnavailableError("gone")
        return {n: len(log) for n, log in enumerate(self.cluster.inputs)}

    def wait(self, seconds: float) -> None:
        for _ in range(int(seconds)):
            self.now += 1.0
            self.health.check()


def test_it_is_ready_once_every_partition_is_restored() -> None:
    it = Observed()
    it.status = Status(joined=False)
    it.health.check()
    assert it.health.ready().problems == ["it is not told yet which partitions are its own"]
    it.status = Status()
    # One that others leave nothing to do stands by.
    assert it.health.ready().good
    it.worker.turn()
    assert it.health.ready().good
    assert it.health.ready().partitions == {0: "running", 1: "running"}
    it.worker.processors[1].suspend()
    assert it.health.ready().problems == ["partition 1: suspended"]


def test_a_partition_that_has_records_and_does_not_move_is_named() -> None:
    it = Observed()
    while it.worker.processors.get(0) is None or it.worker.processors[0].offset == 0:
        it.worker.turn()
    it.worker.processors[0]._committed = 240
    it.wait(9)
    assert it.health.alive().good
    it.wait(4)
    (problem,) = it.health.alive().problems
    assert problem.startswith("partition 1: running at offset ")
    assert "records to read" in problem
    it.worker.processors[1]._committed += 1
    it.wait(1)
    assert it.health.alive().good


def test_a_partition_whose_commits_are_aborted_again_and_again_does_not_get_on() -> None:
    it = Observed()
    it.worker.turn()
    it.cluster.remove(it.worker.transport._client)  # type: ignore[attr-defined]
    commit = it.worker.transport.commit

    def aborted(outcomes: Sequence[Outcome]) -> None:
        raise AbortedError("always")

    it.worker.transport.commit = aborted  # type: ignore[method-assign]
    for _ in range(13):
        it.worker.turn()
        it.wait(1)
    assert len(it.health.alive().problems) == 2
    it.worker.transport.commit = commit  # type: ignore[method-assign]
    for _ in range(3):
        it.worker.turn()
    it.wait(1)
    assert it.health.alive().good


def test_without_brokers_it_is_alive_and_not_ready() -> None:
    it = Observed()
    it.worker.turn()
    it.wait(5)
    it.cluster.answering = False
    it.wait(60)
    assert it.health.alive().good
    assert it.health.ready().problems == ["the brokers do not answer"]
    it.cluster.answering = True
    it.wait(9)
    assert it.health.alive().good
    it.wait(4)
    assert not it.health.alive().good


def test_a_call_that_waits_too_long_while_the_brokers_answer_is_named() -> None:
    it = Observed()
    it.status = Status(waiting=("commit", 0.0))
    it.wait(9)
    assert it.health.hanging is None
    it.wait(4)
    assert it.health.hanging == "the client waits for 'commit' since 13 s"
    it.status = Status()
    it.wait(1)
    assert it.health.alive().good


def test_one_that_waits_for_a_long_snapshot_gets_on_with_its_reading() -> None:
    it = Observed()
    it.worker.turn()
    it.worker.processors[1].suspend()
    it.worker.processors[0]._committed = 240
    for read in range(30):
        it.status = Status(read=read)
        it.wait(1)
    assert it.health.alive().good
    it.wait(12)
    assert [p[:20] for p in it.health.alive().problems] == ["partition 1: suspend"]


def test_a_stop_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    given_up = threading.Event()
    monkeypatch.setattr("streamrnn.worker._give_up", given_up.set)
    with StopSignals(within=0.01) as signals:
        signals._note(15, None)
        assert given_up.wait(5)


def test_pages_are_served_by_their_paths() -> None:
    port = serve("127.0.0.1", 0, {"/bad": lambda _: Page(503, "text/plain", b"no\n")})
    with pytest.raises(urllib.error.HTTPError, match="503"):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/bad?x=1", timeout=5)
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/other", timeout=5)
