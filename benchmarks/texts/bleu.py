"""How BLEU is counted here, and what is said where it cannot be."""

from importlib import import_module

from streamrnn.bleu import INSTALL, PACKAGE

MISSING = f"BLEU is counted by {PACKAGE}, which is not installed: {INSTALL}"


def signature() -> str:
    """Return how it is counted."""
    metric = import_module(f"{PACKAGE}.metrics").BLEU()
    # What it says of references is known only after some were seen.
    metric.corpus_score(["a"], [["a"]])
    return str(metric.get_signature())
