"""Streams and configurations for tests of the whole path."""

import math
import random
from collections.abc import Iterator
from pathlib import Path

import msgspec

from streamrnn.configuration import Configuration, parse

BROKEN = ["p1,abc,1\n", "p1,1.5\n", "p2,nan,1\n", 'p1,"1,2\n', "p1,1e300,2\n", ",5,5\n", "p1,,3\n"]


def write_sensors(path: Path, records: int, seed: int = 1) -> None:
    """Write readings of three pumps as CSV, with broken lines and blank ones among them."""
    draw = random.Random(seed)
    with path.open("w", encoding="utf-8") as file:
        file.write("pump,temperature,vibration\n")
        for n in range(records):
            if draw.random() < 0.02:
                file.write(draw.choice([*BROKEN, "\n"]))
            else:
                temperature = 20 + 5 * math.sin(n / 9) + draw.gauss(0, 0.3)
                file.write(f"p{draw.randint(1, 3)},{temperature:.3f},{draw.random():.3f}\n")


def configuration(
    folder: Path, every: int = 100, model: dict[str, object] | None = None, **learn: object
) -> Configuration:
    """Return the configuration that forecasts `write_sensors` in a folder."""
    document = {
        "input": {
            "file": str(folder / "in.csv"),
            "key": "pump",
            "features": ["vibration"],
        },
        "task": {"kind": "forecast", "target": "temperature", "horizon": 2},
        "model": {"hidden": 4, **(model or {})},
        "learn": {"window": 4, "stride": 2, **learn},
        "output": {"file": str(folder / "out.jsonl")},
        "snapshots": {"every": every},
    }
    return parse(document, "test")


def text_configuration(folder: Path, every: int = 100) -> Configuration:
    """Return the configuration that reads the lines of ``in.log`` in a folder."""
    document = {
        "input": {"file": str(folder / "in.log")},
        "task": {"kind": "text", "memory": 8, "spans": True, "longest_record": 300},
        "model": {"hidden": 4, "embedding": 2},
        "output": {"file": str(folder / "out.jsonl")},
        "snapshots": {"every": every},
    }
    return parse(document, "test")


def write_log(path: Path, lines: int, seed: int = 1) -> None:
    """Write lines of a log, with odd bytes, blank lines, long and too long ones among them."""
    draw = random.Random(seed)
    odd = [b"", b"\xff\x00\x1b[2J", b"x" * 290, b"y" * 301, "Grüße 世界".encode(), b"\r"]
    with path.open("wb") as file:
        for n in range(lines):
            usual = b"%d node%d job %d done\n" % (1000 + 7 * n, draw.randint(1, 5), n % 17)
            file.write(draw.choice(odd) + b"\n" if draw.random() < 0.05 else usual)


BAD = [
    b"{broken",
    b"[1]",
    b'{"pump": "p1", "temperature": "warm", "vibration": 1}',
    b'{"pump": "p1", "temperature": 1e300, "vibration": 1}',
    b'{"pump": null, "temperature": 1, "vibration": 1}',
    None,
]


def feed(records: int, seed: int = 1) -> Iterator[tuple[bytes | None, bytes | None]]:
    """Yield keys and values of readings of three pumps as JSON, with bad records among them."""
    draw = random.Random(seed)
    for n in range(records):
        if draw.random() < 0.03 and n:
            yield b"bad", draw.choice(BAD)
            continue
        pump = f"p{draw.randint(1, 3)}"
        reading = {
            "pump": pump,
            "temperature": round(20 + 5 * math.sin(n / 9) + draw.gauss(0, 0.3), 3),
            "vibration": None if draw.random() < 0.05 else round(draw.random(), 3),
        }
        yield pump.encode(), msgspec.json.encode(reading)
