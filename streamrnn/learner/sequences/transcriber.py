"""A transcript of each sequence of frames: speech to text.

A network says at each step which character it hears, or none; its loss is that of all ways to say
the transcript (connectionist temporal classification). Characters become known as they come. What
past transcripts are written like is counted beside it, and both say what is heard: what takes a
network thousands of utterances, counts know after some.
"""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels import ctc
from streamrnn.kernels.products import Array
from streamrnn.learner.sequences.base import SequenceLearner
from streamrnn.learner.sequences.experts import NO_RATIOS
from streamrnn.learner.sequences.hyperparameters import Hyperparameters
from streamrnn.learner.sequences.labels import Labels, room_for
from streamrnn.learner.sequences.reader import Reading
from streamrnn.learner.sequences.sequence import Steps
from streamrnn.learner.sequences.spelling import Decoding, Speller
from streamrnn.learner.state import State

DECODING = Decoding()
FIRST_CHARACTER = ctc.BLANK + 1
"""The output of the first character that became known."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What is heard in a sequence, before its transcript is seen.

    Attributes:
        text: Empty where nothing is, and before any transcript is known.
        score: How much is said for it, a logarithm.
    """

    text: str
    score: float


class Transcriber(SequenceLearner):
    """Predicts the transcript of each sequence, then learns it.

    Args:
        hyperparameters: What it is made of; steps are numbers.
        width: Numbers of a frame.
        decoding: How a transcript is found.
        inertia: How much of the weights that hear stays as it was at each new sequence; the rest
            moves to those that learn (averaged as by Polyak and Juditsky 1992, over the latest). At
            0 they are the same.

    Attributes:
        labels: The characters that are known.
    """

    def __init__(
        self,
        hyperparameters: Hyperparameters,
        width: int,
        decoding: Decoding = DECODING,
        inertia: float = 0.0,
    ) -> None:
        super().__init__(
            hyperparameters, width, room_for(FIRST_CHARACTER), remembered=False, pooled=False
        )
        self.labels = Labels(hyperparameters.most_labels)
        self._speller = Speller(decoding)
        self._inertia, self._heard_with = inertia, self._learned()

    def answer(self, steps: Steps) -> Heard:
        """Return what is heard in a sequence; nothing is learned."""
        if not (self._reader and len(steps) and len(self.labels)):
            return Heard("", 0.0)
        numbers, score = self._speller.find(self._outputs(steps)[:, : self._known])
        return Heard(
            "".join(str(self.labels[n - FIRST_CHARACTER]) for n in numbers.tolist()), score
        )

    def _outputs(self, steps: Steps) -> Array:
        """Return what the averaged weights say of each step, a view."""
        assert self._reader
        parameters, learned = self._reader.network.parameters, self._learned()
        parameters[:] = self._heard_with
        try:
            reading = self._reading(steps, self._placed(steps.frames), NO_RATIOS)
            return self._reader.outputs(reading)
        finally:
            parameters[:] = learned

    def _learned(self) -> Array:
        """Return the weights that learn, a copy."""
        return self._reader.network.parameters.copy() if self._reader else np.zeros(0, np.float32)

    def learn(self, steps: Steps, heard: Heard, text: str) -> None:
        """Learn the transcript of a sequence, once.

        The network does not learn one that is too long for its steps; how it is written is counted
        all the same.

        Args:
            steps: The sequence.
            heard: What was heard in it just before.
            text: Its transcript; characters that are new become known.

        Raises:
            RecordError: There are too many characters; nothing has changed.
        """
        if not self._h.enabled:
            return
        numbers = self.labels.numbers(text) + FIRST_CHARACTER
        self._make_room()
        if len(steps):
            self._scaling.take_in(self._placed(steps.frames))
        fits = len(steps) > 0 and ctc.steps_needed(numbers) <= self._steps_of(len(steps))
        if fits:
            self._learn_network(steps, numbers, None)
            self._heard_with += (1 - self._inertia) * (self._learned() - self._heard_with)
            self._keep(steps, numbers)
        self._speller.count(numbers)

    @property
    def _known(self) -> int:
        """How many outputs mean something."""
        return FIRST_CHARACTER + len(self.labels)

    def _steps_of(self, frames: int) -> int:
        """Return how many steps a network makes of so many frames."""
        return -(-frames // self._h.stride) if self._h.seen else frames

    def _make_room(self) -> None:
        """Grow until there is room for all characters."""
        room = room_for(self._known)
        if room > self._room:
            self._room = room
            if self._reader:
                self._reader.grow(range(self._width), self._numbers, room)
                # The average begins anew: it would have to grow, too.
                self._heard_with = self._learned()

    def _lesson(self, reading: Reading, targets: NDArray[Any]) -> float:
        assert self._reader
        outputs = self._reader.outputs(reading, self._draws.key(), learning=True)
        doutputs = np.zeros(outputs.shape, np.float32)
        loss = self._loss(outputs, targets, doutputs)
        self._reader.learn(doutputs)
        return loss

    def _loss(self, outputs: Array, targets: NDArray[Any], doutputs: Array) -> float:
        known, states = self._known, 2 * len(targets) + 1
        slope = np.empty((len(outputs), known), np.float32)
        logs, forward = np.empty(slope.shape), np.empty((len(outputs), states))
        mine = np.ascontiguousarray(outputs[:, :known])
        backward = np.empty((2, states))
        loss = ctc.transcript_loss(mine, targets, logs, forward, backward, slope)
        if not math.isfinite(loss):
            # A variant of it has too few steps: from that nothing is learned.
            return 0.0
        doutputs[:, :known] = slope / max(1, len(targets))
        return loss / max(1, len(targets))

    def _tensors(self) -> dict[str, NDArray[Any]]:
        heard_with = {"heard_with": self._heard_with}
        return {**super()._tensors(), **self._speller.tensors(), **heard_with}

    def state(self) -> State:
        """Return what to go on from."""
        state = super().state()
        return replace(state, details={**state.details, "labels": list(self.labels)})

    def restore(self, state: State) -> None:
        """Take over a whole state."""
        self.labels.restore(state.details["labels"])
        if room_for(self._known) != self._room:
            # It may have been left with fewer characters than are known here.
            self._room = room_for(self._known)
            if self._reader:
                self._reader = self._make_reader(())
            self._heard_with = self._learned()
        super().restore(state)
