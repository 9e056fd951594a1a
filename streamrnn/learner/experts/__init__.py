"""Experts that forecast beside the network."""

from streamrnn.learner.experts import regression, smoother
from streamrnn.learner.experts.base import Expert
from streamrnn.learner.experts.naive import LastSeason, LastValue
from streamrnn.learner.experts.regression import Regression
from streamrnn.learner.experts.smoother import Smoother
from streamrnn.learner.history import History

NAMES = ("last_value", "last_season", "smoother", "regression")
"""The experts that can be asked for."""


def make_experts(names: tuple[str, ...], horizon: int, history: History) -> list[Expert]:
    """Return the experts of these names, for each season where they have one."""
    seasons = range(history.seasons)
    experts: list[Expert] = []
    if "last_value" in names:
        experts.append(LastValue())
    if "last_season" in names:
        experts += [LastSeason(which) for which in seasons]
    if "smoother" in names:
        experts += [Smoother(kind, w, history.longest) for kind in smoother.KINDS for w in seasons]
    if "regression" in names:
        kinds = [k for k in regression.KINDS if history.seasons or not (k.profile or k.waves)]
        experts += [Regression(kind, horizon, history.seasons) for kind in kinds]
    return experts
