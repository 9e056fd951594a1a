"""The same networks in PyTorch, given the same sequences and the same lessons."""

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from benchmarks.sequences.script import Lesson, Script
from streamrnn.learner.sequences.reader import Reader, Reading


class _Network:
    """Vectors, convolution, a recurrent layer, pooling and head, with what learns them.

    Args:
        reader: Says how large each is.
    """

    def __init__(self, reader: Reader) -> None:
        torch = self.torch = import_module("torch")
        torch.set_num_threads(1)
        torch.manual_seed(1)
        a, e, nn = reader.network.architecture, reader.embedding, torch.nn
        self.parts = a.parts if "mean" in a.pooling else 0
        self.pooling = a.pooling
        (layer,) = a.layers
        width = a.channels if a.seen else a.inputs
        ways = 2 if layer.bidirectional else 1
        self.vectors = nn.EmbeddingBag(e.rows, e.width, mode="sum", sparse=True)
        self.convolution = None
        if a.seen:
            self.convolution = nn.Conv1d(a.inputs, width, a.seen, a.stride, (a.seen - 1) // 2)
        self.recurrent = nn.LSTM(width, layer.hidden, bidirectional=ways == 2, batch_first=True)
        states, features = ways * layer.hidden, width + ways * layer.hidden
        pooled = states * ("last" in a.pooling) + features * (self.parts + ("max" in a.pooling))
        self.head = nn.Linear(pooled or features, a.outputs)
        modules = [self.convolution, self.recurrent, self.head]
        self.parameters = [p for module in modules if module for p in module.parameters()]
        self.optimizers = [torch.optim.Adam(self.parameters, lr=0.003, fused=True)]
        self.symbols = e.width > 0
        if self.symbols:
            self.optimizers.append(torch.optim.Adagrad(self.vectors.parameters(), lr=e.rate))

    def inputs(self, reading: Reading) -> Any:
        """Return what the recurrent layer is given, ``(T, I)``."""
        torch = self.torch
        numbers = torch.from_numpy(reading.numbers)
        if self.symbols:
            places = torch.from_numpy(reading.pieces)
            vectors = self.vectors(places % self.vectors.num_embeddings)
            numbers = torch.cat([vectors, numbers], 1)
        if self.convolution:
            numbers = torch.relu(self.convolution(numbers.T[None]))[0].T
        return numbers

    def outputs(self, readings: Sequence[Reading]) -> Any:
        """Return the outputs of some sequences, as one batch: ``(N, O)``, N steps or sequences."""
        rnn = self.torch.nn.utils.rnn
        given = [self.inputs(reading) for reading in readings]
        if len(given) == 1:
            states, (last, _) = self.recurrent(given[0][None])
            return self.head(self.pooled(given[0], states[0], last[:, 0]))
        packed = rnn.pack_sequence(given, enforce_sorted=False)
        states, (last, _) = self.recurrent(packed)
        runs, _ = rnn.pad_packed_sequence(states, batch_first=True)
        seen = [
            self.pooled(one, run[: len(one)], last[:, n])
            for n, (one, run) in enumerate(zip(given, runs, strict=True))
        ]
        return self.head(self.torch.cat(seen))

    def pooled(self, given: Any, states: Any, last: Any) -> Any:
        """Return what the head sees of a sequence."""
        torch, seen = self.torch, []
        features = torch.cat([given, states], 1)
        if not self.pooling:
            return features
        if "last" in self.pooling:
            seen.append(last.reshape(-1))
        if self.parts:
            pool = torch.nn.functional.adaptive_avg_pool1d
            seen.append(pool(features.T[None], self.parts)[0].T.reshape(-1))
        if "max" in self.pooling:
            seen.append(features.max(0).values)
        return torch.cat(seen)[None]

    def learn(self, lessons: Sequence[Lesson]) -> Any:
        """Take one learning step; return the outputs from before it."""
        outputs = self.outputs([lesson.reading for lesson in lessons])
        slopes = [self.torch.from_numpy(lesson.doutputs) for lesson in lessons]
        outputs.backward(self.torch.cat(slopes) / len(slopes))
        self.torch.nn.utils.clip_grad_norm_(self.parameters, 1.0)
        for optimizer in self.optimizers:
            optimizer.step()
            optimizer.zero_grad()
        return outputs


def follows(script: Script) -> Callable[[], None]:
    """Return what does all that a script says."""
    assert script.reader
    network = _Network(script.reader)

    def run() -> None:
        steps = iter([*script.steps, []])
        step = next(steps)
        while step:
            following = next(steps, [])
            if isinstance(step, list):
                network.learn(step)
            elif isinstance(following, list) and _only(following, step):
                # What is learned alone, and at once, is run over only once.
                network.learn(following).tolist()
                following = next(steps, [])
            else:
                with network.torch.inference_mode():
                    network.outputs([step]).tolist()
            step = following

    return run


def _only(lessons: Sequence[Lesson], reading: Reading) -> bool:
    return len(lessons) == 1 and lessons[0].reading is reading
