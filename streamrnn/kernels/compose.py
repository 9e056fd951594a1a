"""The next step of a sequence of symbols, or of sets of them, like the notes of a chord.

A set is written in ascending order and then ended, so that each of its symbols is one decision that
knows those before it, and the chances of all sets add up to 1 (Larochelle and Murray 2011). What is
known of a decision adds up in the logits:

    log p(s) ~ sum_e w[e, c_e] log p_e(s) + sum_f v[f, s] + w[n] y[s]

with p_e the counts of a context e, c_e how often that context came before, v the weights of single
features and y the network's outputs. All weights are learned with AdaGrad.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.hashing import Hashes, hashed, place_of, signed
from streamrnn.kernels.products import Array

Numbers = NDArray[np.float64]
Symbols = NDArray[np.int64]

END, STOP, NEW, FIRST = range(4)
"""Of a set, of a sequence, a symbol never seen; and the number of the first that was."""
NOTHING = -1
EXPERTS, CONFIDENCES, SLOTS, FEATURES, FEATURE_ROWS = 9, 8, 6, 24, 1 << 12
PRIOR = 0.5
"""The weight of equal chances in the counts of a context, in symbols."""
WEIGHT_RATE, FEATURE_RATE, NETWORK_RATE = 0.02, 0.1, 0.02
LEAST = -1e30


class Composition(NamedTuple):
    """What is learned beside the network.

    Attributes:
        counts: How often a symbol came in a context, hashed, ``(cells,)``; without any cells no
            context is looked at.
        times: How often a context came, hashed, ``(cells / 4,)``.
        weights: Of contexts by place in the set and confidence, ``(SLOTS, EXPERTS, CONFIDENCES)``.
        weight_squares: The same.
        features: Weights of features, ``(FEATURE_ROWS, V)``.
        feature_squares: The same.
        trust: In the network, by place in the set, ``(SLOTS,)``.
        trust_squares: The same.
    """

    counts: NDArray[np.float32]
    times: NDArray[np.float32]
    weights: Numbers
    weight_squares: Numbers
    features: NDArray[np.float32]
    feature_squares: NDArray[np.float32]
    trust: Numbers
    trust_squares: Numbers


class Room(NamedTuple):
    """Room for one decision."""

    contexts: Hashes
    confidences: Symbols
    logs: Numbers
    rows: Symbols
    shares: Numbers


@kernel
def symbol_at(symbols: Symbols, starts: Symbols, step: int, place: int) -> int:
    """Return a symbol of a step; NOTHING beyond its end or before the first step."""
    if step < 0 or place < 0 or starts[step] + place >= starts[step + 1]:
        return NOTHING
    return int(symbols[starts[step] + place])


@kernel
def join(found: np.uint64, symbol: int) -> np.uint64:
    """Return a hash of what was found and one more symbol."""
    return hashed(found, np.uint64(symbol + 2))


@kernel
def join_step(found: np.uint64, symbols: Symbols, starts: Symbols, step: int) -> np.uint64:
    """Return a hash of what was found and all of a step."""
    if step >= 0:
        for n in range(starts[step], starts[step + 1]):
            found = join(found, symbols[n])
    return join(found, NOTHING)


@kernel
def fill_contexts(
    symbols: Symbols, starts: Symbols, step: int, place: int, sets: bool, contexts: Hashes
) -> None:
    """Fill the hashes of where a decision stands, ``(EXPERTS,)``.

    Without sets these are the last symbols, of none to eight. With sets: the symbols so far, the
    one before and those at the same place of the last steps, each alone and together.
    """
    for e in range(EXPERTS):
        contexts[e] = hashed(np.uint64(e), np.uint64(place))
    if not sets:
        for e in range(EXPERTS):
            for k in range(e):
                contexts[e] = join(contexts[e], symbol_at(symbols, starts, step - 1 - k, 0))
        return
    last = symbol_at(symbols, starts, step, place - 1) if place else NOTHING
    before = symbol_at(symbols, starts, step - 1, place)
    earlier = symbol_at(symbols, starts, step - 2, place)
    contexts[0] = join(contexts[0], last)
    contexts[1] = join(join(contexts[1], last), before)
    contexts[2] = join(contexts[2], before)
    contexts[3] = join_step(contexts[3], symbols, starts, step - 1)
    contexts[4] = join(join(join(contexts[4], last), before), earlier)
    for n in range(place):
        for e in (2, 3, 5):
            contexts[e] = join(contexts[e], symbols[starts[step] + n])
    lower = symbol_at(symbols, starts, step - 1, place - 1)
    contexts[6] = join(join(join(contexts[6], before), lower), last)
    contexts[7] = join(join_step(contexts[7], symbols, starts, step - 1), last)
    contexts[8] = join(join(join(contexts[8], before), earlier), step % 4)


@kernel
def fill_features(symbols: Symbols, starts: Symbols, step: int, place: int, rows: Symbols) -> int:
    """Fill the rows of what is there: symbols so far and of the last three steps; return how many.

    The first row is that of the place alone.
    """
    rows[0] = place_of(hashed(np.uint64(1), np.uint64(place)), FEATURE_ROWS)
    count = 1
    for back in range(4):
        if step - back < 0:
            break
        begin = starts[step - back]
        end = starts[step - back + 1] if back else begin + place
        for n in range(begin, min(end, begin + FEATURES // 4 - 1)):
            kind = hashed(np.uint64(2 + back), np.uint64(symbols[n]))
            rows[count] = place_of(kind, FEATURE_ROWS)
            count += 1
    same = join(hashed(np.uint64(9), np.uint64(place)), symbol_at(symbols, starts, step - 1, place))
    rows[count] = place_of(same, FEATURE_ROWS)
    return count + 1


@kernel
def cell_of(context: np.uint64, symbol: int, cells: int) -> int:
    """Return the cell of a symbol in a context."""
    return place_of(join(context, symbol), cells)


@kernel
def possible(symbol: int, place: int, ranks: Symbols, low: int, sets: bool) -> bool:
    """Return whether a symbol can come at a place of a set; only higher ones follow one."""
    if symbol == END:
        return sets
    if symbol == STOP:
        return place == 0
    return symbol == NEW or ranks[symbol] > low


@kernel
def decide(
    composition: Composition,
    room: Room,
    features: int,
    place: int,
    network: Array,
    ranks: Symbols,
    low: int,
    sets: bool,
) -> None:
    """Fill the shares of all symbols, ``(V,)``.

    Args:
        composition: What is learned.
        room: Holds the contexts and features of the decision; filled.
        features: How many there are.
        place: In the set.
        network: Its outputs, ``(V,)``; all zero without one.
        ranks: The place of each symbol in ascending order, ``(V,)``; the first three have none.
        low: The rank of the symbol before; only higher ones can follow.
        sets: Whether steps are sets.
    """
    c, slot = composition, min(place, SLOTS - 1)
    shares, logs = room.shares, room.logs
    known, equal = shares.size, PRIOR / shares.size
    for s in range(known):
        shares[s] = c.trust[slot] * network[s]
    for f in range(features):
        row = c.features[room.rows[f]]
        for s in range(known):
            shares[s] += row[s]
    for e in range(EXPERTS if c.counts.size > 0 else 0):
        seen = float(c.times[place_of(room.contexts[e], c.times.size)])
        times = int(seen)
        confidence = min(times, 3) if times < 4 else min(3 + int(math.log2(seen / 4)), 7)
        room.confidences[e] = confidence
        weight = c.weights[slot, e, confidence]
        none = math.log(equal / (seen + PRIOR))
        for s in range(known):
            came = c.counts[cell_of(room.contexts[e], s, c.counts.size)] if seen > 0 else 0.0
            logs[e, s] = math.log((came + equal) / (seen + PRIOR)) if came > 0 else none
            shares[s] += weight * logs[e, s]
    top = LEAST
    for s in range(known):
        if not possible(s, place, ranks, low, sets):
            shares[s] = LEAST
        top = max(top, shares[s])
    whole = 0.0
    for s in range(known):
        shares[s] = math.exp(shares[s] - top)
        whole += shares[s]
    for s in range(known):
        shares[s] /= whole


@kernel
def learn_decision(
    composition: Composition,
    room: Room,
    features: int,
    place: int,
    network: Array,
    symbol: int,
) -> None:
    """Change all weights after a symbol was seen, and count it; the rest is as `decide` left it."""
    c, slot, shares = composition, min(place, SLOTS - 1), room.shares
    known = shares.size
    for e in range(EXPERTS if c.counts.size > 0 else 0):
        slope, confidence = -room.logs[e, symbol], room.confidences[e]
        for s in range(known):
            slope += shares[s] * room.logs[e, s]
        c.weight_squares[slot, e, confidence] += slope * slope
        step = WEIGHT_RATE * slope / math.sqrt(c.weight_squares[slot, e, confidence])
        c.weights[slot, e, confidence] -= step
        c.counts[cell_of(room.contexts[e], symbol, c.counts.size)] += 1
        c.times[place_of(room.contexts[e], c.times.size)] += 1
    slope = -network[symbol]
    for s in range(known):
        slope += shares[s] * network[s]
    c.trust_squares[slot] += slope * slope
    c.trust[slot] -= NETWORK_RATE * slope / math.sqrt(c.trust_squares[slot])
    shares[symbol] -= 1
    for f in range(features):
        row, squares = c.features[room.rows[f]], c.feature_squares[room.rows[f]]
        for s in range(known):
            squares[s] += np.float32(shares[s] * shares[s])
            row[s] -= np.float32(FEATURE_RATE * shares[s] / math.sqrt(squares[s]))


@kernel
def ask(
    composition: Composition,
    room: Room,
    symbols: Symbols,
    starts: Symbols,
    ranks: Symbols,
    sets: bool,
    featured: bool,
    network: Array,
    step: int,
    place: int,
    low: int,
) -> int:
    """Fill the shares of a decision; return how many features were looked at.

    The arguments are those of `read_sequence` and of `decide`.
    """
    fill_contexts(symbols, starts, step, place, sets, room.contexts)
    features = 0
    if featured:
        features = fill_features(symbols, starts, step, place, room.rows)
    decide(composition, room, features, place, network, ranks, low, sets)
    return features


@kernel
def read_sequence(
    composition: Composition,
    room: Room,
    symbols: Symbols,
    starts: Symbols,
    ranks: Symbols,
    sets: bool,
    featured: bool,
    network: Array,
    bits: Numbers,
    learning: bool,
) -> None:
    """Read a sequence decision by decision; fill the bits of each, ``(N,)``.

    Args:
        composition: What is learned.
        room: For a decision; its shares are as many as symbols are known.
        symbols: All decisions, ends among them, ``(N,)``.
        starts: Where each step begins, ``(T + 1,)``; the last step is the end of the sequence.
        ranks: See `decide`.
        sets: Whether steps are sets.
        featured: Whether single features are looked at.
        network: Its outputs for each step, ``(T, V)`` or more columns.
        bits: Filled.
        learning: Whether anything is learned.
    """
    known = room.shares.size
    for step in range(starts.size - 1):
        low = signed(NOTHING)
        said = network[step, :known]
        for n in range(starts[step], starts[step + 1]):
            place = n - starts[step]
            features = ask(
                composition, room, symbols, starts, ranks, sets, featured, said, step, place, low
            )
            bits[n] = -math.log2(max(room.shares[symbols[n]], 1e-300))
            if learning:
                learn_decision(composition, room, features, place, said, symbols[n])
            if symbols[n] >= FIRST:
                low = signed(ranks[symbols[n]])


@kernel
def network_gradient(
    symbols: Symbols,
    starts: Symbols,
    ranks: Symbols,
    known: int,
    sets: bool,
    outputs: Array,
    doutputs: Array,
) -> float:
    """Fill the gradient of the network's own loss by its outputs ``(T, V)``; return the loss.

    Each decision has a softmax over what can be chosen there; the loss is the mean over steps.
    """
    steps, loss = starts.size - 1, 0.0
    for step in range(steps):
        y, dy = outputs[step], doutputs[step]
        for s in range(dy.size):
            dy[s] = 0
        low = signed(NOTHING)
        for n in range(starts[step], starts[step + 1]):
            place, top, whole = n - starts[step], LEAST, 0.0
            for s in range(known):
                if possible(s, place, ranks, low, sets):
                    top = max(top, y[s])
            for s in range(known):
                if possible(s, place, ranks, low, sets):
                    whole += math.exp(y[s] - top)
            for s in range(known):
                if possible(s, place, ranks, low, sets):
                    dy[s] += math.exp(y[s] - top) / whole / steps
            dy[symbols[n]] -= 1 / steps
            loss += (math.log(whole) + top - y[symbols[n]]) / steps
            if symbols[n] >= FIRST:
                low = signed(ranks[symbols[n]])
    return float(loss)
