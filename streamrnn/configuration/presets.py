"""What is best by measurement, where a configuration does not say: by task, experts and preset."""

from typing import Any

TEXT: dict[str, Any] = {
    "model.norm": True,
    "learn.learning_rate": 0.005,
    "learn.decay": 0.0003,
    "learn.beta1": 0.0,
    "learn.clip": 1.0,
    "learn.window": 20,
    "learn.stride": 20,
    "learn.max_streams": 10_000,
}
SMALL = {
    **TEXT,
    "model.hidden": 32,
    "model.embedding": 16,
    "learn.learning_rate": 0.02,
    "learn.decay": 0.001,
}
LARGE = {**TEXT, "model.hidden": 128, "model.embedding": 32}
DEEP = {**LARGE, "model.layers": 2}
"""Beside experts a small network is enough: a large one brings a little more at six times the cost.
Alone it has to be large."""

PRESETS: dict[tuple[str, bool, str], dict[str, Any]] = {
    ("text", True, "fast"): SMALL,
    ("text", True, "quality"): LARGE,
    ("text", False, "fast"): LARGE,
    ("text", False, "quality"): DEEP,
}


def fill_in(document: dict[str, Any]) -> dict[str, Any]:
    """Return a document with what its preset says where it says nothing itself.

    A table that is not one, or a preset that is none, is left for the check of types.
    """
    task, model = document.get("task"), document.get("model", {})
    if not isinstance(task, dict) or not isinstance(model, dict):
        return document
    alone = task.get("experts") == []
    chosen = str(task.get("kind")), not alone, str(model.get("preset", "fast"))
    filled = dict(document)
    for path, value in PRESETS.get(chosen, {}).items():
        table, key = path.split(".")
        entries = filled.get(table, {})
        if isinstance(entries, dict):
            filled[table] = {key: value, **entries}
    return filled
