"""Keys that a task does not read: whoever writes one would wait for what never comes."""

from collections.abc import Mapping
from typing import Any

from streamrnn.configuration.presets import OF_TEXT
from streamrnn.errors import ConfigurationError

NGRAMS = tuple(sorted(name.removeprefix("model.") for name in OF_TEXT))
WITHOUT_PRESETS = "preset", *NGRAMS
UNREAD: dict[str, dict[str, tuple[str, ...]]] = {
    "forecast": {"model": WITHOUT_PRESETS},
    "classify": {"model": WITHOUT_PRESETS},
    "regress": {"model": WITHOUT_PRESETS},
    "tag": {"model": WITHOUT_PRESETS},
    "compose": {"model": WITHOUT_PRESETS},
    "transcribe": {
        "model": (*WITHOUT_PRESETS, "embedding", "pooling", "parts", "memory_inputs"),
        "learn": ("embedding_rate", "mirror", "transpose"),
    },
    "translate": {
        "model": (
            *("cell", "layers", "norm", "bidirectional", "pooling", "parts", "dropout"),
            *("convolution", "hop", "channels", "memory_inputs", *NGRAMS),
        ),
        "learn": ("replay_updates", "stretch", "shift", "mirror", "transpose", "inertia"),
    },
}
"""By task and table."""


def check_unread(document: Mapping[str, Any], kind: str, source: str) -> None:
    """Check that nothing is written that the task does not read.

    Args:
        document: Tables of keys, as they were written.
        kind: Of the task.
        source: What to call it in an error.

    Raises:
        ConfigurationError: Names the key.
    """
    for table, keys in UNREAD.get(kind, {}).items():
        for key in keys:
            if key in document.get(table, {}):
                raise ConfigurationError(
                    f"{source}: {table}.{key}: expected none, as the task {kind} does not read it"
                )
