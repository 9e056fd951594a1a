"""A network over sequences that has become wider: more inputs, more outputs, nothing unlearned."""

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels import network, whole
from streamrnn.kernels.products import Array
from streamrnn.kernels.views import view
from streamrnn.learner.sequence_network import SequenceNetwork

Indices = NDArray[np.int64]


def take_over(former: SequenceNetwork, grown: SequenceNetwork, inputs: Indices) -> None:
    """Put what was learned where it belongs in a wider network.

    The cells' weights of new inputs are drawn as at first, those of the head begin at zero.

    Args:
        former: It has at most as many inputs and outputs.
        grown: Is changed.
        inputs: Where each input of the former is in the grown one, ``(I,)``.
    """
    for part in range(3):
        before = former.model[part * former.size : (part + 1) * former.size]
        after = grown.model[part * grown.size : (part + 1) * grown.size]
        _convolution(former, grown, before, after)
        for old, new in zip(former.plan, grown.plan, strict=True):
            rows = _shifted(inputs, int(old[network.ROWS]), int(new[network.ROWS]))
            view(after, new[network.WEIGHT], (new[network.ROWS], new[network.COLUMNS]))[rows] = (
                view(before, old[network.WEIGHT], (old[network.ROWS], old[network.COLUMNS]))
            )
        _head(former, grown, inputs, before, after)
    grown.updates = former.updates


def _convolution(
    former: SequenceNetwork, grown: SequenceNetwork, before: Array, after: Array
) -> None:
    shape, a = former.shape, former.architecture
    if a.seen:
        whole_shape = (a.seen * a.inputs + 1, a.channels)
        at, new_at = shape[whole.CONVOLUTION], grown.shape[whole.CONVOLUTION]
        view(after, new_at, whole_shape)[:] = view(before, at, whole_shape)


def _shifted(inputs: Indices, before: int, after: int) -> Indices:
    """Return where each row of a matrix goes whose first rows are the inputs'."""
    return np.concatenate([inputs, np.arange(len(inputs), before) + after - before])


def _head(
    former: SequenceNetwork, grown: SequenceNetwork, inputs: Indices, before: Array, after: Array
) -> None:
    old, new = former.shape, grown.shape
    features = _shifted(inputs, int(old[whole.FEATURES]), int(new[whole.FEATURES]))
    blocks = int(old[whole.PARTS] + old[whole.MAX]) if old[whole.POOLED] else 1
    last, width = int(old[whole.LAST]), int(new[whole.FEATURES])
    rows = [np.arange(last), *(last + block * width + features for block in range(blocks))]
    end = last + blocks * width
    places = np.concatenate([*rows, [end]])
    shape = (len(places), int(old[whole.OUTPUTS]))
    target = view(after, new[whole.HEAD], (end + 1, int(new[whole.OUTPUTS])))
    target[places, : shape[1]] = view(before, old[whole.HEAD], shape)
