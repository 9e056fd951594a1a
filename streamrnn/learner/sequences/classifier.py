"""Labels of whole sequences: a network, memories and linear parts, each with its opinion.

Each learns from its own error, and what they think is mixed. What takes a network a thousand
sequences, counts know at once; so the network sees what they say of each step, too.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamrnn.learner.sequences.blend import Blend
from streamrnn.learner.sequences.hyperparameters import Hyperparameters
from streamrnn.learner.sequences.labelled import LabelLearner, logs_of
from streamrnn.learner.sequences.labels import Label
from streamrnn.learner.sequences.ngrams import GRAMS
from streamrnn.learner.sequences.opinions import Look, Opinions
from streamrnn.learner.sequences.sequence import Steps

LINEAR_LESSONS = 10
"""Past sequences that the linear part of frames learns again with each new one."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is thought of a sequence, before its label is seen.

    Attributes:
        look: The sequence as the experts see it.
        ratios: What the memories say of each step, for the network.
        opinions: The log of how likely each known label is by each of them, ``(E, L)``.
        shares: By all of them, ``(L,)``.
    """

    look: Look
    ratios: list[NDArray[np.float64]]
    opinions: NDArray[np.float64]
    shares: NDArray[np.float64]


class SequenceClassifier(LabelLearner):
    """Predicts the label of each sequence, then learns it.

    Args:
        hyperparameters: What it is made of.
        width: Numbers of a frame, where steps are numbers.
    """

    def __init__(self, hyperparameters: Hyperparameters, width: int = 0) -> None:
        self._grams = GRAMS[hyperparameters.steps]
        super().__init__(hyperparameters, width, len(self._grams), pooled=True)
        self._opinions = Opinions(hyperparameters, self._width, self._room)
        names = [*self._opinions.names, *(["network"] if self._reader else [])]
        self._blend = Blend(names, self._room)

    @property
    def weights(self) -> dict[str, float]:
        """What each opinion weighs."""
        return self._blend.weights

    def answer(self, steps: Steps) -> Answer:
        """Return what is thought of a sequence; nothing is learned."""
        known, frames = len(self.labels), self._placed(steps.frames)
        look = self._opinions.look(steps, frames)
        if not known:
            return Answer(look, [], np.zeros((0, 0)), np.zeros(0))
        opinions, ratios = self._opinions.opinions(look, known), self._ratios_at(look)
        if self._reader:
            reading = self._reading(steps, frames, ratios)
            opinions.append(logs_of(self._reader.outputs(reading)[0, :known]))
        table = np.array(opinions, np.float64).reshape(len(opinions), known)
        return Answer(look, ratios, table, self._blend.shares(table))

    def learn(self, steps: Steps, answer: Answer, label: Label) -> None:
        """Learn the label of a sequence, once.

        Args:
            steps: The sequence.
            answer: What was thought of it just before.
            label: Becomes known if it is new.

        Raises:
            ValueError: There are too many labels; nothing has changed.
        """
        if not self._h.enabled:
            return
        number = self.labels.number(label)
        if number < len(answer.shares):
            self._blend.learn(answer.opinions, answer.shares, number)
        self._make_room()
        if self._framed:
            self._scaling.take_in(self._placed(steps.frames))
            self._opinions.take_in(answer.look)
        # The network sees what memories said before this label: else it would only copy them.
        targets = np.array([number])
        self._learn_network(steps, targets, answer.ratios)
        self._opinions.learn(answer.look, number, len(self.labels))
        self._rehearse()
        self._keep(steps, targets)

    def _ratios(self, steps: Steps) -> list[NDArray[np.float64]]:
        if self._framed or not self._memories:
            return []
        return self._ratios_at(self._opinions.look(steps, steps.frames))

    def _ratios_at(self, look: Look) -> list[NDArray[np.float64]]:
        memory, known = self._opinions.memory, len(self.labels)
        if not (memory and self._memories):
            return []
        return [memory.ratios(places, known) for places in look.places]

    def _rehearse(self) -> None:
        """Let the linear part of frames learn past sequences again."""
        if self._framed:
            for _ in range(min(LINEAR_LESSONS, len(self._reservoir))):
                steps, targets = self._drawn()
                look = self._opinions.look(steps, self._placed(steps.frames))
                self._opinions.learn_again(look, int(targets[0]), len(self.labels))

    def _keep(self, steps: Steps, targets: NDArray[Any]) -> None:
        if self._h.replay.sequences or self._framed:
            self._put(steps, targets)

    def _grow(self, room: int) -> None:
        super()._grow(room)
        self._opinions.grow(room)
        self._blend.grow(room)

    def _tensors(self) -> dict[str, NDArray[Any]]:
        return {**super()._tensors(), **self._opinions.tensors(), **self._blend.tensors()}
