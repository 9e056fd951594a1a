"""The transcript that is thought most likely, of a network's outputs and of how one spells.

    s(l) = log p(l | outputs) + sum over n of (w log q(l_n | l_1 .. l_(n-1)) + b) + w log q(end | l)

p is that of `streamrnn.kernels.ctc`, q that of `streamrnn.kernels.spelling`, w its weight and b a
bonus for each symbol, against p's liking for short transcripts. `search` goes from step to step
with the best beginnings, for each of which it has the log of the sum of the paths that end in a
blank and of those that do not (Hannun, Maas, Jurafsky and Ng 2014, algorithm 1).
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.ctc import BLANK, NEVER, log_sum
from streamrnn.kernels.hashing import Hashes, hashed
from streamrnn.kernels.products import Array
from streamrnn.kernels.spelling import END, Spelling, Symbols, fill_chances

Numbers = NDArray[np.float64]

OWN, PARENT = range(2)
IN_BLANK, IN_SYMBOL, WORTH = range(3)
NODE, LAST = range(2)
ROOT, NOBODY = np.uint64(1), np.uint64(0)


class Beams(NamedTuple):
    """Room for a search with B beginnings over T steps and V symbols, the blank among them.

    What has a first axis of 2 is of this step and of the next.

    Attributes:
        keys: Hashes of a beginning and of the same without its last symbol, ``(2, B, 2)``.
        sums: Logs of the paths that end in a blank and in a symbol, and what is said for the
            beginning beside them, ``(2, B, 3)``.
        places: The node of its last symbol, and this symbol, ``(2, B, 2)``.
        worth: What is said for each next symbol, ``(2, B, V)``; for the end where a blank would be.
        nodes: The node before each and its symbol, ``(T B + 1, 2)``.
        gains: Logs of the paths that go on with each symbol, ``(B, V)``.
        chosen: Which beginning each of the best goes on from, and with what symbol; `BLANK` for
            none, ``(B, 2)``.
        scores: Theirs, from the best down, ``(B,)``.
        history: See `streamrnn.kernels.spelling`, ``(ORDERS - 1,)``.
        contexts: The same, ``(ORDERS,)``.
    """

    keys: Hashes
    sums: Numbers
    places: Symbols
    worth: Numbers
    nodes: Symbols
    gains: Numbers
    chosen: Symbols
    scores: Numbers
    history: Symbols
    contexts: Hashes


@kernel
def greedy(outputs: Array, transcript: Symbols) -> int:
    """Fill ``transcript (T,)`` with what the likeliest path of ``outputs (T, V)`` says.

    Returns:
        How many symbols it has.
    """
    length, last = 0, BLANK
    for t in range(outputs.shape[0]):
        best = 0
        for k in range(1, outputs.shape[1]):
            if outputs[t, k] > outputs[t, best]:
                best = k
        if best not in (BLANK, last):
            transcript[length] = best
            length += 1
        last = best
    return length


@kernel
def search(
    logs: Numbers,
    spelling: Spelling,
    weight: float,
    bonus: float,
    beams: Beams,
    transcript: Symbols,
) -> tuple[int, float]:
    """Fill ``transcript (T,)`` with the best that is found.

    Args:
        logs: Logarithms of the shares of symbols, ``(T, V)``; the blank is the first.
        spelling: What was counted; no symbol from V on.
        weight: Of the spelling.
        bonus: For each symbol.
        beams: Room.
        transcript: Filled.

    Returns:
        How many symbols it has, and its score.
    """
    side, live, nodes = 0, 1, 1
    beams.keys[0, 0, OWN], beams.keys[0, 0, PARENT] = ROOT, NOBODY
    beams.sums[0, 0, IN_BLANK], beams.sums[0, 0, IN_SYMBOL] = 0.0, NEVER
    beams.sums[0, 0, WORTH] = 0.0
    beams.places[0, 0, NODE], beams.places[0, 0, LAST] = 0, BLANK
    beams.nodes[0, 0], beams.nodes[0, 1] = 0, BLANK
    _weigh(spelling, weight, bonus, beams, 0, 0)
    for t in range(logs.shape[0]):
        _go_on(logs[t], beams, side, live)
        found = _choose(beams, side, live)
        for n in range(found):
            former, symbol = beams.chosen[n, 0], beams.chosen[n, 1]
            _take(beams, side, former, symbol, n, nodes)
            if symbol != BLANK:
                nodes += 1
                _weigh(spelling, weight, bonus, beams, 1 - side, n)
        side, live = 1 - side, found
    best, highest = 0, NEVER
    for n in range(live):
        sums = beams.sums[side, n]
        score = log_sum(sums[IN_BLANK], sums[IN_SYMBOL], NEVER) + sums[WORTH]
        score += beams.worth[side, n, END]
        if score > highest:
            best, highest = n, score
    return _write(beams, beams.places[side, best, NODE], transcript), highest


@kernel
def _weigh(
    spelling: Spelling, weight: float, bonus: float, beams: Beams, side: int, n: int
) -> None:
    """Fill what is said for each symbol after a beginning."""
    worth, history = beams.worth[side, n], beams.history
    if weight == 0:
        for k in range(worth.size):
            worth[k] = bonus
    else:
        node = beams.places[side, n, NODE]
        for k in range(history.size):
            # The first node is its own parent, and stands for what is before all symbols.
            history[k] = beams.nodes[node, 1]
            node = beams.nodes[node, 0]
        fill_chances(spelling, history, beams.contexts, worth)
        for k in range(worth.size):
            worth[k] = weight * math.log(worth[k]) + bonus
    worth[END] -= bonus


@kernel
def _go_on(logs: Numbers, beams: Beams, side: int, live: int) -> None:
    """Fill the gains of a step, and put the sums of beginnings that stay as they are in place.

    Args:
        logs: Of the step, ``(V,)``.
        beams: See above.
        side: Of this step.
        live: How many beginnings there are.
    """
    gains, keys, places = beams.gains, beams.keys[side], beams.places[side]
    for n in range(live):
        sums, last = beams.sums[side, n], places[n, LAST]
        whole = log_sum(sums[IN_BLANK], sums[IN_SYMBOL], NEVER)
        for k in range(1, logs.size):
            # The same symbol twice needs a blank between.
            gains[n, k] = (sums[IN_BLANK] if k == last else whole) + logs[k]
        sums[IN_BLANK] = whole + logs[BLANK]
        sums[IN_SYMBOL] = sums[IN_SYMBOL] + logs[last] if last != BLANK else NEVER
    for n in range(live):
        last = places[n, LAST]
        for former in range(live):
            if keys[former, OWN] == keys[n, PARENT]:
                # What this would become is there already.
                sums = beams.sums[side, n]
                sums[IN_SYMBOL] = log_sum(sums[IN_SYMBOL], gains[former, last], NEVER)
                gains[former, last] = NEVER


@kernel
def _choose(beams: Beams, side: int, live: int) -> int:
    """Fill what the best beginnings of the next step come from; return how many there are."""
    found = 0
    for n in range(live):
        sums = beams.sums[side, n]
        score = log_sum(sums[IN_BLANK], sums[IN_SYMBOL], NEVER) + sums[WORTH]
        found = _place(beams, score, n, BLANK, found)
    for n in range(live):
        for k in range(1, beams.gains.shape[1]):
            score = beams.gains[n, k] + beams.sums[side, n, WORTH] + beams.worth[side, n, k]
            found = _place(beams, score, n, k, found)
    return found


@kernel
def _place(beams: Beams, score: float, former: int, symbol: int, found: int) -> int:
    """Put a candidate among the best, if it is; return how many these are."""
    scores, chosen = beams.scores, beams.chosen
    if not score > (scores[found - 1] if found == scores.size else NEVER):
        return found
    found = min(found + 1, scores.size)
    n = found - 1
    while n > 0 and scores[n - 1] < score:
        scores[n] = scores[n - 1]
        chosen[n, 0], chosen[n, 1] = chosen[n - 1, 0], chosen[n - 1, 1]
        n -= 1
    scores[n], chosen[n, 0], chosen[n, 1] = score, former, symbol
    return found


@kernel
def _take(beams: Beams, side: int, former: int, symbol: int, n: int, node: int) -> None:
    """Put a beginning in its place for the next step.

    Args:
        beams: See above.
        side: Of this step.
        former: The beginning that it goes on from.
        symbol: With this; `BLANK` for none.
        n: Its place.
        node: Of its symbol, if it is new.
    """
    other = 1 - side
    for k in range(2):
        beams.keys[other, n, k] = beams.keys[side, former, k]
        beams.places[other, n, k] = beams.places[side, former, k]
    for k in range(3):
        beams.sums[other, n, k] = beams.sums[side, former, k]
    if symbol == BLANK:
        for k in range(beams.worth.shape[2]):
            beams.worth[other, n, k] = beams.worth[side, former, k]
        return
    own = beams.keys[side, former, OWN]
    beams.keys[other, n, OWN], beams.keys[other, n, PARENT] = hashed(own, np.uint64(symbol)), own
    beams.sums[other, n, IN_BLANK] = NEVER
    beams.sums[other, n, IN_SYMBOL] = beams.gains[former, symbol]
    beams.sums[other, n, WORTH] += beams.worth[side, former, symbol]
    beams.nodes[node, 0], beams.nodes[node, 1] = beams.places[side, former, NODE], symbol
    beams.places[other, n, NODE], beams.places[other, n, LAST] = node, symbol


@kernel
def _write(beams: Beams, node: int, transcript: Symbols) -> int:
    """Fill the symbols up to a node; return how many they are."""
    length, at = 0, node
    while at != 0:
        length += 1
        at = beams.nodes[at, 0]
    at = node
    for n in range(length - 1, -1, -1):
        transcript[n] = beams.nodes[at, 1]
        at = beams.nodes[at, 0]
    return length
