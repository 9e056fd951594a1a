"""The linear head: equations in `streamrnn.kernels.linear`."""

from numpy.typing import DTypeLike

from streamrnn.arrays import aligned_zeros
from streamrnn.kernels.linear import linear_backward, linear_forward
from streamrnn.kernels.products import Array


class LinearHead:
    """y[t] = x[t] W + b, with a weight that begins as zero: the first outputs are zero.

    Args:
        inputs: Width of the features, I.
        outputs: Width of the output, O.
        steps: The longest run, T.
        dtype: Type of all numbers.
    """

    def __init__(self, inputs: int, outputs: int, steps: int, dtype: DTypeLike) -> None:
        self.weight_shape = (inputs + 1, outputs)
        self._outputs = aligned_zeros((steps, outputs), dtype)
        self._dinputs = aligned_zeros((steps, inputs), dtype)

    def forward(self, weight: Array, inputs: Array) -> Array:
        """Return the outputs ``(T, O)``, a view, for ``inputs (T, I)``."""
        outputs = self._outputs[: len(inputs)]
        linear_forward(weight, inputs, outputs)
        return outputs

    def backward(self, weight: Array, inputs: Array, doutputs: Array, dweight: Array) -> Array:
        """Add the gradient to ``dweight``; return that by the inputs ``(T, I)``, a view."""
        dinputs = self._dinputs[: len(inputs)]
        linear_backward(weight, inputs, doutputs, dinputs, dweight)
        return dinputs
