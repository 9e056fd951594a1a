"""Sequences that are learned to compile what learns, before the first record is awaited."""

import numpy as np

from streamrnn.learner.sequences.sequence import Steps, of_frames, of_symbols, of_words

LENGTH = 8


def trial(steps: str) -> Steps:
    """Return a short sequence of this kind of steps."""
    if steps == "words":
        return of_words(["one", "two"] * (LENGTH // 2))
    if steps == "numbers":
        return of_frames(np.ones((LENGTH, 2), np.float32))
    return of_symbols("ab" * (LENGTH // 2))
