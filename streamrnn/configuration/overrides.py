"""Single values from the environment and the command line, laid over a document."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from streamrnn.errors import ConfigurationError

PREFIX = "STREAMRNN_"
KAFKA_PREFIX = "KAFKA_"
KAFKA_TEXTS = (
    "bootstrap_servers",
    "group_id",
    "security_protocol",
    "sasl_mechanism",
    "sasl_username",
    "ssl_cafile",
    "ssl_certfile",
    "ssl_keyfile",
)
KAFKA_FLAGS = ("ssl_check_hostname",)
"""Other variables of this prefix are other programs': Kubernetes sets some for every service."""

Assignment = tuple[str, list[str], Any]
"""Where a value comes from, the path of its key, and the value."""


def assignments_of(environment: Mapping[str, str], options: Sequence[str]) -> Iterable[Assignment]:
    """Yield ``(where it came from, path, value)``; the command line comes last, and so wins."""
    for key in (*KAFKA_TEXTS, *KAFKA_FLAGS):
        name = KAFKA_PREFIX + key.upper()
        if name in environment:
            text = environment[name]
            yield name, ["kafka", key], value_of(text) if key in KAFKA_FLAGS else text
    for name, text in sorted(environment.items()):
        if name.startswith(PREFIX) and "__" in name:
            yield name, name.removeprefix(PREFIX).lower().split("__"), value_of(text)
    for option in options:
        path, equals, text = option.partition("=")
        if not equals:
            raise ConfigurationError(
                f"--set {option}: expected path=value, such as --set model.hidden=64"
            )
        yield f"--set {path}", path.strip().split("."), value_of(text)


def value_of(text: str) -> Any:
    """Return what a TOML file would hold: ``64``, ``true`` or ``["a"]``; else the text itself."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def assign(document: dict[str, Any], origin: str, path: list[str], value: Any) -> None:
    """Set one value of a document in place."""
    if len(path) != 2:
        raise ConfigurationError(
            f"{origin}: expected a table and a key, such as model.hidden, got {'.'.join(path)!r}"
        )
    table, key = path
    entries = document.setdefault(table, {})
    if not isinstance(entries, dict):
        raise ConfigurationError(f"{origin}: {table!r} is not a table in the configuration")
    entries[key] = value
