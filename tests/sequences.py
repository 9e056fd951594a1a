"""Whole sequences and configurations for tests: a rule that can be learned, and what breaks it."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from streamrnn.configuration import Configuration, parse
from streamrnn.configuration.unread import UNREAD

KINDS = [
    ("classify", "words"),
    ("classify", "characters"),
    ("classify", "items"),
    ("classify", "numbers"),
    ("classify", "points"),
    ("regress", "words"),
    ("regress", "characters"),
    ("regress", "points"),
    ("tag", "words"),
    ("tag", "characters"),
    ("tag", "items"),
    ("tag", "numbers"),
    ("transcribe", "numbers"),
    ("translate", "words"),
    ("compose", "words"),
    ("compose", "characters"),
    ("compose", "items"),
]
"""Every task with every kind of steps that it takes."""
GOOD, BAD = ["fine", "good", "great"], ["poor", "bad", "awful"]
BROKEN = [
    b"{broken",
    b'{"sequence": null, "target": "x"}',
    b'{"sequence": [], "target": "x"}',
    b'{"sequence": 7, "target": "x"}',
    b'{"sequence": {"a": 1}, "target": "x"}',
    None,
]


def sequence(task: str, steps: str, draw: random.Random) -> tuple[Any, Any]:
    """Return a sequence and its target, which follows from it."""
    value, target = _sequence(task, steps, draw)
    return value, 10.0 + 5 * target if task == "regress" else target


def _sequence(task: str, steps: str, draw: random.Random) -> tuple[Any, Any]:
    size, good = draw.randint(4, 9), draw.random() < 0.5
    if steps in ("numbers", "points"):
        width = 4 if steps == "points" else 3
        level = 1.0 if good else -1.0
        frames = [
            [round(level * k + draw.gauss(0, 0.5), 3) for k in range(width)] for _ in range(size)
        ]
        targets = {"tag": ["up" if good else "down"] * size, "transcribe": "ü" if good else "d"}
        return frames, targets.get(task, good)
    symbols = draw.choices(GOOD if good else BAD, k=size)
    if steps == "characters":
        text = "".join(word[0] for word in symbols)
        return text, ("".join("A" if c in "fg" else "B" for c in text) if task == "tag" else good)
    if task == "translate":
        return " ".join(symbols), " ".join(word[::-1] for word in symbols)
    tags = ["B-good" if word in GOOD else "O" for word in symbols]
    if task == "compose" and steps == "items":
        return [[60, 64 + n % 3] if good else [55] for n in range(size)], None
    value = " ".join(symbols) if steps == "words" and task != "tag" else symbols
    return value, tags if task == "tag" else good


def records(task: str, steps: str, count: int, seed: int = 1) -> Iterator[bytes | None]:
    """Yield records of sequences with their targets, with broken ones among them."""
    draw = random.Random(seed)
    for n in range(count):
        if draw.random() < 0.05 and n:
            yield draw.choice(BROKEN)
            continue
        value, target = sequence(task, steps, draw)
        record = {"sequence": value, "target": None if draw.random() < 0.05 else target}
        yield msgspec.json.encode(record)


def document(kind: str, steps: str, folder: Path | None = None, **tables: Any) -> dict[str, Any]:
    """Return a small configuration of a task, on standard input or in a folder."""
    points = {"points": 2} if steps == "points" else {}
    read = "numbers" if points else steps
    files = {"input": "-", "output": "-"}
    if folder:
        files = {"input": str(folder / "in.jsonl"), "output": str(folder / "out.jsonl")}
    made: dict[str, Any] = {
        "input": {"file": files["input"], "sequence": "sequence", "steps": read, **points},
        "task": {"kind": kind, "target": "target", "table": 1 << 12},
        "model": {"hidden": 3, "embedding": 3},
        "learn": {"replay": 2, "replay_updates": 2, "keep": 8},
        "output": {"file": files["output"]},
    }
    for table, keys in UNREAD.get(kind, {}).items():
        made[table] = {key: value for key, value in made[table].items() if key not in keys}
    for name, table in tables.items():
        made[name] = {**made.get(name, {}), **table}
    return made


def on_topics(kind: str, steps: str, name: str, **tables: Any) -> dict[str, Any]:
    """Return the same on topics that are called after an application."""
    topic = {"topic": f"{name}-in"}
    made = document(kind, steps, app={"id": name}, input=topic, **tables)
    del made["input"]["file"]
    return {**made, "output": {"topic": f"{name}-out"}}


def configuration(task: str, steps: str, folder: Path, every: int = 100) -> Configuration:
    """Return the configuration that learns ``in.jsonl`` in a folder."""
    return parse(document(task, steps, folder, snapshots={"every": every}), "test")


def write_records(path: Path, task: str, steps: str, count: int) -> None:
    """Write records, a line each."""
    lines = [b"null" if record is None else record for record in records(task, steps, count)]
    path.write_bytes(b"".join(line + b"\n" for line in lines))
