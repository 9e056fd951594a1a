"""Keys that a task does not read: whoever writes one would wait for what never comes."""

from collections.abc import Mapping
from typing import Any

from streamrnn.errors import ConfigurationError

UNREAD: dict[str, dict[str, tuple[str, ...]]] = {
    "transcribe": {
        "model": ("embedding", "ngrams", "ngram_rows", "pooling", "parts", "memory_inputs"),
        "learn": ("embedding_rate", "mirror", "transpose"),
    },
    "translate": {
        "model": (
            *("cell", "layers", "norm", "bidirectional", "pooling", "parts", "dropout"),
            *("convolution", "hop", "channels", "memory_inputs", "ngrams", "ngram_rows"),
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
