"""Reading a configuration, and saying clearly what is wrong with one."""

import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any, Literal, get_args, get_origin

import msgspec

from streamrnn.configuration.overrides import assign, assignments_of
from streamrnn.configuration.schema import FORMATS, Configuration
from streamrnn.errors import ConfigurationError, nearest


def load(
    path: str | Path, options: Sequence[str] = (), environment: Mapping[str, str] = os.environ
) -> Configuration:
    """Read a TOML file, lay the environment and then the options over it, and check it all.

    Raises:
        ConfigurationError: Names the file or override, the key, what was expected and what came.
    """
    try:
        document = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        folder = Path(path).parent
        others = [p.name for p in folder.glob("*.toml")] if folder.is_dir() else []
        hint = nearest(Path(path).name, others)
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}{hint}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: not valid TOML: {error}") from error
    origins: dict[str, str] = {}
    for origin, keys, text in assignments_of(environment, options):
        assign(document, origin, keys, text)
        origins[".".join(keys)] = origin
    return parse(document, str(path), origins)


def parse(
    document: dict[str, Any], source: str, origins: Mapping[str, str] | None = None
) -> Configuration:
    """Check a document as `load` does.

    Args:
        document: Tables of keys, as from TOML.
        source: What to call it in an error.
        origins: Where single values came from, by dotted path, if not from ``source``.
    """
    origins = origins or {}
    _check_keys(document, source, origins)
    try:
        configuration = msgspec.convert(document, Configuration)
    except msgspec.ValidationError as error:
        raise ConfigurationError(_message(error, document, source, origins)) from error
    _check_together(configuration, source)
    return configuration


def _check_keys(document: dict[str, Any], source: str, origins: Mapping[str, str]) -> None:
    tables = {f.name: f.type for f in msgspec.structs.fields(Configuration)}
    for table, entries in document.items():
        if table not in tables:
            raise ConfigurationError(f"{source}: [{table}]: unknown{nearest(table, tables)}")
        known = [f.name for f in msgspec.structs.fields(tables[table])]
        for key in entries if isinstance(entries, dict) else ():
            if key not in known:
                origin = origins.get(f"{table}.{key}", source)
                raise ConfigurationError(
                    f"{origin}: {table}.{key}: unknown key{nearest(key, known)} "
                    f"(known: {', '.join(known)})"
                )


def _message(
    error: msgspec.ValidationError,
    document: dict[str, Any],
    source: str,
    origins: Mapping[str, str],
) -> str:
    text, _, place = str(error).partition(" - at `$.")
    path = place.rstrip("`")
    dotted = re.sub(r"\[.*", "", path)
    if missing := re.match(r"Object missing required field `(\w+)`", text):
        name = f"{dotted}.{missing[1]}" if dotted else f"[{missing[1]}]"
        return f"{source}: {name}: missing, but it must be written"
    came: Any = document
    for key in dotted.split("."):
        came = came[key]
    expected = text[0].lower() + text[1:].replace("`", "")
    choices = _choices(dotted)
    if choices:
        expected = f"expected one of {', '.join(choices)}"
    if dotted == "task.experts":
        expected = "expected an empty list: this version has no experts"
    return (
        f"{origins.get(dotted, source)}: {path}: {expected}, got {came!r}{nearest(came, choices)}"
    )


def _choices(dotted: str) -> list[str]:
    """Return the words that a key may have, none if it is not one of a few words."""
    table, _, key = dotted.partition(".")
    tables = {f.name: f.type for f in msgspec.structs.fields(Configuration)}
    if table not in tables or not key:
        return []
    kinds = {f.name: f.type for f in msgspec.structs.fields(tables[table])}
    options = (kinds[key], *get_args(kinds[key]))
    literals = [option for option in options if get_origin(option) is Literal]
    return [word for literal in literals for word in get_args(literal)]


def _check_together(configuration: Configuration, source: str) -> None:
    paths = configuration.input
    ending = PurePath(paths.file).suffix
    if paths.file != "-" and paths.format is None and ending not in FORMATS:
        raise ConfigurationError(
            f"{source}: input.file: cannot tell the format of {paths.file!r} from its ending "
            f"(known: {', '.join(FORMATS)}); set input.format"
        )
    if len(set(paths.features)) < len(paths.features):
        raise ConfigurationError(f"{source}: input.features: {list(paths.features)} has doubles")
    files = [paths.file, configuration.output.file, configuration.dead_letters_file]
    places = [Path(file).resolve() for file in files if file != "-"]
    if len(set(places)) < len(places):
        raise ConfigurationError(
            f"{source}: input, output and dead letters must be different files, got {files}"
        )
