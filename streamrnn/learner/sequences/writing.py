"""A translation, word by word: the best of some that are written side by side (beam search)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from streamrnn.errors import RecordError
from streamrnn.kernels.candidates import COMMON, COPY, END
from streamrnn.kernels.drafting import settle, write_greedily
from streamrnn.kernels.products import Array
from streamrnn.kernels.translation import ATTENTION, BIAS, GRIDS, look_ahead
from streamrnn.learner.sequence_network import NOT_FINITE, checked
from streamrnn.learner.sequences.translation import HISTORIES, Source, TranslatorHyperparameters
from streamrnn.learner.sequences.translation_memory import TranslationMemory
from streamrnn.learner.sequences.translation_network import TranslationNetwork

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Written:
    """A translation, perhaps without its end.

    Attributes:
        words: Numbers of its words; V + n is the n-th copy.
        attention: ``(T, S)``.
        score: The mean log-chance of a word, the end among them.
    """

    words: list[int]
    attention: NDArray[np.float32]
    score: float


@dataclass(frozen=True, slots=True)
class _Draft:
    """What is written so far.

    Attributes:
        words: Numbers of its words.
        former: The last two as the network reads them.
        state: Of the decoder.
        known: Of the last word; see `streamrnn.kernels.translation`.
        attention: Of each word.
        score: The sum of log-chances.
    """

    words: tuple[int, ...]
    former: tuple[int, ...]
    state: Array
    known: Array
    attention: tuple[Array, ...]
    score: float

    def written(self, steps: int) -> Written:
        """Return it as a translation of so many words, with its end if it has one."""
        width = self.known.shape[1]
        rows = np.array(self.attention[: len(self.words)], np.float32).reshape(-1, width)
        return Written(list(self.words), rows, self.score / max(steps, 1))


class Writer:
    """Writes translations of one source.

    Args:
        network: That chooses.
        memory: What is counted.
        hyperparameters: Of both.
        source: What is translated.
        copies: Its places that may be copied.
    """

    def __init__(
        self,
        network: TranslationNetwork,
        memory: TranslationMemory,
        hyperparameters: TranslatorHyperparameters,
        source: Source,
        copies: Numbers,
    ) -> None:
        self._network, self._memory, self._h = network, memory, hyperparameters
        self._copies, self._places = copies, source.keys.shape[1]
        self._encoded = network.read(source.keys, source.pieces, copies)
        # Vectors of the candidates for all steps are fetched at the first.
        self._first = 0

    def likeliest(self) -> Written:
        """Return the translation of which each word is the likeliest after those before it.

        Raises:
            RecordError: An output of the decoder is not finite.
        """
        h, network, places = self._h, self._network, self._places
        most, room = self._most(), network.room
        spans = HISTORIES[: h.histories]
        written = np.empty(most, np.int64)
        attention, logs = np.empty((most, places), np.float32), np.empty(most)
        decoder = network.decoder
        size = write_greedily(
            *decoder.parts,
            self._memory.lexicon,
            self._memory.memory,
            room,
            network.vectors,
            network.outputs,
            network.gains,
            self._memory.jumps,
            network.rows[0],
            self._copies,
            spans,
            network.source,
            self._encoded,
            decoder.first_state(),
            np.empty(most, np.uint64),
            np.zeros((2, GRIDS, places), np.float32),
            np.empty((1, decoder.architecture.inputs), np.float32),
            np.empty((1, decoder.architecture.outputs), np.float32),
            np.empty((len(spans), 1), np.uint64),
            np.empty((len(spans), 1), np.int64),
            network.new_scores(1, places),
            np.empty((2, 1, h.width), np.float32),
            np.empty(1, np.int64),
            written,
            attention,
            logs,
            *decoder.uses,
        )
        if size < 0:
            raise RecordError(*NOT_FINITE)
        words = [word for word in written[:size].tolist() if word != END]
        return Written(words, attention[: len(words)], float(logs[:size].mean()))

    def _most(self) -> int:
        """Return how many words there are at most."""
        return min(self._h.most_written, 2 * int(self._places) + 10)

    def best(self) -> Written:
        """Return the translation with the largest mean log-chance of a word.

        Raises:
            RecordError: An output of the decoder is not finite.
        """
        h = self._h
        state, known = self._network.decoder.first_state(), np.zeros((GRIDS, self._places), "f4")
        drafts, done = [_Draft((), (END,), state, known, (), 0.0)], list[Written]()
        most = self._most()
        for step in range(most):
            further = [each for draft in drafts for each in self._further(draft)]
            further.sort(key=lambda each: -each[0].score)
            drafts = []
            for draft, ended in further[: h.beam - len(done)]:
                if ended:
                    done.append(draft.written(step + 1))
                else:
                    drafts.append(draft)
            if not drafts:
                break
        done += [draft.written(most) for draft in drafts]
        return max(done, key=lambda each: each.score)

    def _further(self, draft: _Draft) -> list[tuple[_Draft, bool]]:
        """Return the best ways in which a draft goes on, and whether it ends so."""
        h, network = self._h, self._network
        state, known = draft.state.copy(), np.empty_like(draft.known)
        given = np.empty((1, network.decoder.architecture.inputs), np.float32)
        scores = network.new_scores(1, self._places)
        look_ahead(
            draft.known,
            not draft.attention,
            self._memory.jumps,
            network.gains.guides,
            network.source,
            network.vectors.target[draft.former[-1]],
            known,
            scores[BIAS, 0],
            given[0],
        )
        decoded = checked(network.decoder.step(given, state))
        before = draft.former, draft.words
        logits, words = network.logits(self._encoded, decoded, *before, scores, self._first)
        self._first = int(network.room.sizes[COMMON])
        chances = logits - logits.max()
        chances -= np.log(np.exp(chances).sum())
        best = np.argsort(-chances, kind="stable")[: h.beam]
        attention = (*draft.attention, scores[ATTENTION, 0])
        found = []
        for place in best.tolist():
            word, score = int(words[place]), draft.score + float(chances[place])
            if word == END:
                found.append((_Draft(draft.words, (), state, known, attention, score), True))
                continue
            settled, number, copied = known.copy(), word, -1
            if word >= h.most_words:
                number, copied = COPY, int(self._copies[word - h.most_words])
            chance = float(self._memory.chances[number])
            settle(self._memory.lexicon, network.rows[0], number, chance, copied, settled)
            former = (*draft.former[-1:], number)
            grown = (*draft.words, word)
            found.append((_Draft(grown, former, state, settled, attention, score), False))
        return found
