"""Lines of files and pipes."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamrnn.records import Record
from streamrnn.transports import lines
from streamrnn.transports.lines import LineReader

text = st.text("ab,\n\r ", max_size=40).map(str.encode)


def read(content: bytes, chunk: int, folder: Path, *, header: bool) -> tuple[list[Record], int]:
    path = folder / "lines"
    path.write_bytes(content)
    headers: list[bytes] = []
    reader = LineReader(str(path), has_header=header, on_header=headers.append)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "CHUNK", chunk)
        records = []
        while not reader.ended:
            records += reader.poll(0)
    reader.close()
    return records, len(headers)


@given(content=text, chunk=st.integers(1, 50), header=st.booleans())
def test_chunks_make_no_difference(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, chunk: int, header: bool
) -> None:
    folder = tmp_path_factory.mktemp("lines")
    expected = [line.removesuffix(b"\r") for line in content.split(b"\n") if line.strip()]
    records, headers = read(content, chunk, folder, header=header)
    assert headers == (1 if header and expected else 0)
    assert [record.value for record in records] == expected[headers:]
    assert [record.offset for record in records] == list(range(len(records)))


def test_a_byte_order_mark_is_no_part_of_the_first_line(tmp_path: Path) -> None:
    records, _ = read(b"\xef\xbb\xbfa\nb", 100, tmp_path, header=False)
    assert [record.value for record in records] == [b"a", b"b"]


def test_reading_goes_on_from_a_position(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    path.write_bytes(b"h\na\nb\nc\n")
    headers: list[bytes] = []
    reader = LineReader(str(path), has_header=True, on_header=headers.append)
    reader.go_to(4, 1)
    records = reader.poll(0)
    assert headers == [b"h"]
    assert [(record.offset, record.value) for record in records] == [(1, b"b"), (2, b"c")]
    reader.close()


def test_a_line_of_a_pipe_is_returned_before_the_pipe_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out, end = os.pipe()
    with os.fdopen(out) as standard, os.fdopen(end, "wb", buffering=0) as writer:
        monkeypatch.setattr("sys.stdin", standard)
        reader = LineReader("-", has_header=False, on_header=print)
        assert reader.poll(0) == []
        writer.write(b"one\ntw")
        assert [record.value for record in reader.poll(1)] == [b"one"]
        writer.write(b"o\n")
        assert [record.value for record in reader.poll(1)] == [b"two"]
