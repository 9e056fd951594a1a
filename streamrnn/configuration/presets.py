"""What is best by measurement, where a configuration does not say: by task, experts and preset."""

from typing import Any

OF_TEXT = frozenset({"model.ngrams", "model.ngram_rows"})
"""Keys that only the task on text reads."""

TEXT: dict[str, Any] = {
    "model.norm": True,
    "learn.learning_rate": 0.005,
    "learn.decay": 0.0003,
    "learn.beta1": 0.0,
    "learn.clip": 1.0,
    "learn.window": 20,
    "learn.stride": 20,
    "learn.max_streams": 10_000,
    "learn.embedding_rate": 0.1,
    "model.ngrams": 5,
}
SMALL = {
    **TEXT,
    "model.hidden": 16,
    "model.embedding": 16,
    "learn.learning_rate": 0.02,
    "learn.decay": 0.001,
}
LARGE = {**TEXT, "model.hidden": 128, "model.embedding": 32}
MANY_NGRAMS = {"model.ngrams": 6, "model.ngram_rows": 1 << 18}
DEEP = {**LARGE, **MANY_NGRAMS, "model.layers": 2}
"""Beside experts a small network is enough: a large one brings a little more at six times the cost.
Alone it has to be large."""

SEQUENCES: dict[str, Any] = {
    "model.hidden": 16,
    "learn.decay": 0.001,
    "learn.clip": 1.0,
}
FRAMES = {
    **SEQUENCES,
    "model.convolution": 7,
    "model.hop": 3,
    "learn.learning_rate": 0.005,
    "learn.replay": 4,
    "learn.replay_updates": 4,
    "learn.stretch": 0.15,
}
POINTS = {
    **FRAMES,
    "model.hidden": 32,
    "learn.learning_rate": 0.01,
    "learn.decay": 0.002,
    "learn.replay_updates": 1,
    "learn.stretch": 0.3,
    "learn.shift": 0.1,
    "learn.mirror": True,
}
SYMBOLS = {**SEQUENCES, "model.parts": 60}
TAGGED_WORDS = {**SEQUENCES, "task.table": 1 << 22}
TAGGED_SYMBOLS = {**SEQUENCES, "model.network": False, "task.experts": ["emissions"]}
TAGGED_FRAMES = {**SEQUENCES, "model.hidden": 32, "learn.replay": 4}
TRANSCRIBED = {
    **SEQUENCES,
    "model.cell": "gru",
    "model.hidden": 96,
    "model.norm": True,
    "model.convolution": 9,
    "model.hop": 4,
    "model.channels": 64,
    "learn.replay": 1,
    "learn.replay_updates": 7,
    "learn.keep_steps": 200_000,
    "learn.stretch": 0.2,
    "learn.inertia": 0.85,
    "task.table": 1 << 17,
}
TRANSLATED = {
    **SEQUENCES,
    "model.hidden": 32,
    "model.embedding": 64,
    "learn.keep": 5000,
    "learn.embedding_rate": 0.04,
}
REPLAYED = {**TRANSLATED, "learn.replay": 1}
"""Learns each pair twice: seven tenths dearer, and .007 more of the words are right."""
COMPOSED = {
    **SEQUENCES,
    "model.hidden": 64,
    "learn.replay": 4,
    "task.most_labels": 1000,
    "task.table": 1 << 22,
}

READINGS: dict[str, Any] = {
    "model.hidden": 16,
    "learn.decay": 0.001,
    "learn.clip": 1.0,
    "learn.window": 16,
    "learn.stride": 4,
}

PRESETS: dict[tuple[str, bool, str], dict[str, Any]] = {
    ("text", True, "fast"): SMALL,
    ("text", True, "quality"): {**LARGE, **MANY_NGRAMS},
    ("text", False, "fast"): LARGE,
    ("text", False, "quality"): DEEP,
    ("translate", True, "quality"): REPLAYED,
}
"""By task, whether there are experts, and the name of the preset."""

OF_SEQUENCES: dict[tuple[str, str], dict[str, Any]] = {
    ("classify", "words"): SEQUENCES,
    ("classify", "characters"): SYMBOLS,
    ("classify", "items"): SEQUENCES,
    ("classify", "numbers"): FRAMES,
    ("classify", "points"): POINTS,
    ("classify", "readings"): READINGS,
    ("tag", "words"): TAGGED_WORDS,
    ("tag", "characters"): TAGGED_SYMBOLS,
    ("tag", "items"): SEQUENCES,
    ("tag", "numbers"): TAGGED_FRAMES,
    ("tag", "points"): TAGGED_FRAMES,
    ("transcribe", "numbers"): TRANSCRIBED,
    ("translate", "words"): TRANSLATED,
    ("compose", "words"): COMPOSED,
    ("compose", "characters"): COMPOSED,
    ("compose", "items"): COMPOSED,
}
"""What is best for whole sequences, by task and kind of steps."""
OF_SEQUENCES |= {
    ("regress", steps): values
    for (task, steps), values in OF_SEQUENCES.items()
    if task == "classify"
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
    given = document.get("input", {})
    given = given if isinstance(given, dict) else {}
    steps = "points" if given.get("points") else str(given.get("steps", "words"))
    if given.get("sequence") is None and given.get("features"):
        steps = "readings"
    values = PRESETS.get(chosen, OF_SEQUENCES.get((chosen[0], steps), {}))
    if model.get("weights") == "own":
        # Each stream would have a table of its own.
        values = {name: value for name, value in values.items() if name not in OF_TEXT}
    filled = dict(document)
    for path, value in values.items():
        table, key = path.split(".")
        entries = filled.get(table, {})
        if isinstance(entries, dict):
            filled[table] = {key: value, **entries}
    return filled
