"""Recurrent cells by their names in a configuration."""

from streamrnn.cells.base import Cell
from streamrnn.cells.lstm import LSTM
from streamrnn.cells.rnn import RNN

CELLS: dict[str, type[Cell]] = {"rnn": RNN, "lstm": LSTM}

__all__ = ["CELLS", "LSTM", "RNN", "Cell"]
