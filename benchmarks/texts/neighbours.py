"""How busy the machine was with other programs while something was measured."""

import os
import time
from pathlib import Path

STATISTICS = Path("/proc/stat")
BUSY = slice(1, 4)
"""Of the numbers of its first line: times in programs, in those of low priority, in the system."""


class Neighbours:
    """Counts from now on what other programs take of the processor."""

    def __init__(self) -> None:
        self._busy, self._mine, self._began = _busy(), time.process_time(), time.perf_counter()

    def told(self) -> str | None:
        """Return what they took so far, in words; None where the system does not tell."""
        busy = _busy()
        if busy is None or self._busy is None:
            return None
        others = busy - self._busy - (time.process_time() - self._mine)
        cores = max(others, 0.0) / (time.perf_counter() - self._began)
        return (
            f"- Other programs used {cores:.1f} of the {os.cpu_count()} cores meanwhile; what they "
            "take of caches and memory makes times longer."
        )


def _busy() -> float | None:
    """Return the seconds that all programs had of all cores since the system started."""
    if not STATISTICS.exists():
        return None
    first = STATISTICS.read_text(encoding="utf-8").splitlines()[0].split()
    return sum(map(int, first[BUSY])) / os.sysconf("SC_CLK_TCK")
