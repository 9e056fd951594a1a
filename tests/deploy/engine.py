"""Containers without an engine: Linux namespaces whose files lie over those of this machine.

A process has a root of its own, which what it writes does not leave, its mounts, its user, none of
the kernel's capabilities, and a network in which only those beside it are. So a service's command,
paths and ports can be run as they stand.
"""

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from shlex import join, quote
from typing import Any, Self
from urllib.parse import quote as percent_encoded

import pytest

SECONDS = 60.0
TOOLS = ("unshare", "nsenter", "setpriv", "ip", "wget")

# Standard input ends with the process that holds its other end, however that one dies; with this
# shell end all processes and mounts of its namespaces.
HOLD = """
set -e
mount -t tmpfs -o mode=0755 tmpfs "$0"
ip link set lo up
echo ready
while read -r line; do :; done
"""


def require(*tools: str) -> None:
    """Skip a test where a program is missing, or fail it where all services are required."""
    missing = [tool for tool in tools if shutil.which(tool) is None]
    reason = f"not installed: {', '.join(missing)}" if missing else ""
    if os.geteuid() != 0:
        reason = "namespaces are made by root alone"
    if not reason:
        return
    if os.environ.get("STREAMRNN_REQUIRE_SERVICES"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@dataclass(frozen=True)
class Container:
    """How a process is confined.

    Attributes:
        root: Its files, made by `Engine.root`.
        environment: All of its variables.
        user: Numbers of user and group.
        directory: Where it starts.
        binds: Folders or files of this machine, by where they are seen, and whether to read only.
        temporary: Folders that are empty at first, with the options of their mount.
        read_only: Whether the rest cannot be written.
        private: Whether it is on the network of the namespaces, or on that of this machine.
    """

    root: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    user: str = "0:0"
    directory: str = "/"
    binds: Mapping[str, tuple[Path, bool]] = field(default_factory=dict)
    temporary: Mapping[str, str] = field(default_factory=dict)
    read_only: bool = False
    private: bool = True

    def script(self, command: Sequence[str]) -> str:
        """Return what a shell of new mounts does to become a process."""
        root = str(self.root)
        lines = ["set -e", f"mount -t proc proc {root}/proc", f"mount --rbind /dev {root}/dev"]
        for target, options in self.temporary.items():
            place = quote(root + target)
            lines += [f"mkdir -p {place}", f"mount -t tmpfs -o {options} tmpfs {place}"]
        for target, (source, _) in self.binds.items():
            place, given = quote(root + target), quote(str(source))
            lines.append(f"mkdir -p {quote(str(Path(root + target).parent))}")
            lines.append(f"[ -d {given} ] && mkdir -p {place} || touch {place}")
            lines.append(f"mount --bind {given} {place}")
        unwritable = [target for target, (_, read_only) in self.binds.items() if read_only]
        unwritable += [""] if self.read_only else []
        lines += [f"mount -o remount,ro,bind {quote(root + target)}" for target in unwritable]
        user, group = self.user.split(":")
        confined = ["--clear-groups", "--no-new-privs", "--inh-caps=-all", "--bounding-set=-all"]
        confined = [] if user == "0" else [f"--reuid={user}", f"--regid={group}", *confined]
        variables = [f"{name}={value}" for name, value in self.environment.items()]
        became = ["chroot", root, "setpriv", *confined, "env", "-i", f"--chdir={self.directory}"]
        return "\n".join([*lines, "exec " + join([*became, *variables, *command])])


class Process:
    """A process in a container.

    Args:
        command: What runs it, through `nsenter`, which waits for it and takes over its exit code.
        log: What it says on both its streams.
    """

    def __init__(self, command: Sequence[str], log: Path) -> None:
        self.log = log
        with log.open("ab") as file:
            self._process = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT)

    @property
    def said(self) -> str:
        """What it has said so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    @property
    def ended(self) -> bool:
        """Whether it has."""
        return self._process.poll() is not None

    def wait(self) -> int:
        """Wait for its end; return the exit code."""
        return self._process.wait()

    def stop(self) -> int:
        """Have it stop, as an engine does; return the exit code."""
        parent = self._process.pid
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii")
        os.kill(int(children), signal.SIGTERM)
        return self.wait()


class Engine:
    """Namespaces in which containers run, until it is closed or this process ends.

    Args:
        folder: An empty one.
    """

    def __init__(self, folder: Path) -> None:
        require(*TOOLS)
        self._roots, self._logs = folder / "roots", folder / "logs"
        self._started: list[Process] = []
        self._roots.mkdir()
        self._logs.mkdir()

    def __enter__(self) -> Self:
        kinds = ["--mount", "--net", "--pid", "--fork", "--kill-child"]
        self._holder = subprocess.Popen(
            ["unshare", *kinds, "sh", "-c", HOLD, str(self._roots)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._holder.stdout
        assert self._holder.stdout.readline() == b"ready\n"
        parent = self._holder.pid
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii")
        self._inside = int(children)
        return self

    def __exit__(self, *_: object) -> None:
        self._holder.communicate()
        for process in self._started:
            process.wait()

    def root(self, name: str) -> Path:
        """Return new files, which at first are those of this machine."""
        place = self._roots / name
        parts = {part: str(place / part) for part in ("upper", "work", "root")}
        options = f"lowerdir=/,upperdir={parts['upper']},workdir={parts['work']}"
        self.shell(
            f"mkdir -p {join(parts.values())}\n"
            f"mount -t overlay overlay -o {options} {parts['root']}"
        )
        return place / "root"

    def shell(self, script: str) -> str:
        """Return what a shell says that sees all roots; it is on this machine's network."""
        return subprocess.check_output(
            [*self._enter(private=False), "sh", "-ec", script], text=True, timeout=SECONDS
        )

    def start(self, name: str, container: Container, command: Sequence[str]) -> Process:
        """Start a process; its log has that name."""
        script = container.script(command)
        enter = self._enter(private=container.private)
        given = [*enter, "unshare", "--mount", "sh", "-c", script]
        self._started.append(Process(given, self._logs / f"{name}.log"))
        return self._started[-1]

    def run(self, name: str, container: Container, command: Sequence[str]) -> str:
        """Run a process; return all that its log holds.

        Raises:
            RuntimeError: It fails; says what it said.
        """
        process = self.start(name, container, command)
        if process.wait() != 0:
            raise RuntimeError(f"{name}: {join(command)}\n{process.said[-4000:]}")
        return process.said

    def ask(self, url: str) -> bytes:
        """Return what a server of the namespaces answers; raise where it answers no success."""
        command = [*self._enter(private=True), "wget", "-qO-", "--tries=1", "--timeout=5", url]
        return subprocess.check_output(command, stderr=subprocess.DEVNULL)

    def answered(self, url: str) -> bytes | None:
        """Return what a server answers, once it does with success."""
        try:
            return self.ask(url)
        except subprocess.CalledProcessError:
            return None

    def query(self, expression: str, port: int = 9090) -> list[Any]:
        """Return what a Prometheus of the namespaces finds."""
        url = f"http://127.0.0.1:{port}/api/v1/query?query={percent_encoded(expression)}"
        found: list[Any] = json.loads(self.ask(url))["data"]["result"]
        return found

    def _enter(self, *, private: bool) -> list[str]:
        network = ["--net"] if private else []
        return ["nsenter", f"--target={self._inside}", "--mount", "--pid", *network, "--"]


def until(look: Any, process: Process | None = None, seconds: float = SECONDS) -> Any:
    """Look again and again until there is something; fail where a process ends before."""
    end = time.monotonic() + seconds
    while not (seen := look()):
        said = process.said[-4000:] if process else ""
        assert time.monotonic() < end, f"nothing within {seconds:.0f} s\n{said}"
        assert process is None or not process.ended, said
        time.sleep(0.2)
    return seen
