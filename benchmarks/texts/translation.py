"""Sentences that are translated: each translation is foreseen, then learned, in one pass."""

from collections.abc import Callable, Sequence
from importlib.util import find_spec

import msgspec

from benchmarks.sequences.subjects import CODEC
from benchmarks.texts.figures import BLEU, BOTH, LEARNED, TOKENS, Figures
from benchmarks.texts.outcome import Cost, Outcome
from benchmarks.texts.quoted import TRANSLATION
from benchmarks.texts.torch_translation import follows
from benchmarks.texts.translating import script_of
from benchmarks.texts.translators import ABLATIONS, SUBJECT, Variant
from benchmarks.timing import Watch, medians
from streamrnn.bleu import bleu_of
from streamrnn.build import task_of
from streamrnn.learner.sequences.sequence import words_of
from streamrnn.learner.sequences.translator import Translator
from streamrnn.records import Record
from streamrnn.tasks.answering import Answer
from streamrnn.tasks.task import Task

PAIRS, LAST = 20_000, 2_000
"""That are learned; and those of them, the last, whose translations are scored."""

Pairs = Sequence[tuple[str, str]]
Counts = Sequence[tuple[int, int]]
"""Of each target, the words that were foreseen rightly, and all."""


def outcome_of(most: int | None, told: Callable[[str], None]) -> Outcome:
    """Return what is measured, of the first pairs if there is a limit.

    Args:
        most: Their limit.
        told: Is told of what is run.
    """
    records = SUBJECT.records(most or PAIRS)
    pairs = [_texts(record) for record in records]
    _task().prepare()
    told("cost")
    cost = _cost(records, pairs)
    told("the task")
    figures = {**_answered(records, pairs), **{name: (n,) for name, n in cost.whole.items()}}
    rows = dict[str, Figures]()
    for name, variant in {"the defaults": Variant(), **ABLATIONS}.items():
        told(name)
        rows[name] = _judge(variant, pairs)
    return Outcome(SUBJECT.title, TRANSLATION, figures, cost, rows)


def _texts(record: Record) -> tuple[str, str]:
    texts = msgspec.json.decode(record.value or b"", type=dict[str, str])
    return texts["spanish"], texts["english"]


def _task() -> Task:
    return task_of(SUBJECT.configuration({}), CODEC)


def _answered(records: Sequence[Record], pairs: Pairs) -> Figures:
    """Return what is right of the answers of the task by the defaults."""
    answers = [_sound(answer) for answer in _task().answer(records)]
    # Before the first pair nothing is known, and so all of its words are missed.
    counts = [
        (answer.right, answer.judged or len(words_of(target)) + 1)
        for answer, (_, target) in zip(answers, pairs, strict=True)
    ]
    last = answers[_first_scored(pairs) :]
    return _scores(counts, [answer.prediction.prediction for answer in last], pairs)


def _sound(answer: object) -> Answer:
    if not isinstance(answer, Answer):
        raise RuntimeError(f"not answered: {answer}")
    return answer


def _first_scored(pairs: Pairs) -> int:
    return len(pairs) - min(LAST, len(pairs) // 10)


def _scores(counts: Counts, written: Sequence[str], pairs: Pairs) -> Figures:
    halves = counts, counts[len(counts) // 2 :]
    return {
        TOKENS: tuple(sum(n for n, _ in each) / sum(m for _, m in each) for each in halves),
        BLEU: (bleu_of(written, [target for _, target in pairs[_first_scored(pairs) :]]),),
    }


def _judge(variant: Variant, pairs: Pairs) -> Figures:
    """Return what is right by a variant, and what learning takes in this one run."""
    translator, counts = variant.translator(), list[tuple[int, int]]()
    written, watch, begin = list[str](), Watch(), _first_scored(pairs)
    for place, (text, target) in enumerate(pairs):
        with watch:
            source = translator.source(text)
        if place >= begin:
            written.append(translator.answer(source).text)
        with watch:
            told = translator.learn(source, None, target)
        counts.append((told.right, told.words))
    microseconds = watch.seconds / sum(words for _, words in counts) * 1e6
    return {**_scores(counts, written, pairs), LEARNED: (microseconds,)}


def _learn(translator: Translator, pairs: Pairs) -> None:
    for text, target in pairs:
        translator.learn(translator.source(text), None, target)


def _cost(records: Sequence[Record], pairs: Pairs) -> Cost:
    """Return what a target token costs: learned, with all that a record needs, and in PyTorch."""

    def learn() -> Callable[[], object]:
        translator = Variant().translator()
        return lambda: _learn(translator, pairs)

    def answer() -> Callable[[], object]:
        task = _task()
        return lambda: task.answer(records)

    script = script_of(Variant().translator(), Variant().hyperparameters, pairs)
    makers = [learn, answer]
    if find_spec("torch"):
        makers.append(lambda: follows(script))
    learned, both, *others = medians(makers)
    whole = {name: each / script.words * 1e6 for name, each in ((LEARNED, learned), (BOTH, both))}
    # The peer is given some of the pairs only.
    torch = others[0] / script.kept_words * 1e6 if others else None
    return Cost(whole, torch, LEARNED)
