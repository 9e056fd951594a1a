"""A label for each step of a sequence: evidence for each, and a chain that says what follows what.

Two kinds of chain: where steps are words or frames, one whose scores are learned with all else, as
a conditional random field; where they are characters, one that counts, beside the chance that a
label makes the symbols that are there.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels.worth import add_worth, centre_outputs, learn_worth
from streamrnn.learner.sequences.chain import CountedChain, LearnedChain
from streamrnn.learner.sequences.evidence import (
    WORD_MEMORIES,
    Emissions,
    StepMemory,
    StepWide,
    Windows,
    windows_of,
)
from streamrnn.learner.sequences.experts import NO_RATIOS
from streamrnn.learner.sequences.hyperparameters import Hyperparameters
from streamrnn.learner.sequences.labelled import LabelLearner
from streamrnn.learner.sequences.labels import Label
from streamrnn.learner.sequences.reader import Reading
from streamrnn.learner.sequences.sequence import Steps
from streamrnn.learner.state import State

NETWORK_WORTH = 0.3
"""What the network's opinion counts at first; where the chain only counts, always."""


@dataclass(frozen=True, slots=True)
class Tags:
    """What is thought of each step, before its label is seen.

    Attributes:
        windows: The sequence as it is looked at.
        numbers: The label of each step, ``(T,)``; empty before any is known.
        scores: By what they were chosen.
    """

    windows: Windows
    numbers: NDArray[np.int64]
    scores: "Scores"


class Scores(NamedTuple):
    """How much is said for each label at each step.

    Attributes:
        unary: By all, ``(T, L)``.
        ratios: By each memory, ``(K, T, L)``.
        outputs: By the network, centred, ``(T, L)``.
        reading: What the network was given; None without one.
    """

    unary: NDArray[np.float64]
    ratios: NDArray[np.float64]
    outputs: NDArray[np.float64]
    reading: Reading | None = None


class SequenceTagger(LabelLearner):
    """Predicts the label of each step, then learns them.

    Args:
        hyperparameters: What it is made of.
        width: Numbers of a frame, where steps are numbers.
    """

    def __init__(self, hyperparameters: Hyperparameters, width: int = 0) -> None:
        h, symbols = hyperparameters, hyperparameters.steps != "numbers"
        kinds = len(WORD_MEMORIES) if symbols else 0
        super().__init__(h, width, remembered=symbols, pooled=False)
        room = self._room
        told = "memory" in h.experts and symbols
        remembered = told or bool(self._reader and self._remembered)
        self._memory = StepMemory(kinds, h.cells, room) if remembered else None
        self._told = self._memory if told else None
        self._wide = StepWide(h.cells, room) if "wide" in h.experts and symbols else None
        made = "emissions" in h.experts and symbols
        self._emissions = Emissions(h.cells, room) if made else None
        self._chain: LearnedChain | CountedChain = (
            CountedChain(room) if made else LearnedChain(room)
        )
        self._worth, self._worth_squares = np.array([NETWORK_WORTH]), np.ones(1)

    def answer(self, steps: Steps) -> Tags:
        """Return what is thought of each step; nothing is learned."""
        windows = self._windows(steps)
        if not len(self.labels):
            nothing = np.zeros((len(steps), 0))
            scores = Scores(nothing, NO_RATIOS, nothing)
            return Tags(windows, np.zeros(0, np.int64), scores)
        scores = self._scores(steps, windows)
        numbers = self._chain.decode(scores.unary, list(self.labels), windows.around)
        return Tags(windows, numbers, scores)

    def _windows(self, steps: Steps) -> Windows:
        near = self._memory is not None or self._wide is not None
        return windows_of(steps, self._h.steps, near=near)

    def _scores(self, steps: Steps, windows: Windows) -> Scores:
        known = len(self.labels)
        unary = np.zeros((len(steps), known))
        ratios, outputs = np.zeros((0, len(steps), known)), np.zeros((len(steps), known))
        reading: Reading | None = None
        if self._memory:
            ratios = self._memory.ratios(windows, known)
        if self._told:
            self._told.add(ratios, unary)
        if self._wide:
            self._wide.add(windows, unary)
        if self._emissions:
            self._emissions.add(windows, unary)
        if self._reader:
            reading = self._reading(steps, self._placed(steps.frames), ratios)
            hop = self._h.stride if self._h.seen else 1
            centre_outputs(self._reader.outputs(reading), hop, outputs)
            add_worth(outputs[np.newaxis], self._worth, unary)
        return Scores(unary, ratios, outputs, reading)

    def learn(self, steps: Steps, tags: Tags, labels: list[Label]) -> None:
        """Learn the labels of a sequence, once.

        Args:
            steps: The sequence.
            tags: What was thought of it just before.
            labels: One a step; those that are new become known.

        Raises:
            RecordError: There are too many labels; nothing of the sequence is learned.
        """
        if not self._h.enabled:
            return
        numbers = self.labels.numbers(labels)
        self._make_room()
        scores = tags.scores
        if isinstance(self._chain, LearnedChain):
            if scores.unary.shape[1] < len(self.labels):
                scores = self._scores(steps, tags.windows)
            self._learn_chain(tags.windows, scores, numbers)
        else:
            self._chain.count(numbers, tags.windows.around)
        self._learn_network(steps, numbers, scores.reading)
        if self._framed:
            self._scaling.take_in(self._placed(steps.frames))
        if self._memory:
            self._memory.remember(tags.windows, numbers)
        if self._emissions:
            self._emissions.count(steps, tags.windows, numbers)
        self._keep(steps, numbers)

    def _learn_chain(self, windows: Windows, scores: Scores, numbers: NDArray[np.int64]) -> None:
        assert isinstance(self._chain, LearnedChain)
        dunary, _ = self._chain.learn(scores.unary, numbers, windows.around)
        if self._told:
            self._told.learn(scores.ratios, dunary)
        if self._wide:
            self._wide.learn(windows, dunary)
        if self._reader:
            said = scores.outputs[np.newaxis]
            learn_worth(said, dunary, self._worth, self._worth_squares)

    def _ratios(self, steps: Steps) -> NDArray[np.float64]:
        if not (self._memory and self._remembered):
            return NO_RATIOS
        return self._memory.ratios(self._windows(steps), len(self.labels))

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
