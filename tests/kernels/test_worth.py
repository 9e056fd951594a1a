"""What is said for each label by its worth, against plain NumPy and finite differences."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from streamrnn.kernels import worth

seeds = st.integers(0, 2**32 - 1)


@given(seeds, st.integers(1, 9), st.integers(1, 3), st.integers(1, 4))
@settings(deadline=None, max_examples=20)
def test_outputs_are_centred_and_each_stands_for_so_many_steps(
    seed: int, steps: int, hop: int, labels: int
) -> None:
    outputs = np.random.default_rng(seed).normal(size=(-(-steps // hop), labels + 2))
    said = np.empty((steps, labels))
    worth.centre_outputs(outputs.astype(np.float32), hop, said)
    first = outputs.astype(np.float32)[:, :labels].repeat(hop, 0)[:steps].astype(np.float64)
    np.testing.assert_allclose(said, first - first.mean(1, keepdims=True), atol=1e-12)


@given(seeds)
@settings(deadline=None, max_examples=20)
def test_scores_are_what_is_said_by_its_worth_and_that_is_learned(seed: int) -> None:
    generator = np.random.default_rng(seed)
    said, weights, wanted = (generator.normal(size=shape) for shape in ((3, 5, 2), 3, (5, 2)))
    weights, squares = np.abs(weights), np.ones(3)

    def loss() -> float:
        scores = np.zeros((5, 2))
        worth.add_worth(said, weights, scores)
        np.testing.assert_allclose(scores, np.tensordot(weights, said, 1), rtol=1e-12, atol=1e-12)
        return float(((scores - wanted) ** 2).sum() / 2)

    before, slopes = weights.copy(), np.empty(3)
    for k in range(3):
        sides = []
        for side in (1e-4, -1e-4):
            weights[:] = before
            weights[k] += side
            sides.append(loss())
        slopes[k] = (sides[0] - sides[1]) / 2e-4
    weights[:] = before
    dscores = np.tensordot(weights, said, 1) - wanted
    worth.learn_worth(said, dscores, weights, squares)
    np.testing.assert_allclose(squares, 1 + slopes**2, rtol=1e-7)
    expected = np.maximum(0, before - worth.RATE * slopes / np.sqrt(squares))
    np.testing.assert_allclose(weights, expected, rtol=1e-7, atol=1e-12)
