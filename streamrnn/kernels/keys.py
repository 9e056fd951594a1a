"""Keys of what stands around each step of a sequence: 64 bits, never 0."""

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.hashing import ONE, Hashes, hashed
from streamrnn.kernels.ngrams import BEYOND

Spans = NDArray[np.int64]


@kernel
def key_around(symbols: Hashes, step: int, kind: int, first: int, last: int) -> np.uint64:
    """Return the key of what stands from ``first`` to ``last`` around a step."""
    found = hashed(np.uint64(kind), BEYOND)
    for k in range(step + first, step + last + 1):
        found = hashed(found, symbols[k] if 0 <= k < symbols.size else BEYOND)
    return np.uint64(found | ONE)


@kernel
def fill_keys(symbols: Hashes, spans: Spans, keys: Hashes) -> None:
    """Fill a key for each step and each kind of what stands around it, ``(N, T)``.

    Args:
        symbols: ``(T,)``, none of them 0.
        spans: Where each kind begins and ends, in steps from the step itself, ``(N, 2)``.
        keys: Filled.
    """
    for n in range(spans.shape[0]):
        for t in range(symbols.size):
            keys[n, t] = key_around(symbols, t, n, spans[n, 0], spans[n, 1])
