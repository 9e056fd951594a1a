"""The soak: workers learn a stream while they, their transactions and the broker fail.

By hand: ``python -m tests.kafka.soak --faults 300 --seed 1``. Records flow all the time, and the
next fault comes only after every partition has committed again. At the end the topics must hold
what an uninterrupted run gives; see `tests.kafka.checks`.
"""

import argparse
import re
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Self

from streamrnn.build import administrator_of
from streamrnn.configuration.load import load
from tests.kafka.broker import Broker
from tests.kafka.checks import check_exactly_once, ends, finish
from tests.kafka.soak_parts import (
    PARTITIONS,
    PATIENCE_SECONDS,
    Committed,
    Feeder,
    WorkerProcess,
    soon,
)
from tests.kafka.soak_worker import INJECTED

WORKERS = 3
SESSION_SECONDS = 2.0
# The least that a broker accepts: so the changelog is compacted while it is written and read.
SEGMENT = {"log.segment.bytes": str(1 << 20)}

CONFIGURATION = """
[app]
id = "soak"
[input]
topic = "sensors"
key = "pump"
features = ["vibration"]
[task]
kind = "forecast"
target = "temperature"
horizon = 2
[model]
hidden = 4
[learn]
window = 4
stride = 2
[output]
topic = "predictions"
[snapshots]
every = 300
[kafka]
bootstrap_servers = "{bootstrap}"
session_timeout = {session}
"""


@dataclass(frozen=True, slots=True)
class Report:
    """What a soak did, all of whose checks passed.

    Attributes:
        faults: How often each kind was applied while records flowed, aborted transactions apart.
        records: How many were answered.
        seconds: From the first record to the last fault.
        workers: Processes that were started.
        injected: Transactions that the workers were made to give up.
        aborted: Transactions that failed, by the error; those that were injected are among them.
        restores: How often a partition was restored.
    """

    faults: dict[str, int]
    records: int
    seconds: float
    workers: int
    injected: int
    aborted: dict[str, int]
    restores: int


