"""The long short-term memory: equations in `streamrnn.kernels.lstm`; its state is h and c."""

from streamrnn.cells.base import Cell
from streamrnn.kernels import network

LSTM = Cell(kind=network.LSTM, memory=1, gates=5, products=1, blocks=4, forget=1)
