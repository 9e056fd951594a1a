"""The gated recurrent unit: equations in `streamrnn.kernels.gru`; its state is h."""

from streamrnn.cells.base import Cell
from streamrnn.kernels import network

GRU = Cell(kind=network.GRU, memory=0, gates=4, products=2, blocks=3)
