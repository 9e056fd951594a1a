"""What each step of a convolution sees, against slices of a padded sequence."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from streamrnn.kernels import convolution


@given(st.integers(1, 20), st.integers(1, 7), st.integers(1, 5), st.integers(1, 3))
@settings(deadline=None, max_examples=50)
def test_each_step_sees_the_frames_around_it(
    count: int, seen: int, stride: int, width: int
) -> None:
    frames = np.arange(1.0, count * width + 1).reshape(count, width)
    steps = convolution.convolved_steps(count, stride)
    assert steps == len(range(0, count, stride))
    stacked = np.full((steps, seen * width), 9.0)
    convolution.stack_frames(frames, stride, stacked)
    before = (seen - 1) // 2
    padded = np.pad(frames, ((before, seen - 1 - before), (0, 0)))
    for t in range(steps):
        window = padded[t * stride : t * stride + seen]
        assert stacked[t].tolist() == window.ravel().tolist()


def test_nothing_goes_back_through_what_was_below_zero() -> None:
    vector, dvector = np.array([-1.0, 0.0, 2.0]), np.array([5.0, 6.0, 7.0])
    convolution.rectify(vector)
    assert vector.tolist() == [0, 0, 2]
    convolution.rectify_backward(vector, dvector)
    assert dvector.tolist() == [0, 0, 7]
