"""The translation of each text: each record is answered by a text in another language."""

from collections.abc import Mapping

import numpy as np
from msgspec import Struct

from streamrnn.codecs import Codec
from streamrnn.errors import RecordError
from streamrnn.learner.sequences.sequence import Steps, of_points, points_of, words_of
from streamrnn.learner.sequences.translation import Source, TranslatorHyperparameters
from streamrnn.learner.sequences.translator import Translated as Answered
from streamrnn.learner.sequences.translator import Translator
from streamrnn.tasks.answering import Answer, Place
from streamrnn.tasks.reading import SequenceFields, shown, symbols_of, text_of
from streamrnn.tasks.sequences import SequenceTask

DIGITS = 3
"""After the point, of attention as it is sent."""


class Attention(Struct, frozen=True, gc=False):
    """Where each word of a translation came from.

    Attributes:
        source: The words of the source.
        words: Those of the translation.
        shares: How much each of these came of each of those, rows that add up to 1 with what came
            of the end of the source.
    """

    source: list[str]
    words: list[str]
    shares: list[list[float]]


class Translated(Struct, frozen=True, gc=False):
    """A prediction record; its fields are those of the JSON object that is sent.

    Attributes:
        key: The stream; None where neither a field nor the record's own key names one.
        partition: The record's.
        offset: The same.
        time: As it came.
        prediction: The translation, made before the record's own was seen; None before any is
            known.
        score: The mean log-chance of a word.
        attention: On request; else None.
        step: Learning steps before the record.
    """

    key: str | None
    partition: int
    offset: int
    time: object
    prediction: str | None
    score: float
    attention: Attention | None
    step: int


class TranslateTask(SequenceTask[str, Translator]):
    """Answers each text with its translation.

    Args:
        fields: What is read.
        codec: Reads it.
        hyperparameters: Of what learns.
        wait: See `SequenceTask`.
        attention: Whether it is told where words came from.
    """

    def __init__(
        self,
        fields: SequenceFields,
        codec: Codec,
        hyperparameters: TranslatorHyperparameters,
        wait: int,
        *,
        attention: bool,
    ) -> None:
        super().__init__(fields, codec, wait, lambda width: Translator(hyperparameters))
        self._attention = attention

    def prepare(self) -> None:
        """Compile what is compiled at first use; the task is then no longer fresh."""
        source = self._mine.source("one two")
        for _ in range(3):
            self._mine.learn(source, self._mine.answer(source), "two one")

    def _steps(self, value: object) -> Steps:
        if not isinstance(value, str):
            name = self._fields.sequence
            raise RecordError("type", f"{name}: expected a text, got {shown(value)}")
        symbols_of(self._fields, value)
        return of_points(value)

    def _target(self, values: Mapping[str, object], steps: int) -> str | None:
        name = self._fields.target
        text = text_of(name, values.get(name))
        # Where there are columns, an empty one stands for none.
        if not text:
            return None
        words, most = len(words_of(text)), self._fields.longest
        if words > most:
            raise RecordError(
                "range",
                f"{name}: expected at most {most:,} words (task.longest_sequence), got {words:,}",
            )
        return text

    def _predict(self, steps: Steps, target: str | None, place: Place) -> Answer:
        mine, step = self._mine, self.step
        source = mine.source(points_of(steps))
        answered, known = mine.answer(source), mine.pairs > 0
        told = mine.learn(source, answered, target) if target is not None else None
        made = Translated(
            place.key,
            place.partition,
            place.offset,
            place.time,
            answered.text if known else None,
            answered.score,
            _attention(source, answered) if self._attention else None,
            step,
        )
        if told is None or not known:
            return Answer(made, target=target)
        return Answer(made, told.words, told.right, target=target)


def _attention(source: Source, answered: Answered) -> Attention:
    shares = np.round(answered.attention[:, :-1].astype(np.float64), DIGITS).tolist()
    return Attention(list(source.words), answered.words, shares)
