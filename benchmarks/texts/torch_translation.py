"""The network of a translator in PyTorch, given the same pairs and the same lessons."""

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from benchmarks.texts.translating import NONE, Lesson, Script
from streamrnn.learner.sequences.translation import TranslatorHyperparameters


class _Network:
    """Vectors, encoder, decoder, attention and a choice among candidates; what learns them.

    Args:
        h: Says how large each is.
        rows: Of the table of pieces of source words.
    """

    def __init__(self, h: TranslatorHyperparameters, rows: int) -> None:
        torch = self.torch = import_module("torch")
        torch.set_num_threads(1)
        torch.manual_seed(1)
        nn, self.h = torch.nn, h
        given, made = h.embedding * (2 if h.look else 1), h.keys + h.width
        self.source = nn.EmbeddingBag(rows, h.embedding, mode="sum", sparse=True)
        self.target = nn.Embedding(h.most_words, h.embedding, sparse=True)
        self.words = nn.Embedding(h.most_words, h.width, sparse=True)
        self.biases = nn.Embedding(h.most_words, 1, sparse=True)
        self.encoder = nn.LSTM(h.embedding, h.hidden, bidirectional=True)
        self.decoder = nn.LSTM(given, h.decoder)
        self.encoded = nn.Linear(h.embedding + 2 * h.hidden, made)
        self.decoded = nn.Linear(given + h.decoder, made)
        modules = [self.encoder, self.decoder, self.encoded, self.decoded]
        self.parameters = [p for module in modules for p in module.parameters()]
        adagrad, read = torch.optim.Adagrad, [self.source.weight, self.target.weight]
        self.optimizers = [
            torch.optim.Adam(self.parameters, lr=0.003, fused=True),
            adagrad(read, lr=h.embedding_rate),
            adagrad([self.words.weight, self.biases.weight], lr=h.output_rate),
        ]

    def states(self, layer: Any, head: Any, given: Sequence[Any]) -> Any:
        """Return what a head makes of each of some sequences and its states."""
        torch, rnn = self.torch, self.torch.nn.utils.rnn
        lengths = [*map(len, given)]
        if len(given) == 1:
            return [head(torch.cat([given[0], layer(given[0])[0]], 1))]
        run, _ = layer(rnn.pack_sequence(given, enforce_sorted=False))
        padded, _ = rnn.pad_packed_sequence(run, batch_first=True)
        read = [states[:length] for states, length in zip(padded, lengths, strict=True)]
        return head(torch.cat([torch.cat(given), torch.cat(read)], 1)).split(lengths)

    def logits(self, lessons: Sequence[Lesson]) -> list[Any]:
        """Return the logits of the candidates of each pair, ``(T, C)``."""
        torch, h = self.torch, self.h
        pieces = torch.cat([torch.from_numpy(each.pieces) for each in lessons])
        lengths = [len(each.pieces) for each in lessons]
        sources = self.source(pieces).split(lengths)
        former = torch.cat([torch.from_numpy(each.former) for each in lessons])
        given = self.target(former).split([len(each.former) for each in lessons])
        if h.look:
            expected = [torch.from_numpy(each.expected) for each in lessons]
            given = [
                torch.cat([vectors, where @ source], 1)
                for vectors, where, source in zip(given, expected, sources, strict=True)
            ]
        encoded = self.states(self.encoder, self.encoded, sources)
        decoded = self.states(self.decoder, self.decoded, given)
        found = []
        for each, source, target in zip(lessons, encoded, decoded, strict=True):
            keys, values = source.split([h.keys, h.width], 1)
            queries, own = target.split([h.keys, h.width], 1)
            attention = torch.softmax(queries @ keys.T, 1)
            states = torch.tanh(attention @ values + own)
            candidates = torch.from_numpy(each.candidates)
            found.append(states @ self.words(candidates).T + self.biases(candidates).T)
        return found

    def learn(self, lessons: Sequence[Lesson]) -> list[int]:
        """Take one learning step; return what was chosen for the first pair before it."""
        torch = self.torch
        logits = self.logits(lessons)
        losses = [
            torch.nn.functional.cross_entropy(
                one, torch.from_numpy(each.truth), ignore_index=NONE, reduction="sum"
            )
            for one, each in zip(logits, lessons, strict=True)
        ]
        (sum(losses) * (self.h.loss_scale / len(losses))).backward()
        torch.nn.utils.clip_grad_norm_(self.parameters, 1.0)
        for optimizer in self.optimizers:
            optimizer.step()
            optimizer.zero_grad()
        chosen: list[int] = logits[0].argmax(1).tolist()
        return chosen


def follows(script: Script) -> Callable[[], None]:
    """Return what does all that a script says."""
    network = _Network(script.hyperparameters, script.rows)

    def run() -> None:
        for lessons in script.steps:
            network.learn(lessons)

    return run
