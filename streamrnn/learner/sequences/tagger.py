"""A label for each step of a sequence: evidence for each, and a chain that says what follows what.

Two kinds of chain: where steps are words or frames, one whose scores are learned with all else, as
a conditional random field; where they are characters, one that counts, beside the chance that a
label makes the symbols that are there.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamrnn.learner.sequences.chain import CountedChain, LearnedChain
from streamrnn.learner.sequences.evidence import (
    WORD_MEMORIES,
    Emissions,
    StepMemory,
    StepWide,
    Windows,
    windows_of,
)
from streamrnn.learner.sequences.hyperparameters import Hyperparameters
from streamrnn.learner.sequences.labelled import LabelLearner, logs_of
from streamrnn.learner.sequences.labels import Label
from streamrnn.learner.sequences.sequence import Steps
from streamrnn.learner.state import State


@dataclass(frozen=True, slots=True)
class Tags:
    """What is thought of each step, before its label is seen.

    Attributes:
        windows: The sequence as it is looked at.
        numbers: The label of each step, ``(T,)``; empty before any is known.
    """

    windows: Windows
    numbers: NDArray[np.int64]


class SequenceTagger(LabelLearner):
    """Predicts the label of each step, then learns them.

    Args:
        hyperparameters: What it is made of.
        width: Numbers of a frame, where steps are numbers.
    """

    def __init__(self, hyperparameters: Hyperparameters, width: int = 0) -> None:
        h, room = hyperparameters, 4
        kinds = 0 if h.steps == "numbers" else len(WORD_MEMORIES)
        super().__init__(h, width, kinds, pooled=False)
        symbols = h.steps != "numbers"
        self._memory = StepMemory(kinds, h.rows, room) if symbols else None
        told = "memory" in h.experts and symbols
        self._told = self._memory if told else None
        self._wide = StepWide(h.rows, room) if "wide" in h.experts and symbols else None
        made = "emissions" in h.experts and symbols
        self._emissions = Emissions(h.rows, room) if made else None
        self._chain: LearnedChain | CountedChain = (
            CountedChain(room) if made else LearnedChain(room)
        )
        self._worth, self._worth_squares = np.array([0.3]), np.ones(1)

    def answer(self, steps: Steps) -> Tags:
        """Return what is thought of each step; nothing is learned."""
        windows = windows_of(steps, self._h.steps, self._h.rows)
        if not len(self.labels):
            return Tags(windows, np.zeros(0, np.int64))
        unary, _, _ = self._scores(steps, windows)
        return Tags(windows, self._chain.decode(unary, list(self.labels), windows.around))

    def _scores(
        self, steps: Steps, windows: Windows
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Return the score of each label at each step, what memories and the network say of it."""
        known = len(self.labels)
        unary = np.zeros((len(steps), known))
        ratios, outputs = np.zeros((0, len(steps), known)), np.zeros((len(steps), known))
        if self._memory:
            ratios = self._memory.ratios(windows, known)
        if self._told:
            unary += self._told.scores(ratios)
        if self._wide:
            self._wide.add(windows, unary)
        if self._emissions:
            self._emissions.add(windows, unary)
        if self._reader:
            reading = self._reading(steps, self._placed(steps.frames), list(ratios))
            made = logs_of(self._reader.outputs(reading)[:, :known])
            if len(made) != len(steps):
                made = made[np.arange(len(steps)) // self._h.stride]
            outputs = made - made.mean(1, keepdims=True)
            unary += self._worth[0] * outputs
        return unary, ratios, outputs

    def learn(self, steps: Steps, tags: Tags, labels: list[Label]) -> None:
        """Learn the labels of a sequence, once.

        Args:
            steps: The sequence.
            tags: What was thought of it just before.
            labels: One a step; those that are new become known.

        Raises:
            ValueError: There are too many labels; nothing of the sequence is learned.
        """
        if not self._h.enabled:
            return
        numbers = np.array([self.labels.number(label) for label in labels])
        self._make_room()
        if self._framed:
            self._scaling.take_in(self._placed(steps.frames))
        unary, ratios, outputs = self._scores(steps, tags.windows)
        if isinstance(self._chain, LearnedChain):
            self._learn_chain(tags.windows, unary, ratios, outputs, numbers)
        else:
            self._chain.count(numbers, tags.windows.around)
        self._learn_network(steps, numbers)
        if self._memory:
            self._memory.remember(tags.windows, numbers)
        if self._emissions:
            self._emissions.count(steps, tags.windows, numbers)
        self._keep(steps, numbers)

    def _learn_chain(
        self,
        windows: Windows,
        unary: NDArray[np.float64],
        ratios: NDArray[np.float64],
        outputs: NDArray[np.float64],
        numbers: NDArray[np.int64],
    ) -> None:
        assert isinstance(self._chain, LearnedChain)
        dunary, _ = self._chain.learn(unary, numbers, windows.around)
        if self._told:
            self._told.learn(ratios, dunary)
        if self._wide:
            self._wide.learn(windows, dunary)
        if self._reader:
            slope = float((outputs * dunary).sum())
            self._worth_squares += slope * slope
            self._worth -= 0.05 * slope / np.sqrt(self._worth_squares)
            np.maximum(self._worth, 0, out=self._worth)

    def _ratios(self, steps: Steps) -> list[NDArray[np.float64]]:
        if not (self._memory and self._memories):
            return []
        windows = windows_of(steps, self._h.steps, self._h.rows)
        return list(self._memory.ratios(windows, len(self.labels)))

    def _grow(self, room: int) -> None:
        super()._grow(room)
        for part in (self._memory, self._wide, self._emissions, self._chain):
            if part:
                part.grow(room)

    def _tensors(self) -> dict[str, NDArray[Any]]:
        found = {**super()._tensors(), **self._chain.tensors()}
        for part in (self._memory, self._wide, self._emissions):
            found |= part.tensors() if part else {}
        return {**found, "worth": self._worth, "worth_squares": self._worth_squares}

    def state(self) -> State:
        """Return what to go on from."""
        state = super().state()
        seen = self._emissions.seen if self._emissions else []
        return State(state.tensors, [], {}, {**state.details, "symbols": seen}, [])

    def restore(self, state: State) -> None:
        """Take over a whole state."""
        super().restore(state)
        if self._emissions:
            self._emissions.restore(state.details["symbols"])
