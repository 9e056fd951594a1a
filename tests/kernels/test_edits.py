"""The edit distance, against its definition."""

from functools import lru_cache

from hypothesis import given, settings
from hypothesis import strategies as st

from streamrnn.kernels.edits import edits_between

texts = st.text("abé", max_size=7)


@lru_cache(None)
def edits(text: str, other: str) -> int:
    """Return the least number of edits, by trying what may become of the first characters."""
    if not text or not other:
        return len(text) + len(other)
    if text[0] == other[0]:
        return edits(text[1:], other[1:])
    changes = (text[1:], other[1:]), (text[1:], other), (text, other[1:])
    return 1 + min(edits(*change) for change in changes)


@given(texts, texts)
@settings(deadline=None)
def test_edits_are_as_few_as_can_be(text: str, other: str) -> None:
    assert edits_between(text, other) == edits(text, other) == edits_between(other, text)


def test_characters_beyond_the_first_plane_count_once() -> None:
    assert edits_between("a\U0001f600b", "ab") == 1
