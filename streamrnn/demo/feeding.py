"""A thread that sends a file to a topic while it is being learned from."""

import threading
from functools import partial
from typing import TYPE_CHECKING

from streamrnn.errors import StreamrnnError
from streamrnn.replay import Pace, Records, format_of, replay
from streamrnn.sources import WholeFile

if TYPE_CHECKING:
    from streamrnn.transports.kafka.connection import Connection


class Feeding:
    """Sends each record once.

    Args:
        connection: Where the brokers are.
        topic: Where the records go.
        path: A file with a known ending.
        rate: Records a second; None for as fast as it goes.
    """

    def __init__(self, connection: "Connection", topic: str, path: str, rate: float | None) -> None:
        from streamrnn.transports.kafka.feeder import Feeder

        self._path, self._rate = path, rate
        self._feeder = Feeder(connection, topic)
        self._stop = threading.Event()
        self._error: StreamrnnError | None = None
        self._thread = threading.Thread(target=self._feed, daemon=True)

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def _feed(self) -> None:
        source, stopped = WholeFile(self._path), self._stop.is_set
        make_records = partial(Records, format_of(self._path, None), None)
        try:
            replay(source, make_records, self._feeder, Pace(self._rate), stopped=stopped)
            self._feeder.flush(stopped)
        except StreamrnnError as error:
            self._error = error
        finally:
            source.close()

    def check(self) -> None:
        """Raise what has gone wrong in the thread."""
        if self._error:
            raise self._error

    def close(self) -> None:
        """Stop sending."""
        self._stop.set()
        self._thread.join()
        self._feeder.close()
