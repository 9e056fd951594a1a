"""This machine's own sensors as a live stream of lines on standard input."""

import os
import threading
import time

import msgspec

from streamrnn.errors import ConfigurationError

READING_SECONDS = 0.25


class MachineSensors:
    """Measures processor, memory and network from a thread, into a pipe.

    Attributes:
        descriptor: Where the lines can be read.
    """

    def __init__(self) -> None:
        try:
            import psutil
        except ImportError as error:
            raise ConfigurationError(
                "demo --live: psutil is not installed; pip install 'streamrnn[demo]'"
            ) from error
        self._psutil = psutil
        self.descriptor, self._end = os.pipe()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._measure, daemon=True)

    def start(self) -> None:
        """Begin to measure."""
        self._thread.start()

    def _measure(self) -> None:
        # The first reading of the processor has nothing to compare with.
        self._psutil.cpu_percent()
        counters = self._psutil.net_io_counters()
        while not self._stop.wait(READING_SECONDS):
            before, counters = counters, self._psutil.net_io_counters()
            received = (counters.bytes_recv - before.bytes_recv) / READING_SECONDS / 1024
            readings = {
                "cpu": self._psutil.cpu_percent(),
                "memory": self._psutil.virtual_memory().percent,
                "network": received,
            }
            for sensor, value in readings.items():
                line = {"time": time.time(), "sensor": sensor, "value": value}
                os.write(self._end, msgspec.json.encode(line) + b"\n")

    def close(self) -> None:
        """Stop measuring, and end the stream."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        os.close(self._end)
