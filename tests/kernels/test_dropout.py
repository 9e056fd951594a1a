"""What is left out: how much, how what stays grows, and that nothing foretells it."""

import numpy as np
import pytest

from streamrnn.kernels.dropout import fill_mask, multiply


def test_about_the_share_that_was_asked_for_is_left_out_and_the_rest_grows() -> None:
    mask = np.empty(20_000)
    for chance in (0.1, 0.5, 0.9):
        fill_mask(mask, chance, np.uint64(2**63))
        assert np.unique(mask) == pytest.approx([0, 1 / (1 - chance)])
        assert (mask == 0).mean() == pytest.approx(chance, abs=0.01)
    fill_mask(mask, 0.0, np.uint64(1))
    assert (mask == 1).all()


def test_a_mask_says_nothing_about_that_of_another_key_or_about_the_next_number() -> None:
    masks = np.empty((50, 1000))
    for key, mask in enumerate(masks):
        fill_mask(mask, 0.3, np.uint64(key))
    again = masks[7].copy()
    fill_mask(again, 0.3, np.uint64(7))
    assert again.tobytes() == masks[7].tobytes()
    keys = np.array(np.corrcoef(masks))[np.triu_indices(50, 1)]
    assert np.abs(keys).max() < 0.16
    beside = np.array(np.corrcoef(masks[:, 1:].ravel(), masks[:, :-1].ravel()))
    assert abs(beside[0, 1]) < 0.02


def test_what_is_left_out_is_zero() -> None:
    vector = np.array([3.0, -2.0, 5.0])
    multiply(np.array([2.0, 0.0, 1.0]), vector)
    assert vector.tolist() == [6.0, 0.0, 5.0]
