"""Text of others as it may be shown: no byte of it reaches a terminal as a command."""

import unicodedata

HARMFUL = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Categories of what moves the cursor, turns the writing round, or has no shape."""
PICTURES = 0x2400
"""Where Unicode has pictures of the control characters."""
DELETE = 0x7F
REPLACEMENT = "�"


def visible(text: bytes) -> str:
    """Return text in which each control character, and each byte that is not UTF-8, is a picture.

    Every character stands for one of the text, so that a tab is one, too.
    """
    return "".join(map(_shown, text.decode("utf-8", "replace")))


def _shown(character: str) -> str:
    if unicodedata.category(character) not in HARMFUL:
        return character
    code = ord(character)
    if code < ord(" "):
        return chr(PICTURES + code)
    return chr(PICTURES + 0x21) if code == DELETE else REPLACEMENT
