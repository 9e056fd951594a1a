"""Recurrent cells by their names in a configuration."""

from streamrnn.cells.base import Cell
from streamrnn.cells.gru import GRU
from streamrnn.cells.lstm import LSTM
from streamrnn.cells.rnn import RNN

CELLS: dict[str, Cell] = {"rnn": RNN, "lstm": LSTM, "gru": GRU}

__all__ = ["CELLS", "GRU", "LSTM", "RNN", "Cell"]
