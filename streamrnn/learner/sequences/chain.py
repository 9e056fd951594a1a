"""The chain of labels: scores of pairs that are learned, counted, or ruled out."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels import transitions
from streamrnn.kernels.chain import NEVER, best_path, chain_gradient, learn_pairs
from streamrnn.kernels.ngrams import Places
from streamrnn.learner.sequences.experts import wider, wider_square
from streamrnn.learner.sequences.labels import Label

RATE, FIRST_SQUARE = 0.1, 0.1
COUNTS = 1 << 20
INSIDE = "I-"
"""What goes on within a span, by the scheme of Ramshaw and Marcus (1995)."""


@lru_cache(256)
def forbidden(labels: tuple[Label, ...]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which labels may not follow which, ``(L, L)``, and which may not begin, ``(L,)``.

    Where all labels are O, or begin with B- or I-, what goes on must have begun.
    """
    many = len(labels)
    pairs, begin = np.zeros((many, many), np.bool_), np.zeros(many, np.bool_)
    names = [str(label) for label in labels]
    if all(name == "O" or name[:2] in ("B-", INSIDE) for name in names):
        for later, name in enumerate(names):
            if name.startswith(INSIDE):
                begin[later] = True
                for former, other in enumerate(names):
                    pairs[former, later] = other == "O" or other[2:] != name[2:]
    return pairs, begin


class LearnedChain:
    """Scores of pairs that are learned with all else, as a conditional random field.

    Args:
        room: Labels that there is room for.
    """

    def __init__(self, room: int) -> None:
        self._pairs = np.zeros((room, room))
        self._squares = np.full((room, room), FIRST_SQUARE)

    def decode(
        self, unary: NDArray[np.float64], labels: Sequence[Label], windows: Places
    ) -> NDArray[np.int64]:
        """Return the best path, ``(T,)``; see `best_path`."""
        many = unary.shape[1]
        never, not_first = forbidden(tuple(labels))
        pairs = np.where(never, NEVER, self._pairs[:many, :many])
        return decoded(unary, pairs[np.newaxis], np.where(not_first, NEVER, 0.0))

    def learn(
        self, unary: NDArray[np.float64], labels: NDArray[np.int64], windows: Places
    ) -> tuple[NDArray[np.float64], float]:
        """Learn the pairs; return the gradient by the scores of steps, ``(T, L)``, and the loss."""
        steps, many = unary.shape
        pairs = np.ascontiguousarray(self._pairs[:many, :many])
        dunary, dpairs = np.empty((steps, many)), np.empty((many, many))
        forward, backward = np.empty((2, steps, many))
        loss = chain_gradient(
            unary,
            pairs,
            np.zeros(many),
            labels,
            forward,
            backward,
            np.empty((many, many)),
            dunary,
            dpairs,
        )
        learn_pairs(self._pairs, self._squares, dpairs, RATE)
        return dunary, loss

    def grow(self, room: int) -> None:
        """Make room for so many labels."""
        self._pairs = wider_square(self._pairs, room)
        self._squares = wider_square(self._squares, room, FIRST_SQUARE)

    def tensors(self) -> dict[str, NDArray[Any]]:
        """Return what it has learned, views."""
        return {"chain_pairs": self._pairs, "chain_squares": self._squares}


class CountedChain:
    """How often which label followed which, at all and in which window of symbols.

    Args:
        room: Labels that there is room for.
    """

    def __init__(self, room: int) -> None:
        self._counts = np.zeros((blocks_for(room), room, room))
        self._followed, self._first = np.zeros((room, room)), np.ones(room)

    def decode(
        self, unary: NDArray[np.float64], labels: Sequence[Label], windows: Places
    ) -> NDArray[np.int64]:
        """Return the best path, ``(T,)``; see `best_path`."""
        steps, many = unary.shape
        pairs = np.empty((steps, many, many))
        followed = np.ascontiguousarray(self._followed[:many, :many])
        transitions.fill_pairs(windows, self._counts, followed, pairs)
        never, not_first = forbidden(tuple(labels))
        pairs[:, never] = NEVER
        first = self._first[:many]
        return decoded(unary, pairs, np.where(not_first, NEVER, np.log(first / first.sum())))

    def count(self, labels: NDArray[np.int64], windows: Places) -> None:
        """Count the labels of a sequence."""
        transitions.count_pairs(windows, labels, self._counts, self._followed)
        self._first[labels[0]] += 1

    def grow(self, room: int) -> None:
        """Make room for so many labels."""
        former = self._counts
        # Windows that meet in the smaller number of blocks are counted as one.
        folded = former.reshape(-1, blocks_for(room), *former.shape[1:]).sum(0)
        self._counts = np.zeros((blocks_for(room), room, room))
        self._counts[:, : former.shape[1], : former.shape[1]] = folded
        self._followed = wider_square(self._followed, room)
        self._first = wider(self._first, room, 1.0)

    def tensors(self) -> dict[str, NDArray[Any]]:
        """Return what it has learned, views."""
        return {
            "chain_counts": self._counts,
            "chain_followed": self._followed,
            "chain_first": self._first,
        }


def blocks_for(room: int) -> int:
    """Return how many windows are told apart: so that a table keeps its size as labels come."""
    return max(1, COUNTS // room**2)


def decoded(
    unary: NDArray[np.float64], pairs: NDArray[np.float64], begin: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Return the best path; see `best_path`."""
    scores, back = np.empty(unary.shape), np.empty(unary.shape, np.int64)
    path = np.empty(len(unary), np.int64)
    best_path(unary, pairs, begin, scores, back, path)
    return path
