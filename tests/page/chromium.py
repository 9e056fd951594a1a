"""A real Chromium without a screen, and a worker whose page it looks at."""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

ROOT = Path(__file__).parent.parent.parent
READINGS = ROOT / "examples" / "sensors" / "occupancy.csv"
CONFIGURATION = """
[app]
id = "office"
[input]
file = "-"
key = "sensor"
time = "date"
[task]
kind = "forecast"
target = "value"
[model]
hidden = 8
[output]
file = "predictions.jsonl"
[metrics]
port = 0
page = true
"""
DESKTOP, PHONE = (1280, 800), (390, 844)


def lacking() -> str | None:
    """Return what this machine lacks, and what to do; nothing where all is there."""
    for program in ("chromium", "chromedriver"):
        if not shutil.which(program):
            return f"no {program} on the path: apt-get install chromium chromium-driver"
    return None


class Browser:
    """Chromium with one tab."""

    def __init__(self) -> None:
        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium") or ""
        for argument in ("--headless=new", "--disable-gpu", "--disable-dev-shm-usage"):
            options.add_argument(argument)
        if os.geteuid() == 0:
            options.add_argument("--no-sandbox")
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        # With the driver's place given, nothing is looked for elsewhere.
        service = Service(shutil.which("chromedriver"))
        self.driver = webdriver.Chrome(options=options, service=service)

    def look_like(self, size: tuple[int, int], *, dark: bool = False, scale: int = 1) -> None:
        """Take the size of a screen, and prefer light or dark."""
        width, height = size
        screen = {"width": width, "height": height, "deviceScaleFactor": scale}
        self._command("Emulation.setDeviceMetricsOverride", {**screen, "mobile": width < 600})
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._command("Emulation.setEmulatedMedia", {"features": [scheme]})

    def _command(self, name: str, arguments: dict[str, Any]) -> None:
        self.driver.execute_cdp_cmd(name, arguments)

    def open(self, address: str) -> None:
        """Load a page, without what the one before has left."""
        self.console()
        self.driver.get("about:blank")
        self.driver.get(address)

    def ask(self, script: str, *arguments: object) -> Any:
        """Return the value of an expression."""
        return self.driver.execute_script(f"return {script}", *arguments)

    def wait(self, script: str, what: str, seconds: float = 20.0) -> Any:
        """Return the value of an expression as soon as it is true."""
        return until(lambda: self.ask(script), what, seconds)

    def trace(self, name: str) -> dict[str, list[float | None]]:
        """Return what the chart was given under a name."""
        script = "(document.getElementById('chart').data ?? []).find(t => t.name === arguments[0])"
        found = self.ask(f"(({script}) ?? {{x: [], y: []}})", name)
        return {"x": list(found["x"]), "y": list(found["y"])}

    def console(self) -> list[str]:
        """Return what was said there since the last time."""
        entries = self.driver.get_log("browser")  # type: ignore[no-untyped-call]
        return [entry["message"] for entry in entries]

    def outside(self, address: str) -> list[str]:
        """Return what was loaded from elsewhere."""
        names = self.ask("performance.getEntriesByType('resource').map(entry => entry.name)")
        return [name for name in names if urlsplit(name).netloc != urlsplit(address).netloc]

    def close(self) -> None:
        self.driver.quit()


class Office:
    """``streamrnn run``, which gets an office's real readings when the test says so.

    Args:
        folder: Where it runs.
        options: Of the command.
    """

    def __init__(self, folder: Path, *options: str) -> None:
        (folder / "office.toml").write_text(CONFIGURATION, encoding="utf-8")
        self._folder = folder
        self._log = folder / "log.txt"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "streamrnn", "run", "office.toml", *options],
                cwd=folder,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                stdin=subprocess.PIPE,
                stderr=log,
            )
        self.address: str = until(self._served, "the page is served")

    def _served(self) -> str | None:
        found = re.search(r"live page at (http://[\d.:]+/)", self._log.read_text(encoding="utf-8"))
        return found[1] if found else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def kill(self) -> None:
        self._process.kill()

    def send(self, readings: Iterable[dict[str, object]]) -> None:
        assert self._process.stdin is not None
        for reading in readings:
            self._process.stdin.write(json.dumps(reading).encode() + b"\n")
        self._process.stdin.flush()

    def forecasts(self, sensor: str) -> list[float]:
        """Return what was forecast after each record of a stream."""
        lines = (self._folder / "predictions.jsonl").read_text(encoding="utf-8").splitlines()
        made = [json.loads(line) for line in lines]
        return [one["prediction"][0] for one in made if one["key"] == sensor]


def readings(first: int, last: int) -> Iterable[dict[str, object]]:
    """Return real readings of an office, as of three sensors."""
    with READINGS.open(encoding="utf-8") as file:
        for row in list(csv.DictReader(file))[first:last]:
            for sensor in ("Temperature", "Humidity", "CO2"):
                yield {"date": row["date"], "sensor": sensor, "value": float(row[sensor])}


def until(look: Callable[[], Any], what: str, seconds: float = 20.0) -> Any:
    """Return what is seen as soon as it is true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if seen := look():
            return seen
        time.sleep(0.05)
    raise AssertionError(f"after {seconds:g} s not yet: {what}")
