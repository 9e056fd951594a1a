"""Labels of whole sequences: a network, memories and linear parts, each with its opinion.

Each learns from its own error, and what they think is mixed. What takes a network a thousand
sequences, counts know at once; so the network sees what they say of each step, too.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamrnn.learner.sequences.blend import Blend
from streamrnn.learner.sequences.experts import NO_RATIOS
from streamrnn.learner.sequences.hyperparameters import Hyperparameters
from streamrnn.learner.sequences.labelled import LabelLearner
from streamrnn.learner.sequences.labels import Label
from streamrnn.learner.sequences.linears import Look
from streamrnn.learner.sequences.ngrams import NO_PLACES
from streamrnn.learner.sequences.opinions import Opinions
from streamrnn.learner.sequences.reader import Reading
from streamrnn.learner.sequences.reservoir import Reservoir
from streamrnn.learner.sequences.sequence import Steps
from streamrnn.learner.state import State

LINEAR_LESSONS, DESCRIBED = 10, 500
"""Past sequences that the linear part of frames learns again with each new one; of so many."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is thought of a sequence, before its label is seen.

    Attributes:
        look: The sequence as the experts see it.
        reading: The same as the network sees it; None without one, or before any label is known.
        opinions: The log of how likely each known label is by each of them, ``(E, L)``.
        shares: By all of them, ``(L,)``.
    """

    look: Look
    reading: Reading | None
    opinions: NDArray[np.float64]
    shares: NDArray[np.float64]


class SequenceClassifier(LabelLearner):
    """Predicts the label of each sequence, then learns it.

    Args:
        hyperparameters: What it is made of.
        width: Numbers of a frame, where steps are numbers.
    """

    def __init__(self, hyperparameters: Hyperparameters, width: int = 0) -> None:
        super().__init__(hyperparameters, width, remembered=True, pooled=True)
        self._opinions = Opinions(hyperparameters, self._width, self._room)
        names = [*self._opinions.names, *(["network"] if self._reader else [])]
        self._blend = Blend(names, self._room)
        kept = {"description": 1, "label": 1}
        self._described = Reservoir(kept, DESCRIBED, DESCRIBED, self._draws, "described")

    @property
    def weights(self) -> dict[str, float]:
        """What each opinion weighs."""
        return self._blend.weights

    def answer(self, steps: Steps) -> Answer:
        """Return what is thought of a sequence; nothing is learned."""
        known, frames = len(self.labels), self._placed(steps.frames)
        look = self._opinions.look(steps, frames)
        if not known:
            return Answer(look, None, np.zeros((0, 0)), np.zeros(0))
        ratios, reading = self._opinions.ratios(look, known), None
        opinions = self._opinions.opinions(look, ratios, known)
        if self._reader:
            reading = self._reading(steps, frames, ratios)
            opinions.append(self._reader.outputs(reading)[0, :known].astype(np.float64))
        table = np.array(opinions).reshape(len(opinions), known)
        return Answer(look, reading, table, self._blend.shares(table))

    def learn(self, steps: Steps, answer: Answer, label: Label) -> None:
        """Learn the label of a sequence, once.

        Args:
            steps: The sequence.
            answer: What was thought of it just before.
            label: Becomes known if it is new.

        Raises:
            RecordError: There are too many labels; nothing has changed.
        """
        if not self._h.enabled:
            return
        number = self.labels.number(label)
        if number < len(answer.shares):
            self._blend.learn(answer.opinions, answer.shares, number)
        self._make_room()
        # The network sees what memories said before this label: else it would only copy them.
        targets = np.array([number])
        self._learn_network(steps, targets, answer.reading)
        self._opinions.learn(answer.look, answer.opinions, number, len(self.labels))
        if self._framed:
            self._scaling.take_in(self._placed(steps.frames))
            self._opinions.take_in(answer.look)
            self._rehearse()
            self._described.put((answer.look.description, targets), 1)
        self._keep(steps, targets)

    def _ratios(self, steps: Steps) -> NDArray[np.float64]:
        if not self._remembered:
            return NO_RATIOS
        look = self._opinions.look(steps, steps.frames)
        return self._opinions.ratios(look, len(self.labels))

    def _rehearse(self) -> None:
        """Let the linear part of frames learn past sequences again."""
        for _ in range(min(LINEAR_LESSONS, len(self._described))):
            description, label = self._described.draw()
            look = Look(NO_PLACES, NO_PLACES, description)
            self._opinions.learn_again(look, int(label[0]), len(self.labels))

    def _grow(self, room: int) -> None:
        super()._grow(room)
        self._opinions.grow(room)
        self._blend.grow(room)

    def _tensors(self) -> dict[str, NDArray[Any]]:
        return {**super()._tensors(), **self._opinions.tensors(), **self._blend.tensors()}

    def state(self) -> State:
        """Return what to go on from."""
        state = super().state()
        return replace(state, tensors={**state.tensors, **self._described.tensors()})

    def restore(self, state: State) -> None:
        """Take over a whole state."""
        super().restore(state)
        self._described.restore(state.tensors)
