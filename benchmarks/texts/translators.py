"""Translators by the defaults, and with what is left out or changed in turn."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from benchmarks.sequences.subjects import Settings, Subject, rows
from streamrnn.build.sequences import translator_hyperparameters_of
from streamrnn.kernels.candidates import LEXICON
from streamrnn.learner.sequences.translation import TranslatorHyperparameters
from streamrnn.learner.sequences.translator import Translator

SUBJECT = Subject(
    "translation: Spanish to English",
    {"sequence": "spanish", "steps": "words"},
    {"kind": "translate", "target": "english"},
    lambda: rows("translation/spa_eng.tsv", quoted=False),
)


@dataclass(frozen=True, slots=True)
class Variant:
    """A translator that is other than by default.

    Attributes:
        settings: Of its configuration.
        changes: Of its hyperparameters, which no configuration makes.
        silent: Gains that are 0 and stay so, by the name of their tensor.
    """

    settings: Settings = field(default_factory=dict)
    changes: Mapping[str, Any] = field(default_factory=dict)
    silent: Mapping[str, slice] = field(default_factory=dict)

    @property
    def hyperparameters(self) -> TranslatorHyperparameters:
        """What it is made of."""
        made = translator_hyperparameters_of(SUBJECT.configuration(self.settings))
        return replace(made, **self.changes)

    def translator(self) -> Translator:
        """Return it as it is before the first pair."""
        made = Translator(self.hyperparameters)
        state = made.state()
        for name, places in self.silent.items():
            state.tensors[name][places] = 0
            # A gain's rate is over the root of this, so that it never learns.
            state.tensors[f"{name}_squares"][places] = np.inf
        made.restore(state)
        return made


WORDS = {"gains_words": slice(LEXICON, LEXICON + 1)}
AGAIN = {"gains_words": slice(-1, None)}
GUIDES = {"gains_guides": slice(None)}

ABLATIONS = {
    "the defaults, seed 2": Variant({"learn.seed": 2}),
    "the defaults, seed 3": Variant({"learn.seed": 3}),
    "no lexicon: neither in words nor in where to look; it brings candidates": Variant(
        changes={"look": False}, silent=WORDS | GUIDES
    ),
    "no lexicon in words, only in where to look": Variant(silent=WORDS),
    "no guidance of where to look": Variant(silent=GUIDES),
    "the decoder is not shown where the next word should come from": Variant(
        changes={"look": False}
    ),
    "a lexicon of single words, without their neighbours": Variant(changes={"contexts": 1}),
    "no memory of what followed": Variant(changes={"histories": 0}),
    "a memory of what followed one word, not two": Variant(changes={"histories": 1}),
    "what was just written counts nothing against a word": Variant(silent=AGAIN),
    "replay 1, as with the preset `quality`": Variant({"learn.replay": 1}),
    "replay 2": Variant({"learn.replay": 2}),
    "hidden 16": Variant({"model.hidden": 16}),
    "hidden 64": Variant({"model.hidden": 64}),
    "hidden 128": Variant({"model.hidden": 128}),
    "a beam of 4": Variant({"task.beams": 4}),
}