class Soak:
    """Broker, input and workers, and the faults that befall them.

    Args:
        folder: For the configuration, the workers' logs and the files of the uninterrupted run.
        seed: Of what is fed and of all that is drawn.
        tell: Is given a line for each fault.
    """

    def __init__(self, folder: Path, seed: int, tell: Callable[[str], object]) -> None:
        self._folder, self._seed, self._tell = folder, seed, tell
        self._draw = Random(seed)
        self._workers: list[WorkerProcess] = []
        self._started = 0
        self.faults: Counter[str] = Counter()
        # How many of each are in a deck, which is dealt out in drawn order and then anew.
        self._deck: list[tuple[Callable[[], str], int]] = [
            (self._kill, 3),
            (self._kill_in_transaction, 4),
            (self._stop, 2),
            (self._stop_in_transaction, 3),
            (self._replace, 2),
            (self._add, 1),
            (self._remove, 1),
            (self._kill_broker, 1),
            (self._hold_broker, 1),
        ]

    def __enter__(self) -> Self:
        self._broker = Broker(settings=SEGMENT)
        try:
            self._broker.start()
            self._path = self._folder / "soak.toml"
            self._path.write_text(
                CONFIGURATION.format(bootstrap=self._broker.bootstrap, session=SESSION_SECONDS)
            )
            self._configuration = load(self._path)
            administrator = administrator_of(self._configuration)
            administrator.create(partitions=PARTITIONS, replication=1)
            administrator.close()
            self._committed = Committed(self._configuration)
        except BaseException:
            self._broker.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.kill()
        self._committed.close()
        self._broker.close()

    def run(self, faults: int) -> Report:
        """Apply faults, let the workers answer what is left, and check everything."""
        with Feeder(self._configuration, self._seed) as feeder:
            started = time.monotonic()
            self._apply(faults, feeder)
            seconds = time.monotonic() - started
            self._wait_for_progress()
            feeder.stop()
        self._end()
        records = check_exactly_once(self._configuration, PARTITIONS, self._folder / "whole")
        return self._report(records, seconds)

    def _apply(self, faults: int, feeder: Feeder) -> None:
        started = time.monotonic()
        for _ in range(WORKERS):
            self._join()
        kinds = self._kinds()
        for number in range(1, faults + 1):
            self._wait_for_progress()
            time.sleep(self._draw.uniform(0, 0.5))
            feeder.check()
            kind = next(kinds)()
            self.faults[kind] += 1
            self._tell(f"{time.monotonic() - started:7.1f} s  fault {number}: {kind}")

    def _kinds(self) -> Iterator[Callable[[], str]]:
        # First each kind once, so that a short run meets them all.
        deck = [kind for kind, _ in self._deck]
        while True:
            self._draw.shuffle(deck)
            yield from deck
            deck = [kind for kind, count in self._deck for _ in range(count)]

    def _wait_for_progress(self) -> None:
        """Wait until every partition has committed something from now on."""
        before: list[int] = []
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            now = self._committed()
            # A broker that has just started may not know the offsets yet.
            before = before or (now if all(now) else [])
            if before and all(one > other for one, other in zip(now, before, strict=True)):
                return
            for worker in self._workers:
                worker.check()
            assert time.monotonic() < until, f"no progress: {before} committed, then {now}"
            time.sleep(0.05)

    def _join(self) -> None:
        self._started += 1
        log = self._folder / f"worker-{self._started}.log"
        self._workers.append(WorkerProcess(self._path, log, self._draw.randrange(10**9)))

    def _take(self) -> WorkerProcess:
        return self._workers.pop(self._draw.randrange(len(self._workers)))

    def _kill(self) -> str:
        self._take().kill()
        self._join()
        return "worker killed"

    def _kill_in_transaction(self) -> str:
        worker = self._take()
        had_one = worker.dies_in_transaction()
        worker.kill()
        self._join()
        return "worker killed in a transaction" if had_one else "worker killed"

    def _stop(self) -> str:
        worker = self._draw.choice(self._workers)
        worker.process.send_signal(signal.SIGSTOP)
        self._sleep_past_session(worker)
        return "worker stopped past its session"

    def _stop_in_transaction(self) -> str:
        worker = self._draw.choice(self._workers)
        if not worker.stops_in_transaction():
            return self._stop()
        self._sleep_past_session(worker)
        return "worker stopped past its session in a transaction"

    def _sleep_past_session(self, worker: WorkerProcess) -> None:
        """Let a worker lie until others have its partitions, and sometimes until they work."""
        time.sleep(SESSION_SECONDS + self._draw.uniform(0.2, 2.5))
        worker.process.send_signal(signal.SIGCONT)

    def _replace(self) -> str:
        self._take().leave()
        self._join()
        return "worker left, another joined"

    def _add(self) -> str:
        self._join()
        return "worker joined"

    def _remove(self) -> str:
        self._take().leave()
        return "worker left"

    def _kill_broker(self) -> str:
        self._broker.kill()
        time.sleep(self._draw.uniform(0, 2))
        self._broker.start()
        return "broker killed and started"

    def _hold_broker(self) -> str:
        self._broker.pause()
        time.sleep(self._draw.uniform(0.5, 2 * SESSION_SECONDS))
        self._broker.resume()
        return "broker held"

    def _end(self) -> None:
        """Let the workers answer all and leave; one that nothing disturbs makes sure of it."""
        assert self._configuration.input.topic
        input_ends = ends(self._configuration, self._configuration.input.topic, PARTITIONS)
        done = soon(lambda: self._committed() == input_ends, PATIENCE_SECONDS)
        assert done, f"not drained: expected {input_ends}, got {self._committed()}"
        while self._workers:
            self._take().leave()
        finish(self._configuration, PARTITIONS)

    def _report(self, records: int, seconds: float) -> Report:
        logs = "".join(file.read_text() for file in self._folder.glob("worker-*.log"))
        aborted = Counter(map(_reason, re.findall(r" aborted: (.*)", logs)))
        return Report(
            dict(self.faults),
            records,
            round(seconds, 1),
            self._started,
            aborted[INJECTED],
            dict(aborted),
            len(re.findall(r" partition \d+: restoring", logs)),
        )


def _reason(said: str) -> str:
    """Return the error that aborted a transaction, or else what was said of it."""
    error = re.search(r"\w+Error", said)
    return INJECTED if said.startswith(INJECTED) else error[0] if error else said


def soak(
    folder: Path, faults: int, seed: int, tell: Callable[[str], object] = lambda line: None
) -> Report:
    """Run a soak; see `Soak`."""
    with Soak(folder, seed, tell) as running:
        return running.run(faults)


def main() -> None:
    """Run a soak by hand; its folder is kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faults", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="soak-"))
    print(f"logs in {folder}", flush=True)

    def tell(line: Any) -> None:
        print(line, flush=True)

    report = soak(folder, options.faults, options.seed, tell)
    print(report)


if __name__ == "__main__":
    main()
