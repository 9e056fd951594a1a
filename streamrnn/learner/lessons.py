"""What learning steps are like, and what they come to."""

import math
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Lesson:
    """What one learning step was like.

    Attributes:
        loss: The mean loss of the steps that were learned.
        gradient_norm: Of the gradient before it was clipped.
    """

    loss: float
    gradient_norm: float


class Totals(NamedTuple):
    """What learning came to so far.

    Attributes:
        steps: Learning steps.
        undone: Steps that were undone, since an output or the gradient was not finite.
        loss: Sum of the losses of learning steps.
        gradient_norm: Sum of their gradients' norms, before clipping.
        clipped: Learning steps whose gradient was clipped.
        evicted: Streams that had to make way for others.
    """

    steps: int = 0
    undone: int = 0
    loss: float = 0.0
    gradient_norm: float = 0.0
    clipped: int = 0
    evicted: int = 0

    def with_lesson(self, norm: float, loss: float, clip: float) -> "Totals":
        """Return what one more learning step makes of it; it was undone if it is not finite.

        Args:
            norm: Of its gradient, before clipping.
            loss: Its mean loss.
            clip: The largest norm.
        """
        if not math.isfinite(norm):
            return self._replace(undone=self.undone + 1)
        return self._replace(
            steps=self.steps + 1,
            loss=self.loss + loss,
            gradient_norm=self.gradient_norm + norm,
            clipped=self.clipped + (norm > clip),
        )

    def since(self, before: "Totals") -> "Totals":
        """Return what was added since they were others."""
        return Totals(
            self.steps - before.steps,
            self.undone - before.undone,
            self.loss - before.loss,
            self.gradient_norm - before.gradient_norm,
            self.clipped - before.clipped,
            self.evicted - before.evicted,
        )


@dataclass(frozen=True, slots=True)
class Truncation:
    """How far and how often gradients are carried back.

    Attributes:
        window: Steps that a gradient goes back, k2.
        stride: Steps from one learning step to the next, k1.
        lag: Steps until the last of a step's targets is known.
    """

    window: int
    stride: int
    lag: int = 0

    @property
    def span(self) -> int:
        """The steps that a stream keeps."""
        return max(self.window, self.stride) + self.lag
