"""What comes next in sequences of symbols and of sets: chances, what is learned, and slopes."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamrnn.kernels import compose
from streamrnn.kernels.compose import END, FIRST, NEW, NOTHING, STOP
from tests.kernels import naive
from tests.kernels.compositions import (
    COLUMNS,
    KNOWN,
    RANKS,
    SETS,
    SYMBOLS,
    Array,
    Score,
    content,
    drawn,
    fresh,
    learned,
    outputs_for,
    read,
    room,
    score,
)

ROWS: dict[tuple[int, ...], int] = {}
"""Of features, as they are found."""
seeds = st.integers(0, 2**32 - 1)


@given(seeds, st.integers(0, 3))
@settings(deadline=None, max_examples=10)
def test_the_chances_of_all_sets_add_up_to_one(seed: int, steps: int) -> None:
    generator, composition = np.random.default_rng(seed), learned(seed, sets=True)
    network, before = outputs_for(generator, steps + 1), drawn(generator, steps, sets=True)
    # New ones may come any number of times, and so never.
    network[:, NEW] = -1e4
    whole = 0.0
    for chosen in ([*symbols, END] for symbols in SETS):
        bits = read(composition, score([*before, chosen]), network, sets=True, learning=False)
        whole += 2 ** -float(bits[-len(chosen) :].sum())
    bits = read(composition, score([*before, [STOP]]), network, sets=True, learning=False)
    assert whole + 2 ** -float(bits[-1]) == pytest.approx(1, abs=1e-9)
    disordered = score([*before, [SYMBOLS[1], SYMBOLS[0], END]])
    assert read(composition, disordered, network, sets=True, learning=False)[-2] > 900


@given(seeds, st.integers(0, 10))
@settings(deadline=None, max_examples=10)
def test_the_chances_of_all_symbols_add_up_to_one(seed: int, steps: int) -> None:
    generator, composition = np.random.default_rng(seed), learned(seed, sets=False)
    network, before = outputs_for(generator, steps + 1), drawn(generator, steps, sets=False)
    bits = [
        read(composition, score([*before, [symbol]]), network, sets=False, learning=False)[-1]
        for symbol in range(KNOWN)
    ]
    assert sum(2 ** -np.array(bits)) == pytest.approx(1, abs=1e-9)
    assert bits[END] > 900 > max(bits[STOP:])


@pytest.mark.parametrize("seed", range(3))
def test_symbols_are_foretold_by_counts_of_what_came_after_the_last_ones(seed: int) -> None:
    # In so large a table none of these contexts meet.
    generator, composition = np.random.default_rng(seed), fresh(1 << 24)
    nothing, counts = np.zeros((16, COLUMNS), np.float32), Counter[tuple[int, ...]]()
    for _ in range(4):
        steps = [*drawn(generator, 15, sets=False), [STOP]]
        read(composition, score(steps), nothing, sets=False, learning=True)
        line = [NOTHING] * compose.EXPERTS + [symbol for (symbol,) in steps]
        for n, e in np.ndindex(len(steps), compose.EXPERTS):
            end = n + compose.EXPERTS
            counts[e, *line[end - e : end]] += 1
            counts[e, *line[end - e : end], line[end]] += 1
    composition.weights[0] = generator.normal(size=composition.weights[0].shape)
    line = [NOTHING] * compose.EXPERTS + [symbol for (symbol,) in steps[:5]]
    logits = np.zeros(KNOWN)
    for e in range(compose.EXPERTS):
        times = counts[e, *line[len(line) - e :]]
        came = np.array([counts[e, *line[len(line) - e :], s] for s in range(KNOWN)])
        chances = (came + compose.PRIOR / KNOWN) / (times + compose.PRIOR)
        confidence = min(times if times < 4 else 1 + int(math.log2(times)), 7)
        logits += composition.weights[0, e, confidence] * np.log(chances)
    logits[END] = -math.inf
    expected = np.exp(logits - logits.max()) / np.exp(logits - logits.max()).sum()
    made, decision = score([*steps[:5], []]), room()
    network = nothing[0, :KNOWN]
    compose.ask(composition, decision, *made, RANKS, False, False, network, 5, 0, NOTHING)
    np.testing.assert_allclose(decision.shares, expected, rtol=1e-6, atol=1e-12)


def test_without_learning_nothing_is_learned() -> None:
    generator, composition = np.random.default_rng(1), learned(1, sets=True)
    before, made = content(composition), score([*drawn(generator, 9, sets=True), [STOP]])
    network = outputs_for(generator, 10)
    bits = read(composition, made, network, sets=True, learning=False)
    assert content(composition) == before
    assert (read(composition, made, network, sets=True, learning=False) == bits).all()


@pytest.mark.parametrize("sets", [False, True])
def test_bits_are_those_before_a_symbol_is_learned(sets: bool) -> None:
    generator = np.random.default_rng(2)
    one, other, decision = learned(2, sets=sets), learned(2, sets=sets), room()
    made = score([*drawn(generator, 9, sets=sets), [STOP]])
    network = outputs_for(generator, 10)
    bits, costs = read(one, made, network, sets=sets, learning=True), []
    for step, (begin, end) in enumerate(zip(made.starts[:-1], made.starts[1:], strict=True)):
        low, said = NOTHING, network[step, :KNOWN]
        for place, symbol in enumerate(made.symbols[begin:end].tolist()):
            features = compose.ask(
                other, decision, *made, RANKS, sets, sets, said, step, place, low
            )
            costs.append(-math.log2(decision.shares[symbol]))
            compose.learn_decision(other, decision, features, place, said, symbol)
            low = int(RANKS[symbol]) if symbol >= FIRST else low
    np.testing.assert_allclose(bits, costs, rtol=1e-12)
    assert content(one) == content(other)


@given(seeds, st.integers(0, 6))
@settings(deadline=None, max_examples=10)
def test_weights_go_against_the_gradient_of_a_decision(seed: int, place: int) -> None:
    generator, composition = np.random.default_rng(seed), learned(seed, sets=True)
    before = drawn(generator, 3, sets=True)
    step, symbol, slot = SYMBOLS[:place], SYMBOLS[6], min(place, compose.SLOTS - 1)
    made, low = score([*before, step]), int(RANKS[step[-1]]) if place else NOTHING
    network, decision = outputs_for(generator, 1)[0, :KNOWN], room()

    def ask() -> tuple[int, float]:
        features = compose.ask(
            composition, decision, *made, RANKS, True, True, network, 3, place, low
        )
        return features, -math.log(decision.shares[symbol])

    c, one = composition, slice(slot, slot + 1)
    parts = [
        (c.weights[slot], c.weight_squares[slot], compose.WEIGHT_RATE),
        (c.trust[one], c.trust_squares[one], compose.NETWORK_RATE),
    ]
    expected = []
    for weights, squares, rate in parts:
        slopes = naive.differences(weights, lambda: ask()[1])
        after = squares + slopes**2
        expected.append((weights - rate * slopes / np.sqrt(after), after))
    features, _ = ask()
    slope = np.zeros(COLUMNS)
    slope[:KNOWN] = decision.shares - (np.arange(KNOWN) == symbol)
    table, table_squares = c.features.copy(), c.feature_squares.copy()
    assert features > 1
    for row in decision.rows[:features].tolist():
        table_squares[row] += slope**2
        table[row] -= compose.FEATURE_RATE * slope / np.sqrt(table_squares[row])

    compose.learn_decision(composition, decision, features, place, network, symbol)
    for (weights, squares, _), (moved, grown) in zip(parts, expected, strict=True):
        np.testing.assert_allclose(weights, moved, atol=1e-8)
        np.testing.assert_allclose(squares, grown, atol=1e-6)
    np.testing.assert_allclose(c.features, table, atol=1e-6)
    np.testing.assert_allclose(c.feature_squares, table_squares, rtol=1e-5)


def contexts_of(steps: list[list[int]]) -> list[int]:
    """Return the hash of each context of the decision that goes on the last step."""
    found = np.zeros(compose.EXPERTS, np.uint64)
    compose.fill_contexts(*score(steps), len(steps) - 1, len(steps[-1]), True, found)
    return found.tolist()


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ([[6, END], [3, 4, 5, END], [3, 4, 5, END], [7]], set()),
        ([[END], [3, 4, 6, END], [3, 4, 5, END], [7]], set()),
        ([[END], [3, 6, 5, END], [3, 4, 5, END], [7]], {4, 8}),
        ([[END], [3, 4, 5, END], [3, 4, 6, END], [7]], {3, 7}),
        ([[END], [3, 4, 5, END], [6, 4, 5, END], [7]], {3, 6, 7}),
        ([[END], [3, 4, 5, END], [3, 6, 5, END], [7]], {1, 2, 3, 4, 6, 7, 8}),
        ([[END], [3, 4, 5, END], [3, 4, 5, END], [8]], {0, 1, 2, 3, 4, 5, 6, 7}),
        ([[END], [END], [3, 4, 5, END], [3, 4, 5, END], [7]], {8}),
        ([[END], [3, 4, 5, END], [3, 4, 5, END], [6, 8]], {2, 3, 5}),
        ([[END], [3, 4, 5, END], [3, 6, 5, END], []], {3, 7}),
    ],
)
def test_each_context_sees_its_part_of_what_came_before(
    changed: list[list[int]], expected: set[int]
) -> None:
    one = contexts_of([[END], [3, 4, 5, END], [3, 4, 5, END], [7, 8][: len(changed[-1])]])
    other = contexts_of(changed)
    assert len(set(one)) == compose.EXPERTS
    assert {e for e in range(compose.EXPERTS) if one[e] != other[e]} == expected


@given(seeds, st.integers(0, 6), st.integers(0, 5))
@settings(deadline=None, max_examples=20)
def test_features_are_symbols_so_far_and_those_of_the_last_three_steps(
    seed: int, place: int, step: int
) -> None:
    rows, steps = room().rows, drawn(np.random.default_rng(seed), step, sets=True)
    steps.append(SYMBOLS[:place])
    features = compose.fill_features(*score(steps), step, place, rows)
    former = steps[-2][place] if step and place < len(steps[-2]) else NOTHING
    seen = [(back, s) for back in range(4) if back <= step for s in steps[step - back][:5]]
    assert features == 1 + len(seen) + 1 <= compose.FEATURES
    kinds = [(-1, place), *seen, (9, place, former)]
    for kind, row in zip(kinds, rows.tolist(), strict=False):
        assert ROWS.setdefault(kind, row) == row
    assert len(set(ROWS.values())) > 0.9 * len(ROWS)


@pytest.mark.parametrize("sets", [False, True])
def test_what_comes_again_and_again_costs_little(sets: bool) -> None:
    generator, composition = np.random.default_rng(3), fresh()
    made = score([*drawn(generator, 12, sets=sets), [STOP]])
    nothing = np.zeros((13, COLUMNS), np.float32)
    bits = [read(composition, made, nothing, sets=sets, learning=True).sum() for _ in range(20)]
    assert bits[-1] < 0.1 * bits[0]


def loss_of(made: Score, outputs: Array, *, sets: bool) -> float:
    """Return the mean over steps of what the network's own decisions cost, in nats."""
    loss, steps = 0.0, len(made.starts) - 1
    for step in range(steps):
        low = NOTHING
        chosen = made.symbols[made.starts[step] : made.starts[step + 1]].tolist()
        for place, symbol in enumerate(chosen):
            can = [NEW, *(s for s in SYMBOLS if RANKS[s] > low)]
            can += [END] * sets + [STOP] * (place == 0)
            loss += math.log(sum(math.exp(outputs[step, s]) for s in can)) - outputs[step, symbol]
            low = RANKS[symbol] if symbol >= FIRST else low
    return loss / steps


@pytest.mark.parametrize("sets", [False, True])
def test_the_networks_gradient(sets: bool) -> None:
    generator = np.random.default_rng(4)
    steps = [*drawn(generator, 4, sets=sets), [STOP]]
    made = score([[NEW, *SYMBOLS[1:], END] if sets else [NEW], *steps])
    outputs = generator.normal(size=(6, COLUMNS)) * 2
    doutputs = np.full(outputs.shape, math.nan)
    loss = compose.network_gradient(*made, RANKS, KNOWN, sets, outputs, doutputs)
    assert loss == pytest.approx(loss_of(made, outputs, sets=sets), rel=1e-12)
    expected = naive.differences(outputs, lambda: loss_of(made, outputs, sets=sets))
    np.testing.assert_allclose(doutputs, expected, rtol=0, atol=1e-7 * np.abs(doutputs).max())
    assert not doutputs[:, KNOWN:].any()
