"""What the figures were measured on."""

import os
import platform
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


def processor() -> str:
    """Return the processor's model, as far as the system tells."""
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def versions(packages: Iterable[str]) -> str:
    """Return the packages with their versions, in one line."""
    return ", ".join(f"{name} {_version(name)}" for name in packages)


def heading(title: str, packages: Iterable[str], command: str) -> list[str]:
    """Return the first lines of a report: the machine, the versions and how to run it again."""
    return [
        f"# {title}",
        "",
        f"- Processor: {processor()}, {os.cpu_count()} cores; one thread is used.",
        f"- Python {platform.python_version()}, {versions(packages)}.",
        f"- Run it again: `{command}`.",
        "",
    ]


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "(not installed)"
