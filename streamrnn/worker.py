"""The poll loop: from start to the end of the input, or until a signal asks to stop."""

import signal
from types import FrameType
from typing import Self

from streamrnn.processor import Processor
from streamrnn.transports.base import Transport

POLL_SECONDS = 0.2


class StopSignals:
    """Notes SIGINT and SIGTERM while it is entered, so that work ends between two batches.

    Attributes:
        received: The signal that came, if any.
    """

    def __init__(self) -> None:
        self.received: signal.Signals | None = None

    def __enter__(self) -> Self:
        self._before = {
            number: signal.signal(number, self._note) for number in (signal.SIGINT, signal.SIGTERM)
        }
        return self

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self.received = signal.Signals(number)

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)


def run(processor: Processor, transport: Transport) -> signal.Signals | None:
    """Work through a transport's records; return the signal that ended it, if one did."""
    with StopSignals() as signals:
        try:
            processor.restore()
            while not transport.ended and signals.received is None:
                processor.process(transport.poll(POLL_SECONDS))
            processor.close()
        finally:
            transport.close()
        return signals.received
