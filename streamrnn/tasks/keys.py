"""The fields of records: whether they are there, and which stream they name."""

from collections.abc import Iterable, Mapping, Sequence

from streamrnn.errors import ConfigurationError, RecordError, nearest
from streamrnn.records import Record


def check_fields(names: Iterable[str], known: Sequence[str], where: str) -> None:
    """Check that the fields are there that are to be read.

    Raises:
        ConfigurationError: Names the one that is not, and the nearest that is.
    """
    for name in names:
        if name not in known:
            raise ConfigurationError(
                f"{where}: expected a field {name!r}{nearest(name, known)} "
                f"(there are: {', '.join(known)})"
            )


def stream_of(name: str | None, fields: Mapping[str, object], record: Record) -> str | None:
    """Return the name of a record's stream: a field, or without one the record's own key.

    Args:
        name: The field's.
        fields: The record's.
        record: Has a key of its own, or none.

    Raises:
        RecordError: The field is absent, or neither text nor a whole number, or the record's key is
            not UTF-8.
    """
    return _key(name, fields.get(name)) if name else _own_key(record.key)


def _key(name: str, value: object) -> str:
    """Return the name of a stream.

    Raises:
        RecordError: It is absent, or neither text nor a whole number.
    """
    if value is None or value == "":
        raise RecordError("missing", f"{name}: expected the name of a stream, got nothing")
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise RecordError("type", f"{name}: expected the name of a stream, got {value!r}")
    return str(value)


def _own_key(key: bytes | None) -> str | None:
    """Return a record's own key as text.

    Raises:
        RecordError: It is not UTF-8.
    """
    try:
        return None if key is None else key.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RecordError("malformed", f"expected a key in UTF-8: {error}") from error
