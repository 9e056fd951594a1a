"""A worker of the soak: its transactions abort, or its process dies or stops in one of them.

SIGUSR1 has it killed, SIGUSR2 has it stopped, at a drawn step of its next transaction.
"""

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any, cast

from streamrnn.build import build, kafka_client_of
from streamrnn.configuration.load import load
from streamrnn.records import Headers
from streamrnn.transports.base import AbortedError
from streamrnn.transports.client import Client, Topic
from streamrnn.transports.memory import MemoryClient, MemoryCluster

JOINED = b"joined\n"
INJECTED = "injected"
ARMED = {signal.SIGUSR1: signal.SIGKILL, signal.SIGUSR2: signal.SIGSTOP}
STEPS = ("send", "send_offsets", "commit", "committed")
MOST_SENT = 40

log = logging.getLogger("streamrnn.soak")


class DisturbedClient:
    """A `Client` of which about one transaction in ``every`` fails at a drawn step.

    The last of the steps comes after the commit: it took place, and nobody knows.

    Args:
        client: Reads and writes the topics.
        draw: Says which, and where.
        every: Transactions to one that fails; 0 for none.
    """

    def __init__(self, client: Client, draw: Random, every: int = 20) -> None:
        self._client, self._draw, self._every = client, draw, every
        self._armed: signal.Signals | None = None
        self._fault: Callable[[str], None] | None = None
        self._step, self._sends = "", 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def arm(self, number: int, _frame: FrameType | None) -> None:
        """Have a signal sent to this process in the next transaction."""
        self._armed = ARMED[signal.Signals(number)]

    def begin(self) -> None:
        """Begin a transaction, and draw what becomes of it."""
        self._client.begin()
        self._step, self._sends = self._draw.choice(STEPS), self._draw.randrange(MOST_SENT)
        self._fault = None
        if self._armed is not None:
            self._fault, self._armed = partial(_signal, self._armed), None
        elif self._every and self._draw.randrange(self._every) == 0:
            self._fault = _abort

    def _reach(self, *steps: str) -> None:
        if self._fault and self._step in steps:
            fault, self._fault = self._fault, None
            fault(self._step)

    def send(
        self,
        topic: Topic,
        partition: int,
        key: bytes | None,
        value: bytes | None,
        headers: Headers = (),
    ) -> None:
        """Send a record, where the drawn number has been sent after the fault."""
        self._sends -= 1
        if self._sends < 0:
            self._reach("send")
        self._client.send(topic, partition, key, value, headers)

    def send_offsets(self, offsets: Mapping[int, int]) -> None:
        """Send offsets after the fault, also that of a transaction with fewer records."""
        self._reach("send", "send_offsets")
        self._client.send_offsets(offsets)

    def commit(self) -> None:
        """Commit between the faults before and after."""
        self._reach("commit")
        self._client.commit()
        self._reach("committed")


def _abort(step: str) -> None:
    raise AbortedError(f"{INJECTED}: at {step}")


def _signal(number: signal.Signals, step: str) -> None:
    log.warning("%s: at %s", number.name, step)
    os.kill(os.getpid(), number)


def disturbed(client: Client, draw: Random, every: int = 20) -> Client:
    """Return a client with faults, in the eyes of the type checker a client like others."""
    return cast(Client, DisturbedClient(client, draw, every))


def _end_with_parent() -> None:
    """Die when the process that holds the other end of standard input does."""
    # Without the lock of `sys.stdin`, which the interpreter wants for itself when it ends.
    os.read(sys.stdin.fileno(), 1)
    os._exit(1)


def main(path: str, log_file: str, seed: str) -> None:
    """Run the worker of a configuration until SIGTERM; say when it has joined the group."""
    logging.basicConfig(
        filename=log_file, level=logging.ERROR, format="%(asctime)s %(name)s %(message)s"
    )
    logging.getLogger("streamrnn").setLevel(logging.INFO)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    configuration = load(Path(path))
    prepared = build(configuration, client=MemoryClient(MemoryCluster()))
    # Before the group counts on it.
    prepared._make_processor(0)._task.prepare()
    client = DisturbedClient(kafka_client_of(configuration), Random(int(seed)))
    for number in ARMED:
        signal.signal(number, client.arm)
    worker = build(configuration, client=cast(Client, client))
    # Until the worker has its own handler.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    sys.stdout.buffer.write(JOINED)
    sys.stdout.buffer.flush()
    try:
        worker.run()
    except BaseException:
        log.exception("ended")
        raise


if __name__ == "__main__":
    main(*sys.argv[1:])
