"""What learners of whole sequences are made of; the fields are those of the configuration."""

from dataclasses import dataclass

from streamrnn.learner.optimization import Optimization
from streamrnn.learner.sequences.frames import Variation

NO_VARIATION = Variation(stretch=0.0)
OPTIMIZATION = Optimization()


@dataclass(frozen=True, slots=True)
class Replay:
    """Which past sequences are learned again with each new one.

    Attributes:
        sequences: How many, in one learning step.
        updates: Learning steps for each new sequence; only the first has it.
        most: Sequences that are kept.
        most_steps: Steps that are kept, of all.
        variation: How they are changed, where they are frames.
        transpose: Whether they are moved up or down, where they are sets of whole numbers.
    """

    sequences: int = 0
    updates: int = 1
    most: int = 500
    most_steps: int = 100_000
    variation: Variation = NO_VARIATION
    transpose: bool = True


NO_REPLAY = Replay()


@dataclass(frozen=True, slots=True)
class Hyperparameters:
    """What a learner of whole sequences is made of.

    Attributes:
        steps: ``words``, ``characters``, ``items`` or ``numbers``.
        points: Numbers of a point in a frame: 2 in the plane; 0 where frames are no points.
        experts: Of ``memory``, ``wide`` and ``descriptions`` those that are asked beside the
            network.
        network: Whether there is one.
        memory_inputs: Whether the network sees what the memory says of each step.
        pooling: See `SequenceArchitecture`, and so the six that follow.
        parts: The same.
        seen: The same.
        stride: The same.
        channels: The same.
        dropout: The same.
        norm: The same.
        cell: Of the layers.
        hidden: Units of each cell.
        layers: How many.
        bidirectional: Whether they read both ways.
        embedding: Width of the vectors of symbols.
        embedding_rate: At which these learn.
        cells: Of each expert's table, a power of two: rows times labels.
        most_labels: The largest number of labels.
        replay: What is learned again.
        optimization: How the network learns.
        enabled: Whether anything is learned.
        seed: Of all that is drawn.
    """

    steps: str = "words"
    points: int = 0
    experts: tuple[str, ...] = ("memory", "wide")
    network: bool = True
    memory_inputs: bool = True
    pooling: tuple[str, ...] = ("last", "mean", "max")
    parts: int = 1
    seen: int = 0
    stride: int = 1
    channels: int = 0
    dropout: float = 0.0
    norm: bool = False
    cell: str = "lstm"
    hidden: int = 16
    layers: int = 1
    bidirectional: bool = True
    embedding: int = 16
    embedding_rate: float = 0.01
    cells: int = 1 << 21
    most_labels: int = 256
    replay: Replay = NO_REPLAY
    optimization: Optimization = OPTIMIZATION
    enabled: bool = True
    seed: int = 1
