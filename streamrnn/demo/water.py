"""The stream that the demonstration learns: hourly flow in a water pipeline, which River ships."""

from importlib import import_module

EVENTS = 1268
TARGET = "Water flow [l/s]"
TIME = "Time"
SEASON = 24


def file() -> str:
    """Return the path of the CSV file."""
    # River's methods carry no types, hence the import.
    return str(import_module("river.datasets").WaterFlow().path)
