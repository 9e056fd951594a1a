"""Single values from the environment and the command line, laid over a document."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from streamrnn.errors import ConfigurationError

PREFIX = "STREAMRNN_"


def assignments_of(
    environment: Mapping[str, str], options: Sequence[str]
) -> Iterable[tuple[str, list[str], str]]:
    """Yield ``(where it came from, path, text)``; the command line comes last, and so wins."""
    for name, text in sorted(environment.items()):
        if name.startswith(PREFIX) and "__" in name:
            yield name, name.removeprefix(PREFIX).lower().split("__"), text
    for option in options:
        path, equals, text = option.partition("=")
        if not equals:
            raise ConfigurationError(
                f"--set {option}: expected path=value, such as --set model.hidden=64"
            )
        yield f"--set {path}", path.strip().split("."), text


def value_of(text: str) -> Any:
    """Return what a TOML file would hold: ``64``, ``true`` or ``["a"]``; else the text itself."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def assign(document: dict[str, Any], origin: str, path: list[str], text: str) -> None:
    """Set one value of a document in place."""
    if len(path) != 2:
        raise ConfigurationError(
            f"{origin}: expected a table and a key, such as model.hidden, got {'.'.join(path)!r}"
        )
    table, key = path
    entries = document.setdefault(table, {})
    if not isinstance(entries, dict):
        raise ConfigurationError(f"{origin}: {table!r} is not a table in the configuration")
    entries[key] = value_of(text)
