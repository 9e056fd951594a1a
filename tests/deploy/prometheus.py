"""A real Prometheus for tests, and its tool."""

import json
import os
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any, Self

import pytest

from tests.kafka.broker import free_ports

CONFIGURATION = """
global:
  scrape_interval: 1s
  evaluation_interval: 1s
rule_files:
  - {rules}
scrape_configs:
  - job_name: streamrnn
    static_configs:
      - targets: {targets}
"""

# Standard input ends with the process that holds its other end, however that one dies.
GUARD = '"$@" & while read -r line; do :; done; kill $!; wait $!'
SECONDS_TO_START = 60


def program(name: str) -> str:
    """Return where a program of Prometheus is; without it skip the test, or fail where it must be.

    It must be where `STREAMRNN_REQUIRE_SERVICES` is set.
    """
    found = shutil.which(name)
    if found:
        return found
    reason = f"{name} is not there: install Prometheus (prometheus)"
    if os.environ.get("STREAMRNN_REQUIRE_SERVICES"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def promtool(*arguments: str | Path, given: str = "") -> subprocess.CompletedProcess[str]:
    """Run Prometheus' tool."""
    return subprocess.run(
        [program("promtool"), *map(str, arguments)],
        input=given,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


class Prometheus:
    """Prometheus that asks targets each second, with rules, for as long as it is entered.

    Attributes:
        configuration: Its file.
    """

    def __init__(self, targets: list[str], rules: Path) -> None:
        self._program = program("prometheus")
        self._folder = tempfile.TemporaryDirectory(prefix="streamrnn-prometheus-")
        self.configuration = Path(self._folder.name) / "prometheus.yml"
        text = CONFIGURATION.format(targets=json.dumps(targets), rules=rules)
        self.configuration.write_text(text, encoding="utf-8")
        self._address = f"127.0.0.1:{free_ports(1)[0]}"

    def __enter__(self) -> Self:
        folder = Path(self._folder.name)
        self._log = (folder / "log").open("w+")
        self._process = subprocess.Popen(
            [
                *("sh", "-c", GUARD, "guard", self._program),
                f"--config.file={self.configuration}",
                f"--storage.tsdb.path={folder / 'data'}",
                f"--web.listen-address={self._address}",
            ],
            stdin=subprocess.PIPE,
            stderr=self._log,
            start_new_session=True,
        )
        until = time.monotonic() + SECONDS_TO_START
        while not self._ready():
            if time.monotonic() > until:
                self.__exit__()
                pytest.fail(f"Prometheus did not start: {self._text[-2000:]}")
            time.sleep(0.1)
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait()
        self._log.seek(0)
        self._text = self._log.read()
        self._log.close()
        self._folder.cleanup()

    def value(self, expression: str) -> list[dict[str, Any]]:
        """Return an expression's value now: series with their labels and numbers."""
        found: list[dict[str, Any]] = self._ask("query", query=expression)["result"]
        return found

    def series(self, selector: str) -> list[dict[str, str]]:
        """Return the labels of the series that a selector stands for."""
        found: list[dict[str, str]] = self._ask("series", **{"match[]": selector})
        return found

    def rules(self) -> list[dict[str, Any]]:
        """Return its rules, and how their last evaluation went."""
        return [rule for group in self._ask("rules")["groups"] for rule in group["rules"]]

    def _ask(self, what: str, **parameters: str) -> Any:
        query = urllib.parse.urlencode(parameters)
        address = f"http://{self._address}/api/v1/{what}?{query}"
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{parameters}: {error.read().decode()}") from error

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://{self._address}/-/ready", timeout=1) as answer:
                return int(answer.status) == 200
        except OSError:
            return False
