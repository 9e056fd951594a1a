"""Optimisers by their names in a configuration."""

from streamrnn.optimizers.adam import Adam

OPTIMIZERS = {"adam": Adam}

__all__ = ["OPTIMIZERS", "Adam"]
