"""The plain recurrent cell: equations in `streamrnn.kernels.rnn`; its state is h."""

from streamrnn.cells.base import Cell
from streamrnn.kernels import network

RNN = Cell(kind=network.RNN, memory=0, gates=1, products=1, blocks=1)
