"""What is left out in turn, to see what it is worth, and other seeds, to see what chance is."""

from benchmarks.sequences.subjects import Settings
from streamrnn.build.sequences import sequence_hyperparameters_of
from streamrnn.configuration import Configuration

SEEDS = 2, 3
"""Beside that of the defaults."""


def ablations(c: Configuration) -> dict[str, Settings]:
    """Return, by what a report calls them, settings with other seeds or without one of its means.

    Args:
        c: Has all of them.
    """
    h, frames = sequence_hyperparameters_of(c), c.input.steps == "numbers"
    # Frames have no n-grams, which could be remembered.
    experts = [name for name in h.experts if not (frames and name == "memory")]
    found: dict[str, Settings] = {}
    if h.network:
        found |= {f"the defaults, seed {seed}": {"learn.seed": seed} for seed in SEEDS}
    if h.network or len(experts) > 1:
        for name in experts:
            rest = [other for other in experts if other != name]
            found[f"without `{name}`"] = {"task.experts": rest}
    if "emissions" in experts:
        found["`memory` and `wide` in place of `emissions`"] = {"task.experts": ["memory", "wide"]}
    if not h.network:
        return {**found, "a network beside": {"model.network": True}}
    found["without the network"] = {"model.network": False}
    if len(experts) > 1:
        found["the network alone"] = {"task.experts": []}
    if not frames and c.task.kind != "compose":
        found |= _of_symbols(c)
    if c.task.kind == "classify":
        for kind in h.pooling if len(h.pooling) > 1 else ():
            found[f"pooling: {kind} only"] = {"model.pooling": [kind]}
    return {**found, **_of_network(c), **_of_replay(c)}


def _of_symbols(c: Configuration) -> dict[str, Settings]:
    """Return what is left out of how the network sees symbols."""
    blind: Settings = {"model.memory_inputs": False}
    rate: Settings = {"learn.embedding_rate": c.learn.learning_rate}
    return {
        "the network sees no memories": blind,
        "the network alone, which sees none": {**blind, "task.experts": []},
        "vectors of symbols at the rate of the rest": rate,
    }


def _of_network(c: Configuration) -> dict[str, Settings]:
    """Return what is left out of the network."""
    found: dict[str, Settings] = {}
    if c.task.kind != "compose":
        found["reading one way only"] = {"model.bidirectional": False}
    if c.model.parts > 1:
        found["pooling over the whole, not in parts"] = {"model.parts": 1}
    if c.model.convolution:
        found["no convolution"] = {"model.convolution": 0}
    if c.model.dropout:
        found["no dropout"] = {"model.dropout": 0}
    return found


def _of_replay(c: Configuration) -> dict[str, Settings]:
    """Return what is left out of learning past sequences again."""
    if not c.learn.replay:
        return {}
    off: dict[str, object] = {}
    if c.input.steps == "numbers":
        off |= {f"learn.{key}": 0 for key in ("stretch", "shift") if getattr(c.learn, key)}
        off |= {"learn.mirror": False} if c.learn.mirror and c.input.points else {}
    if c.task.kind == "compose" and c.learn.transpose:
        off["learn.transpose"] = False
    found: dict[str, Settings] = {"no replay": {"learn.replay": 0}}
    for key, value in off.items():
        found[f"replay without `{key.removeprefix('learn.')}`"] = {key: value}
    if len(off) > 1:
        found["replay without any of these"] = off
    return found
