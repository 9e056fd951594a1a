"""The next word of a translation that is being written: see `streamrnn.kernels.translation`."""

from streamrnn.kernels.candidates import ALL, COMMON, Outputs, Room, gather_following
from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.lexicon import Keys, Words, align, find_rows
from streamrnn.kernels.products import Array, copy
from streamrnn.kernels.slots import NOWHERE, Slots
from streamrnn.kernels.translation import EXPECTED, PLACES, SHARES, Gains, choose


@kernel
def choose_next(
    memory: Slots,
    room: Room,
    outputs: Outputs,
    gains: Gains,
    encoded: Array,
    decoded: Array,
    history: Keys,
    history_rows: Words,
    first: int,
    scores: Array,
    states: Array,
    chosen: Words,
) -> int:
    """Fill the logits of one step while a translation is written; return how many there are.

    Args:
        memory: As in `choose`, and so the five that follow.
        room: As `read_source` left it, perhaps with candidates of another step.
        outputs: The same.
        gains: The same.
        encoded: The same.
        decoded: The same, ``(1, K + W)``.
        history: Keys of the words before, ``(M, 1)``.
        history_rows: As in `choose`, and so the five that follow.
        first: The same.
        scores: The same.
        states: The same.
        chosen: The same.
    """
    room.sizes[ALL] = room.sizes[COMMON]
    for m in range(history.shape[0]):
        find_rows(memory, history[m], history_rows[m])
        gather_following(room, memory, history_rows[m])
    choose(
        memory,
        room,
        outputs,
        gains,
        encoded,
        decoded,
        history_rows,
        first,
        scores,
        states,
        chosen,
    )
    return int(room.sizes[ALL])


@kernel
def settle(lexicon: Slots, rows: Words, word: int, chance: float, copied: int, now: Array) -> None:
    """Fill what a word that was chosen comes of.

    Args:
        lexicon: Its table.
        rows: Of the source's words, ``(S,)``.
        word: That was chosen.
        chance: Of this word anywhere.
        copied: The place of the source that it is a copy of, -1 where it is none.
        now: As `look_ahead` left it, ``(GRIDS, S)``.
    """
    if copied == NOWHERE:
        align(lexicon, rows, word, chance, now[EXPECTED], now[SHARES], now[PLACES])
    else:
        now[SHARES] = 0
        now[SHARES, copied] = 1
        copy(now[SHARES], now[PLACES])
