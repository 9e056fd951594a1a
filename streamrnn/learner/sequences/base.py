"""What all learners of targets share: the network with its lessons, replay, and state."""

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamrnn.kernels import frames as frame_kernels
from streamrnn.kernels.memory import add_ratios
from streamrnn.kernels.products import Array
from streamrnn.layers.stack import Layer
from streamrnn.learner.lessons import Totals
from streamrnn.learner.sequence_network import SequenceArchitecture
from streamrnn.learner.sequences.experts import NO_RATIOS
from streamrnn.learner.sequences.frames import Frames, Scaling, varied
from streamrnn.learner.sequences.hyperparameters import Hyperparameters
from streamrnn.learner.sequences.ngrams import NO_PLACES, places_of_pieces
from streamrnn.learner.sequences.reader import Embedding, Reader, Reading
from streamrnn.learner.sequences.sequence import AXES, Steps
from streamrnn.learner.sequences.whole import WholeSequences
from streamrnn.learner.state import State

RATIO_SCALE = 0.3
"""Of what a memory says, as the network sees it: about one deviation."""
KEPT = {**AXES, "targets": 1}
"""What is kept of a sequence that is learned again, and the axes of each array."""


class SequenceLearner(WholeSequences, ABC):
    """A network over sequences.

    Args:
        hyperparameters: What it is made of.
        width: Numbers of a frame, where steps are numbers.
        outputs: Of the network.
        remembered: Whether the network sees what memories know of each step.
        pooled: Whether a sequence has one target; else each step has one.
    """

    def __init__(
        self,
        hyperparameters: Hyperparameters,
        width: int,
        outputs: int,
        *,
        remembered: bool,
        pooled: bool,
    ) -> None:
        super().__init__(hyperparameters, KEPT)
        h = hyperparameters
        self._framed = h.steps == "numbers"
        self._width = width + 2 if h.points else width
        self._remembered = remembered and h.memory_inputs and not self._framed
        self._room = outputs
        self._scaling = Scaling(self._width)
        if h.network:
            self._reader = self._make_reader(h.pooling if pooled else ())

    def _make_reader(self, pooling: tuple[str, ...]) -> Reader:
        h = self._h
        architecture = SequenceArchitecture(
            (Layer(h.cell, h.hidden, h.bidirectional),) * h.layers,
            self._numbers,
            self._room,
            pooling=pooling,
            parts=h.parts,
            seen=h.seen,
            stride=h.stride,
            channels=h.channels,
            dropout=h.dropout,
            norm=h.norm,
            seed=h.seed,
        )
        width = 0 if self._framed else h.embedding
        embedding = Embedding(width=width, rate=h.embedding_rate)
        return Reader(architecture, embedding, h.optimization)

    @property
    def _numbers(self) -> int:
        """How many numbers the network is given of a step beside its vector."""
        return self._width if self._framed else self._room * self._remembered

    def _placed(self, frames: Frames) -> Frames:
        """Return frames with their points around their centre, if they are points."""
        if not (self._h.points and self._framed):
            return frames
        centred = np.empty((len(frames), self._width), np.float32)
        frame_kernels.centre_points(frames, centred)
        return centred

    def _reading(self, steps: Steps, frames: Frames, ratios: NDArray[np.float64]) -> Reading:
        """Return what the network is given of a sequence.

        Args:
            steps: The sequence.
            frames: Its frames as they are placed, perhaps varied.
            ratios: What the memories say of each step, ``(K, T, L)``.
        """
        if self._framed:
            return Reading(NO_PLACES, self._scaling.scaled(frames))
        numbers = np.zeros((len(steps), self._numbers), np.float32)
        if self._remembered:
            add_ratios(ratios, RATIO_SCALE, numbers)
        return Reading(places_of_pieces(steps), numbers)

    def _ratios(self, steps: Steps) -> NDArray[np.float64]:
        """Return what the memories say of each step, ``(K, T, L)``; by default nothing."""
        return NO_RATIOS

    def _learn_network(self, steps: Steps, targets: NDArray[Any], reading: Reading | None) -> None:
        """Learn the targets of a sequence, and again those of past ones.

        Args:
            steps: The sequence.
            targets: As they are kept.
            reading: What the network was given of it before, if that still fits.
        """
        if self._reader is None:
            return
        replay = self._h.replay
        # Of a record that was refused half of it may be left.
        self._reader.network.forget()
        for update in range(replay.updates):
            loss, lessons = 0.0, 0
            if update == 0:
                if reading is None or reading.numbers.shape[1] != self._numbers:
                    frames = self._placed(steps.frames)
                    reading = self._reading(steps, frames, self._ratios(steps))
                loss += self._lesson(reading, targets)
                lessons += 1
            for _ in range(min(replay.sequences, len(self._reservoir))):
                former, numbers = self._drawn()
                frames = self._placed(former.frames)
                if self._framed:
                    frames = varied(frames, replay.variation, self._draws)
                loss += self._lesson(self._reading(former, frames, self._ratios(former)), numbers)
                lessons += 1
            if lessons:
                norm, clip = self._reader.network.update(), self._h.optimization.clip
                self.totals = self.totals.with_lesson(norm, loss / lessons, clip)

    def _lesson(self, reading: Reading, targets: NDArray[Any]) -> float:
        """Go back from the loss of a sequence's targets; return it."""
        assert self._reader
        outputs = self._reader.outputs(reading, self._draws.key(), learning=True)
        if len(targets) != len(outputs):
            # A convolution has stepped over frames, or a variant has others.
            places = np.linspace(0, len(targets) - 1, len(outputs)).round().astype(np.int64)
            targets = targets[places]
        doutputs = np.empty(outputs.shape, np.float32)
        loss = self._loss(outputs, targets, doutputs)
        self._reader.learn(doutputs)
        return loss

    @abstractmethod
    def _loss(self, outputs: Array, targets: NDArray[Any], doutputs: Array) -> float:
        """Return the mean loss of the outputs ``(T, O)``.

        Args:
            outputs: Of the network.
            targets: As they are kept, ``(T,)``.
            doutputs: Filled with the gradient, ``(T, O)``.
        """

    def _keep(self, steps: Steps, targets: NDArray[Any]) -> None:
        """Keep a sequence, if any is learned again."""
        if self._h.replay.sequences:
            self._reservoir.put((*steps.arrays, targets), len(steps))

    def _drawn(self) -> tuple[Steps, NDArray[Any]]:
        *arrays, targets = self._reservoir.draw()
        return Steps(*arrays), targets

    def state(self) -> State:
        """Return what to go on from."""
        details = {
            "events": 0,
            "totals": list(self.totals),
            "draws": self._draws.count,
            "updates": self._reader.network.updates if self._reader else 0,
        }
        return State({**self._tensors(), **self._reservoir.tensors()}, [], {}, details, [])

    def _tensors(self) -> dict[str, NDArray[Any]]:
        """Return all that is learned, views."""
        reader = self._reader.tensors() if self._reader else {}
        return {**reader, "scaling": self._scaling.numbers}

    def restore(self, state: State) -> None:
        """Take over a whole state."""
        self.totals = Totals(*state.details["totals"])
        self._draws.count = state.details["draws"]
        for name, array in self._tensors().items():
            array[:] = state.tensors[name]
        if self._reader:
            self._reader.network.updates = state.details["updates"]
        self._reservoir.restore(state.tensors)
