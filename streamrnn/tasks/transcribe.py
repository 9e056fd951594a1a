"""The transcript of each sequence of frames: each record is answered by what is heard in it."""

from collections.abc import Mapping

from msgspec import Struct

from streamrnn.codecs import Codec
from streamrnn.errors import RecordError
from streamrnn.kernels.edits import edits_between
from streamrnn.learner.sequences.hyperparameters import Hyperparameters
from streamrnn.learner.sequences.sequence import Steps
from streamrnn.learner.sequences.spelling import Decoding
from streamrnn.learner.sequences.transcriber import Transcriber
from streamrnn.tasks.answering import Answer, Place
from streamrnn.tasks.reading import SequenceFields, text_of
from streamrnn.tasks.sequences import SequenceTask
from streamrnn.tasks.trials import trial


class Transcribed(Struct, frozen=True, gc=False):
    """A prediction record; its fields are those of the JSON object that is sent.

    Attributes:
        key: The stream; None where neither a field nor the record's own key names one.
        partition: The record's.
        offset: The same.
        time: As it came.
        prediction: The transcript, made before the record's own was seen; None before any is known.
        score: How much is said for it, a logarithm.
        step: Learning steps before the record.
    """

    key: str | None
    partition: int
    offset: int
    time: object
    prediction: str | None
    score: float
    step: int


class TranscribeTask(SequenceTask[str, Transcriber]):
    """Answers each sequence with its transcript.

    Args:
        fields: What is read.
        codec: Reads it.
        hyperparameters: Of what learns.
        wait: See `SequenceTask`.
        decoding: How a transcript is found.
        inertia: See `Transcriber`.
    """

    def __init__(
        self,
        fields: SequenceFields,
        codec: Codec,
        hyperparameters: Hyperparameters,
        wait: int,
        decoding: Decoding,
        inertia: float,
    ) -> None:
        super().__init__(
            fields,
            codec,
            wait,
            lambda width: Transcriber(hyperparameters, width, decoding, inertia),
        )

    def prepare(self) -> None:
        """Compile what is compiled at first use; the task is then no longer fresh."""
        steps = trial("numbers")
        self._begin(steps)
        for _ in range(2):
            self._mine.learn(steps, self._mine.answer(steps), "a")

    def _target(self, values: Mapping[str, object], steps: int) -> str | None:
        name, most = self._fields.target, self._fields.longest
        text = text_of(name, values.get(name))
        if text is not None and len(text) > most:
            raise RecordError(
                "range",
                f"{name}: expected at most {most:,} characters (task.longest_sequence), "
                f"got {len(text):,}",
            )
        return text

    def _predict(self, steps: Steps, target: str | None, place: Place) -> Answer:
        mine, step = self._mine, self.step
        known, heard = len(mine.labels), mine.answer(steps)
        if target is not None:
            mine.learn(steps, heard, target)
        text = heard.text if known else None
        told = Transcribed(
            place.key, place.partition, place.offset, place.time, text, heard.score, step
        )
        if target is None or text is None:
            return Answer(told, target=target)
        errors = edits_between(text, target)
        return Answer(told, characters=len(target), errors=errors, target=target)
