"""What a soak is made of: a feed, workers in processes of their own, the group's offsets."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Self

from kafka import KafkaAdminClient, KafkaProducer, TopicPartition
from kafka.errors import KafkaError

from streamrnn.build import connection_of
from streamrnn.configuration import Configuration
from tests.kafka.soak_worker import JOINED
from tests.streams import feed

ROOT = Path(__file__).parents[2]
PARTITIONS = 4
RECORDS_PER_SECOND = 100
"""In each partition."""
PATIENCE_SECONDS = 90.0
CLOSE_SECONDS = 2.0


class Feeder:
    """Feeds every partition of the input at a steady pace, on a thread of its own."""

    def __init__(self, configuration: Configuration, seed: int) -> None:
        self._topic = configuration.input.topic
        self._feeds = [_valued(seed * PARTITIONS + number) for number in range(PARTITIONS)]
        self._producer = connection_of(configuration.kafka).make(KafkaProducer, linger_ms=5)
        self._ending = threading.Event()
        self._failures: list[BaseException] = []
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        turns = 10
        try:
            while not self._ending.wait(1 / turns):
                for partition, records in enumerate(self._feeds):
                    for _ in range(RECORDS_PER_SECOND // turns):
                        key, value = next(records)
                        sent = self._producer.send(self._topic, value, key, partition=partition)
                        sent.add_errback(self._failures.append)
        except BaseException as error:
            self._failures.append(error)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._thread.join()
        with suppress(KafkaError):
            self._producer.close(timeout=CLOSE_SECONDS)

    def stop(self) -> None:
        """End when all that was fed is in the input."""
        self._ending.set()
        self._thread.join()
        self._producer.flush(PATIENCE_SECONDS)
        assert not self._failures, f"feeding failed: {self._failures[:3]}"

    def check(self) -> None:
        """Check that it goes on."""
        assert self._thread.is_alive(), f"feeding ended: {self._failures[:3]}"


def _valued(seed: int) -> Iterator[tuple[bytes | None, bytes]]:
    """Yield records without end; none lacks a value, which no line of a file could lack."""
    for key, value in feed(10**9, seed):
        if value is not None:
            yield key, value


class WorkerProcess:
    """A worker in a process of its own, which is in the group when this returns."""

    def __init__(self, configuration: Path, log: Path, seed: int) -> None:
        self.log = log
        arguments = [str(configuration), str(log), str(seed)]
        with log.with_suffix(".err").open("wb") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.kafka.soak_worker", *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                cwd=ROOT,
            )
        assert self.process.stdout
        assert self.process.stdout.readline() == JOINED, self.failure()

    def failure(self) -> str:
        """Return the end of what it said."""
        files = (self.log, self.log.with_suffix(".err"))
        said = [file.read_text()[-2000:] for file in files if file.exists()]
        return f"worker {self.log.name} (returned {self.process.poll()}): " + "\n".join(said)

    def check(self) -> None:
        """Check that it runs."""
        assert self.process.poll() is None, self.failure()

    def kill(self) -> None:
        """End it as a crash would."""
        self.process.kill()
        self._wait()

    def leave(self) -> None:
        """Have it end in order."""
        self.process.terminate()
        self._wait()
        assert self.process.returncode == 0, self.failure()

    def _wait(self) -> None:
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired as error:
            raise AssertionError(f"did not end: {self.failure()}") from error
        for stream in (self.process.stdin, self.process.stdout):
            if stream:
                stream.close()

    def dies_in_transaction(self) -> bool:
        """Have it killed in its next transaction; return whether it had one."""
        self.process.send_signal(signal.SIGUSR1)
        return soon(lambda: self.process.poll() is not None)

    def stops_in_transaction(self) -> bool:
        """Have it stopped in its next transaction; return whether it had one."""
        self.process.send_signal(signal.SIGUSR2)
        return soon(self._stopped)

    def _stopped(self) -> bool:
        state = Path(f"/proc/{self.process.pid}/stat").read_text()
        return state.rpartition(")")[2].split()[0] == "T"


def soon(happened: Callable[[], bool], seconds: float = 8.0) -> bool:
    until = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


class Committed:
    """The committed offsets of the group."""

    def __init__(self, configuration: Configuration, partitions: int = PARTITIONS) -> None:
        topic, self._group = configuration.input.topic, configuration.group
        self._places = [TopicPartition(topic, number) for number in range(partitions)]
        self._admin = connection_of(configuration.kafka).make(KafkaAdminClient)

    def __call__(self) -> list[int]:
        """Return them, 0 where there is none or a transaction holds it back."""
        try:
            found = self._admin.list_group_offsets({self._group: self._places})[self._group]
        except KafkaError:
            return [0] * len(self._places)
        offsets = [found[place].offset if place in found else 0 for place in self._places]
        return [max(0, offset) for offset in offsets]

    def close(self) -> None:
        """Let go of the connection."""
        self._admin.close()
