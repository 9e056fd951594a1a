"""A file that grows is followed through rotation, and no line is lost or comes twice."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamrnn import following
from streamrnn.errors import ConfigurationError
from streamrnn.following import Followed


def follow(path: Path, *steps: Callable[[], object]) -> list[bytes]:
    """Return the lines of a file on which something is done each time its end is reached."""
    left, seen = list(steps), []

    def sleep(_: float) -> None:
        if left:
            left.pop(0)()

    followed = Followed(str(path), sleep)
    # It may look at the end once more after the last step.
    stops = iter([False] * (4 * len(steps) + 8))
    for number, line in followed.lines(lambda: not left and next(stops, True)):
        seen.append(line)
        assert number == len(seen)
    followed.close()
    return seen


def append(path: Path, text: bytes) -> None:
    with path.open("ab") as file:
        file.write(text)


def test_lines_come_as_they_are_written_and_a_part_of_one_waits(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"one\n\ntw")
    assert follow(path, lambda: append(path, b"o\n\xff"), lambda: append(path, b"\r\nhalf")) == [
        b"one",
        b"",
        b"two",
        b"\xff\r",
    ]


def test_a_file_that_is_moved_away_is_read_to_its_end_before_the_new_one(tmp_path: Path) -> None:
    path, old = tmp_path / "a.log", tmp_path / "a.log.1"
    path.write_bytes(b"one\n")

    def write_late() -> None:
        append(old, b"two\nthree without an end")
        path.write_bytes(b"four\n")

    steps = (lambda: path.rename(old), write_late, lambda: append(path, b"five\n"))
    assert follow(path, *steps) == [b"one", b"two", b"three without an end", b"four", b"five"]


def test_a_file_that_is_cut_back_is_read_from_its_beginning(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"one\ntwo\n")
    assert follow(path, lambda: path.write_bytes(b"new\n")) == [b"one", b"two", b"new"]


@given(st.lists(st.tuples(st.binary(max_size=12), st.booleans()), max_size=8), st.integers(1, 9))
def test_whatever_is_written_and_rotated_comes_once(
    tmp_path_factory: pytest.TempPathFactory, writes: list[tuple[bytes, bool]], chunk: int
) -> None:
    path = tmp_path_factory.mktemp("followed") / "a.log"
    path.write_bytes(b"")
    files, steps = [b""], []

    def write(number: int, text: bytes, *, rotate: bool) -> None:
        if rotate:
            path.rename(path.with_suffix(f".{number}"))
            path.write_bytes(b"")
        append(path, text)

    for number, (text, rotate) in enumerate(writes):
        files = [*files, text] if rotate else [*files[:-1], files[-1] + text]
        steps.append(lambda n=number, t=text, r=rotate: write(n, t, rotate=r))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(following, "CHUNK", chunk)
        patch.setattr(following, "WAIT_SECONDS", 0)
        seen = follow(path, *steps, *[lambda: None] * 200)
    # A last line without an end counts once its file has been replaced.
    expected = []
    for place, whole in enumerate(files):
        *lines, rest = whole.split(b"\n")
        expected += lines
        expected += [rest] if rest and place + 1 < len(files) else []
    assert seen == expected


def test_what_cannot_be_followed_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="expected a file, got standard input"):
        Followed("-")
    with pytest.raises(ConfigurationError, match="cannot be read: No such file"):
        Followed(str(tmp_path / "none"))
