"""Prompts that are heard: each is transcribed, then learned, in one pass."""

from collections.abc import Callable, Sequence
from importlib.util import find_spec

from benchmarks.sequences.subjects import CODEC, Settings, Subject, stored
from benchmarks.texts.figures import ERRORS, FAULTLESS, FRAME, Figures
from benchmarks.texts.outcome import Cost, Outcome
from benchmarks.texts.quoted import SPEECH
from benchmarks.texts.torch_speech import follows
from benchmarks.texts.transcribing import script_of
from benchmarks.timing import Watch, medians
from streamrnn.build import task_of
from streamrnn.kernels.edits import edits_between
from streamrnn.records import Record
from streamrnn.tasks.answering import Answer
from streamrnn.tasks.task import Task

SUBJECT = Subject(
    "speech: prompts in English",
    {"sequence": "logmel", "steps": "numbers"},
    {"kind": "transcribe"},
    lambda: stored("speech/prompts_en_logmel.npz"),
)

ABLATIONS: dict[str, Settings] = {
    "the defaults, seed 2": {"learn.seed": 2},
    "the defaults, seed 3": {"learn.seed": 3},
    "greedy, without a search (and so without spelling)": {"task.beams": 0},
    "a search without spelling (and so without bonus)": {"task.experts": []},
    "without the bonus": {"task.bonus": 0.0},
    "no replay": {"learn.replay": 0, "learn.replay_updates": 1},
    "replay without `stretch`": {"learn.stretch": 0.0},
    "heard with the latest weights, not averaged": {"learn.inertia": 0.0},
    "without RMSNorm": {"model.norm": False},
    "no convolution": {"model.convolution": 0},
    "reading one way only": {"model.bidirectional": False},
    "dropout .1": {"model.dropout": 0.1},
    "dropout .2": {"model.dropout": 0.2},
}


def outcome_of(most: int | None, told: Callable[[str], None]) -> Outcome:
    """Return what is measured, of the first utterances if there is a limit.

    Args:
        most: Their limit.
        told: Is told of what is run.
    """
    records = SUBJECT.records(most)
    _task({}).prepare()
    told("cost")
    cost, frames = _cost(records)
    rows = dict[str, Figures]()
    for name, settings in {"the defaults": {}, **ABLATIONS}.items():
        told(name)
        rows[name] = _judge(records, settings, frames)
    figures = {**rows["the defaults"], FRAME: (cost.whole[FRAME],)}
    return Outcome(SUBJECT.title, SPEECH, figures, cost, rows)


def _task(settings: Settings) -> Task:
    return task_of(SUBJECT.configuration(settings), CODEC)


def _judge(records: Sequence[Record], settings: Settings, frames: int) -> Figures:
    """Return how much of the transcripts is wrong, and what a frame takes in this one run."""
    task, watch = _task(settings), Watch()
    with watch:
        answers = task.answer(records)
    judged = [_wrong(answer) for answer in answers]
    halves = judged, judged[len(judged) // 2 :]
    return {
        ERRORS: tuple(sum(n for n, _ in each) / sum(m for _, m in each) for each in halves),
        FAULTLESS: tuple(sum(n == 0 for n, _ in each) / len(each) for each in halves),
        FRAME: (watch.seconds / frames * 1e6,),
    }


def _wrong(answer: object) -> tuple[int, int]:
    """Return the edits between a transcript and the true one, and the characters of that.

    Before the first utterance nothing is known, and so all of its characters are missed.
    """
    if not isinstance(answer, Answer):
        raise RuntimeError(f"not answered: {answer}")
    text = str(answer.target)
    return edits_between(answer.prediction.prediction or "", text), len(text)


def _cost(records: Sequence[Record]) -> tuple[Cost, int]:
    """Return what a frame costs, and how many there are."""

    def learn() -> Callable[[], object]:
        task = _task({})
        return lambda: task.answer(records)

    script = script_of(_task({}), records)
    makers = [learn]
    if find_spec("torch"):
        makers.append(lambda: follows(script))
    whole, *others = [each / script.frames * 1e6 for each in medians(makers)]
    return Cost({FRAME: whole}, others[0] if others else None, FRAME), script.frames
