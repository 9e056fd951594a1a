"""The configuration: one TOML file, with overrides from the environment and the command line."""

from streamrnn.configuration.load import load, parse
from streamrnn.configuration.schema import Configuration

__all__ = ["Configuration", "load", "parse"]
