"""The network of a transcriber in PyTorch, given the same utterances and the same lessons."""

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from benchmarks.texts.transcribing import Lesson, Script
from streamrnn.kernels.products import Array
from streamrnn.learner.sequence_network import SequenceArchitecture


class _Network:
    """Convolution, a recurrent layer both ways, head, and what learns them.

    PyTorch's layer has no RMSNorm before its gates, and is here without.

    Args:
        a: Says how large each is.
    """

    def __init__(self, a: SequenceArchitecture) -> None:
        torch = self.torch = import_module("torch")
        torch.set_num_threads(1)
        torch.manual_seed(1)
        nn, (layer,) = torch.nn, a.layers
        width, ways = a.channels if a.seen else a.inputs, 1 + layer.bidirectional
        self.convolution = None
        if a.seen:
            self.convolution = nn.Conv1d(a.inputs, width, a.seen, a.stride, (a.seen - 1) // 2)
        kind = {"gru": nn.GRU, "lstm": nn.LSTM, "rnn": nn.RNN}[layer.cell]
        self.recurrent = kind(width, layer.hidden, bidirectional=ways == 2)
        self.head = nn.Linear(width + ways * layer.hidden, a.outputs)
        modules = [self.convolution, self.recurrent, self.head]
        self.parameters = [p for module in modules if module for p in module.parameters()]
        self.optimizer = torch.optim.Adam(self.parameters, lr=0.003, fused=True)

    def logs(self, utterances: Sequence[Array]) -> tuple[Any, list[int]]:
        """Return log-chances of characters ``(T, N, O)``, and how many steps each has."""
        torch, rnn = self.torch, self.torch.nn.utils.rnn
        given = [torch.from_numpy(frames) for frames in utterances]
        if self.convolution:
            given = [torch.relu(self.convolution(each.T[None]))[0].T for each in given]
        padded = given[0][:, None]
        if len(given) == 1:
            states, _ = self.recurrent(padded)
        else:
            padded = rnn.pad_sequence(given)
            packed = rnn.pack_sequence(given, enforce_sorted=False)
            states, _ = rnn.pad_packed_sequence(self.recurrent(packed)[0])
        outputs = self.head(torch.cat([padded, states], 2))
        return torch.log_softmax(outputs, 2), [*map(len, given)]

    def learn(self, lessons: Sequence[Lesson]) -> None:
        """Take one learning step."""
        torch = self.torch
        logs, steps = self.logs([lesson.frames for lesson in lessons])
        transcripts = [torch.from_numpy(lesson.transcript) for lesson in lessons]
        loss = torch.nn.functional.ctc_loss(
            logs, torch.cat(transcripts), steps, [*map(len, transcripts)], zero_infinity=True
        )
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.parameters, 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad()

    def hear(self, frames: Array) -> list[int]:
        """Return the likeliest character of each step."""
        with self.torch.inference_mode():
            found: list[int] = self.logs([frames])[0][:, 0].argmax(1).tolist()
        return found


def follows(script: Script) -> Callable[[], None]:
    """Return what does all that a script says."""
    assert script.architecture
    network = _Network(script.architecture)

    def run() -> None:
        for step in script.steps:
            if isinstance(step, list):
                network.learn(step)
            else:
                network.hear(step)

    return run
