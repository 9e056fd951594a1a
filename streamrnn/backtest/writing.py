"""Files that are asked for, and clear errors where they cannot be written."""

from pathlib import Path

from streamrnn.errors import ConfigurationError


def check_file(path: Path, option: str) -> None:
    """Check before a long run that a file can be there.

    Raises:
        ConfigurationError: It cannot.
    """
    if not path.parent.is_dir():
        raise ConfigurationError(f"{option}: {path}: no folder {str(path.parent)!r}")
    if path.is_dir():
        raise ConfigurationError(f"{option}: {path}: expected a file, got a folder")


def make_folder(path: Path, option: str) -> None:
    """Make a folder, unless it is there.

    Raises:
        ConfigurationError: It cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"{option}: {path}: cannot be made a folder: {error.strerror}"
        ) from error


def write(path: Path, content: bytes, option: str) -> None:
    """Write a file.

    Raises:
        ConfigurationError: It cannot be written.
    """
    try:
        path.write_bytes(content)
    except OSError as error:
        raise ConfigurationError(
            f"{option}: {path}: cannot be written: {error.strerror}"
        ) from error
