"""A convolution over frames with a stride: each step sees some frames side by side.

    y[t] = max(0, [x[s t - m], ..., x[s t - m + w - 1]] W + b)        m = (w - 1) // 2

Frames beyond both ends are zero. The product itself is `streamrnn.kernels.linear`'s.
"""

from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.products import Array


@kernel
def convolved_steps(frames: int, stride: int) -> int:
    """Return how many steps come of so many frames."""
    return (frames + stride - 1) // stride


@kernel
def stack_frames(frames: Array, stride: int, stacked: Array) -> None:
    """Fill ``stacked (T, w G)`` with the frames that each step sees, of ``frames (N, G)``."""
    count, width = frames.shape
    seen = stacked.shape[1] // width
    for t in range(stacked.shape[0]):
        for k in range(seen):
            n = t * stride - (seen - 1) // 2 + k
            part = stacked[t, k * width : (k + 1) * width]
            for j in range(width):
                part[j] = frames[n, j] if 0 <= n < count else 0


@kernel
def rectify(vector: Array) -> None:
    """Set what is below zero to zero (Nair and Hinton 2010)."""
    for j in range(vector.size):
        vector[j] = max(vector[j], vector.dtype.type(0))


@kernel
def rectify_backward(vector: Array, dvector: Array) -> None:
    """Turn the gradient by what was rectified into that by what came in."""
    for j in range(vector.size):
        if vector[j] <= 0:
            dvector[j] = 0
