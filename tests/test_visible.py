"""What is shown of others' text never commands a terminal."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from streamrnn.visible import visible


@given(st.binary())
def test_nothing_moves_the_cursor(text: bytes) -> None:
    shown = visible(text)
    assert not any(unicodedata.category(c) in {"Cc", "Cf", "Zl", "Zp", "Cs"} for c in shown)
    assert len(shown) == len(text.decode("utf-8", "replace"))


def test_what_can_be_read_stays_and_the_rest_has_a_picture() -> None:
    assert visible("Grüße, 世界 🌍!".encode()) == "Grüße, 世界 🌍!"
    assert visible(b"\x1b[31m\x00\x7f\t\xff") == "␛[31m␀␡␉�"
    assert visible("a\u202eb\u2028".encode()) == "a�b�"
