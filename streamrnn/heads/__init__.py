"""Heads: what turns the features of a step into outputs."""
