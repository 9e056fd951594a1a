"""Fused arithmetic: one rounding, one order of additions, the same bits however it is compiled."""

import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba.core.errors import TypingError
from numpy.typing import NDArray

from streamrnn.kernels.compiler import OPTIONS, kernel
from streamrnn.kernels.fused import (
    LANES,
    VECTORS,
    largest,
    multiply_add,
    power_of_two,
    scalar_product,
    total,
)

LEARN = """
import hashlib
import numpy as np
from streamrnn.learner.forecaster import Forecaster, Hyperparameters
from streamrnn.kernels.contexts import MEMORY
from streamrnn.kernels.counting import read
from streamrnn.learner.counting import make_counts, make_scratch
generator = np.random.default_rng(0)
values = 20 + 5 * np.sin(np.arange(800) / 7) + generator.normal(size=800)
forecaster = Forecaster(Hyperparameters(features=1, horizon=3, hidden=12, window=4, stride=2))
rows = np.array([forecaster.streams.row(str(k % 3)) for k in range(800)])
made = forecaster.predict_and_learn(rows, generator.normal(size=(800, 1)), values)
judged = forecaster.judge(rows, values, made)
numbers = [made.values, made.opinions, judged.lower, judged.upper, judged.anomaly]
counts, memory = make_counts(8), np.zeros(MEMORY, np.uint64)
lines = np.zeros((2, 256), np.uint8)
written = b"".join(b"job %d took %d ms\\n" % (k % 7, k * 37 % 91) for k in range(60))
text = np.frombuffer(written, np.uint8)
alike, bits = np.full((len(text), 256), 1 / 256, np.float32), np.zeros(len(text))
read(counts, make_scratch(), memory, lines, text, alike, True, bits)
numbers.append(bits)
print(hashlib.sha256(b"".join(each.tobytes() for each in numbers)).hexdigest())
"""


@kernel
def fused(a: float, b: float, c: float) -> Any:
    return multiply_add(a, b, c)


@kernel
def product(left: NDArray[np.floating], right: NDArray[np.floating]) -> Any:
    return scalar_product(left, right)


@kernel
def summed(vector: NDArray[np.floating]) -> Any:
    return total(vector)


@kernel
def top(vector: NDArray[np.floating]) -> Any:
    return largest(vector)


@kernel
def doubled(exponent: Any) -> Any:
    return power_of_two(exponent)


def exact(a: float, b: float, c: float) -> float:
    """Return ``a * b + c``, rounded once."""
    return float(Fraction(a) * Fraction(b) + Fraction(c))


def in_order(left: NDArray[np.float64], right: NDArray[np.float64]) -> float:
    """Add as `scalar_product` says it does."""
    sums, rest = np.zeros((VECTORS, LANES)), 0.0
    whole = len(left) - len(left) % (VECTORS * LANES)
    even = len(left) - len(left) % LANES
    for k, (a, b) in enumerate(zip(left.tolist(), right.tolist(), strict=True)):
        if k < even:
            place = (k // LANES % VECTORS if k < whole else 0, k % LANES)
            sums[place] = exact(a, b, sums[place])
        else:
            rest = exact(a, b, rest)
    total = sums[0] + sums[1]
    while len(total) > 1:
        total = total[: len(total) // 2] + total[len(total) // 2 :]
    return float(total[0] + rest)


def test_a_product_and_a_sum_are_rounded_once() -> None:
    a = 1 + 2**-27
    assert fused(a, a, -1 - 2**-26) == 2**-54
    assert fused(2.0, 3.0, 4.0) == multiply_add(2.0, 3.0, 4.0) == 10.0


@given(st.integers(0, 70), st.integers(0, 2**32))
@settings(deadline=None)
def test_a_scalar_product_is_added_up_in_its_order(size: int, seed: int) -> None:
    left, right = np.random.default_rng(seed).normal(size=(2, size))
    assert product(left, right) == in_order(left, right)


@given(st.integers(1, 70), st.integers(0, 2**32))
@settings(deadline=None)
def test_a_total_has_the_same_order_and_the_largest_is_found(size: int, seed: int) -> None:
    vector = np.random.default_rng(seed).normal(size=size)
    assert summed(vector) == in_order(vector, np.ones(size))
    assert top(vector) == largest(vector) == vector.max()
    assert total(vector) == pytest.approx(summed(vector))


def test_powers_of_two_are_exact() -> None:
    for exponent in range(-126, 128):
        assert doubled(np.int32(exponent)) == power_of_two(exponent) == np.float32(2.0**exponent)


@pytest.mark.parametrize("number", [np.float32, np.float64])
@pytest.mark.parametrize("size", [0, 1, 7, 8, 9, 16, 31, 500])
def test_a_scalar_product_is_the_plain_one(number: type[np.floating], size: int) -> None:
    left, right = np.random.default_rng(2).normal(size=(2, size)).astype(number)
    tolerance = 1e-5 if number is np.float32 else 1e-13
    assert product(left, right) == pytest.approx(scalar_product(left, right), abs=tolerance)


def test_vectors_with_gaps_and_of_two_types_are_refused() -> None:
    vector = np.zeros(8)
    for left, right in ((vector[::2], vector[:4]), (vector, vector.astype(np.float32))):
        with pytest.raises(TypingError, match="contiguous vectors of one type"):
            product(left, right)


def test_no_freedom_is_granted() -> None:
    assert not OPTIONS.get("fastmath")


@pytest.mark.slow
def test_bits_do_not_depend_on_what_was_compiled_before(tmp_path: Path) -> None:
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}

    def learn() -> str:
        ran = subprocess.run(
            [sys.executable, "-c", LEARN], env=environment, capture_output=True, text=True
        )
        assert not ran.returncode, ran.stderr
        return ran.stdout

    compiled, loaded = learn(), learn()
    indices = sorted(tmp_path.rglob("*.nbi"))
    assert len(indices) > 20
    # Those that call others are compiled anew, with what they call loaded.
    for index in indices:
        if any(
            f".{name}-" in index.name
            for name in ("learn", "mix", "regress", "surround", "read", "foretell")
        ):
            index.unlink()
    mixed = learn()
    assert compiled == loaded == mixed
