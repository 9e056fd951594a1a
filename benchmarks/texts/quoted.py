"""What was not measured here: figures of peers as they are quoted, and what is aimed at.

The peers were measured on the same files in the same way, one pass, with PyTorch 2.13 on one core
of another machine, and tuned in hindsight; most are one seed.
"""

from dataclasses import dataclass

from benchmarks.texts.figures import BLEU, ERRORS, FAULTLESS, FRAME, LEARNED, TOKENS, Figures


@dataclass(frozen=True, slots=True)
class Peer:
    """A method that others would use.

    Attributes:
        name: What it is.
        figures: By the measure.
    """

    name: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class Quoted:
    """What figures are held against.

    Attributes:
        peers: What others come to; the last is the best in all but its cost.
        goals: By the measure.
    """

    peers: tuple[Peer, ...]
    goals: Figures


def _heard(name: str, errors: tuple[float, float], cost: float | None) -> Peer:
    return Peer(name, {ERRORS: errors, **({FRAME: (cost,)} if cost else {})})


SPEECH = Quoted(
    (
        _heard("text of the nearest past utterance", (0.791, 0.750), None),
        _heard("biLSTM 96, CTC, 3 frames stacked, replay 8 x 2", (0.681, 0.579), 163),
        _heard("the same, replay 8 x 8", (0.613, 0.556), 610),
        _heard(
            "convolution of 9 by steps of 3, replay 8 x 4, dropout .2, time stretch .15, averaged "
            "weights .98, greedy",
            (0.656, 0.546),
            550,
        ),
        _heard(
            "the same, with an online 5-gram of past transcripts in a search of 12 beams, bonus 1",
            (0.570, 0.443),
            550,
        ),
        _heard("the same, bonus 2", (0.515, 0.392), 550),
        _heard("8 steps an utterance, dropout .3, a mask of 3 bands, greedy", (0.611, 0.508), 950),
        Peer(
            "the same with the 5-gram, bonus 2",
            {ERRORS: (0.466, 0.351), FAULTLESS: (0.088, 0.133), FRAME: (1004,)},
        ),
    ),
    {ERRORS: (0.45, 0.33), FRAME: (100,)},
)

TRANSLATION = Quoted(
    (
        Peer(
            "bigram for the next word; translation of the nearest past sentence for BLEU",
            {TOKENS: (0.308, 0.320), BLEU: (15.7,)},
        ),
        Peer(
            "biLSTM 128, Luong attention, embeddings 96; 2 new and 6 replayed pairs an update",
            {TOKENS: (0.560, 0.637), BLEU: (27.9,), LEARNED: (994,)},
        ),
        Peer(
            "the same with a lexicon memory (online IBM model 1), 4 new and 4 replayed",
            {TOKENS: (0.629, 0.685), BLEU: (36.6,), LEARNED: (555,)},
        ),
    ),
    {TOKENS: (0.640, 0.695), BLEU: (38,), LEARNED: (60,)},
)
