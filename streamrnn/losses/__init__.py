"""Losses by name: ``(outputs, targets, known, doutputs) -> mean loss``, see the kernels."""

from collections.abc import Callable
from typing import Any

from numpy.typing import NDArray

from streamrnn.kernels.losses import huber, softmax_cross_entropy, squared

Loss = Callable[[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]], float]

LOSSES: dict[str, Loss] = {
    "squared": squared,
    "huber": huber,
    "softmax_cross_entropy": softmax_cross_entropy,
}
