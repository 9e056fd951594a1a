"""Where a text stands: what came before, seen in several ways, each as a hash of 64 bits.

Orders are the last so many bytes. A word is a run of letters, a token a run without blanks, a field
a token's number in its line. Lines of a log are alike but for their numbers, so that one context is
the line so far with each number as one digit, another the token of the same field one line above.
"""

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.hashing import ONE, Hashes, extended, hashed, signed

Bytes = NDArray[np.uint8]

BYTES = 256
ORDERS = (2, 3, 4, 6)
CONTEXTS = len(ORDERS) + 7

COLUMNS, FIELDS = 256, 32
"""Of a line, as far as they are told apart."""
NEWLINE, SPACE, TAB, ZERO, NINE = 10, 32, 9, 48, 57

# What is kept of a stream. After these numbers come the tokens of the line above, and of this one.
RECENT, WORD, LAST_WORD, WORD_BEFORE, MASKED, TOKEN, FIELD, LAST, COLUMN, LENGTH = range(10)
ABOVE_AT = 10
MEMORY = ABOVE_AT + 2 * FIELDS


@kernel
def fill_contexts(memory: Hashes, lines: Bytes, contexts: Hashes) -> None:
    """Fill the hashes ``(CONTEXTS,)`` of where a stream stands."""
    recent, word, token = memory[RECENT], memory[WORD], memory[TOKEN]
    for k in range(len(ORDERS)):
        within = (ONE << np.uint64(8 * ORDERS[k])) - ONE
        contexts[k] = hashed(recent & within, np.uint64(k))
    at, column = len(ORDERS), min(signed(memory[COLUMN]), COLUMNS)
    above = signed(0)
    if column < min(signed(memory[LENGTH]), COLUMNS):
        above = signed(lines[0, column])
    contexts[at] = hashed(word, np.uint64(at))
    contexts[at + 1] = hashed(hashed(word, memory[LAST_WORD]), np.uint64(at + 1))
    contexts[at + 2] = hashed(hashed(word, memory[WORD_BEFORE]), np.uint64(at + 2))
    place = np.uint64(above) | (np.uint64(column) << np.uint64(8))
    contexts[at + 3] = hashed(place, np.uint64(at + 3))
    contexts[at + 4] = hashed(memory[MASKED], np.uint64(at + 4))
    contexts[at + 5] = hashed(hashed(token, memory[FIELD]), np.uint64(at + 5))
    over = memory[ABOVE_AT + min(signed(memory[FIELD]), FIELDS - 1)]
    contexts[at + 6] = hashed(hashed(token, over), np.uint64(at + 6))


@kernel
def is_digit(byte: int) -> bool:
    """Return whether a byte is a digit."""
    return ZERO <= byte <= NINE


@kernel
def is_blank(byte: int) -> bool:
    """Return whether a byte stands between tokens."""
    return byte in (SPACE, TAB, NEWLINE)


@kernel
def is_letter(byte: int) -> bool:
    """Return whether a byte is part of a word: a letter, or beyond ASCII."""
    return 97 <= (byte | 32) <= 122 or byte >= 128


@kernel
def go_on(memory: Hashes, lines: Bytes, byte: int) -> None:
    """Take in the next byte of a stream.

    Args:
        memory: ``(MEMORY,)``.
        lines: The bytes of the line above and of this one, ``(2, COLUMNS)``.
        byte: The byte.
    """
    memory[RECENT] = (memory[RECENT] << np.uint64(8)) | np.uint64(byte)
    if is_letter(byte):
        memory[WORD] = extended(memory[WORD], byte | 32)
    elif memory[WORD] != 0:
        memory[WORD_BEFORE], memory[LAST_WORD] = memory[LAST_WORD], memory[WORD]
        memory[WORD] = 0
    if byte == NEWLINE:
        end_line(memory, lines)
        return
    column = signed(memory[COLUMN])
    if column < COLUMNS:
        lines[1, column] = byte
    memory[COLUMN] += ONE
    masked = ZERO if is_digit(byte) else byte
    if masked != ZERO or signed(memory[LAST]) != ZERO:
        memory[MASKED] = extended(memory[MASKED], masked)
    memory[LAST] = masked
    if not is_blank(byte):
        memory[TOKEN] = extended(memory[TOKEN], byte)
    elif memory[TOKEN] != 0:
        end_token(memory)


@kernel
def end_token(memory: Hashes) -> None:
    """Keep the token for the line below, and go on to the next field."""
    field = signed(memory[FIELD])
    if field < FIELDS:
        memory[ABOVE_AT + FIELDS + field] = memory[TOKEN]
    memory[FIELD] += ONE
    memory[TOKEN] = 0


@kernel
def end_line(memory: Hashes, lines: Bytes) -> None:
    """Make this line the one above."""
    if memory[TOKEN] != 0:
        end_token(memory)
    for k in range(FIELDS):
        memory[ABOVE_AT + k] = memory[ABOVE_AT + FIELDS + k]
    for column in range(min(signed(memory[COLUMN]), COLUMNS)):
        lines[0, column] = lines[1, column]
    memory[LENGTH] = memory[COLUMN]
    memory[COLUMN] = memory[FIELD] = memory[MASKED] = memory[LAST] = 0
