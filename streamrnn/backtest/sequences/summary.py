"""The figures that scores of whole sequences add up to."""

import math
from importlib.metadata import version

from streamrnn.backtest.sequences.figures import Figures, Microseconds, Seconds
from streamrnn.backtest.sequences.run import Outcome
from streamrnn.configuration import Configuration


def summarize(c: Configuration, outcome: Outcome) -> Figures:
    """Return the figures of a configuration's run."""
    judge, learning = outcome.judge, outcome.learning_seconds
    return Figures(
        file=str(c.input.file),
        task=c.task.kind,
        target=c.task.target if judge.needs_target else None,
        records=outcome.records,
        sequences=outcome.sequences,
        steps=outcome.steps,
        dead_letters=outcome.letters.figures,
        reasons=dict(outcome.letters.reasons.most_common()),
        judged=judge.judged,
        scores=list(judge.scores()),
        notes=list(judge.notes()),
        seconds=Seconds(outcome.seconds, learning),
        microseconds=Microseconds(
            1e6 * learning / outcome.records,
            1e6 * learning / outcome.steps if outcome.steps else math.nan,
        ),
        version=version("streamrnn"),
    )
