"""How parameters are changed: the optimiser, its rates, and its schedule."""

from dataclasses import dataclass

from streamrnn.kernels import model, optimizers
from streamrnn.kernels.model import Settings, Shape

OPTIMIZERS = {
    "sgd": optimizers.SGD,
    "rmsprop": optimizers.RMSPROP,
    "adam": optimizers.ADAM,
    "adamw": optimizers.ADAM,
}
SCHEDULES = {
    "constant": optimizers.CONSTANT,
    "inverse_root": optimizers.INVERSE_ROOT,
    "exponential": optimizers.EXPONENTIAL,
}
ADAMW_DECAY = 0.01
"""The weight decay of ``adamw``, as in its paper and in PyTorch."""


@dataclass(frozen=True, slots=True)
class Optimization:
    """An optimiser's settings; equations in `streamrnn.kernels.optimizers`.

    Attributes:
        optimizer: Name in `OPTIMIZERS`.
        learning_rate: The rate before the schedule.
        schedule: Name in `SCHEDULES`; at learning step n the rate is the former times 1,
            ``1 / sqrt(1 + decay n)`` or ``exp(-decay n)``.
        decay: Of the schedule.
        beta1: Decay of the running mean of the gradient; the momentum of ``sgd``.
        beta2: Decay of the running mean of its square.
        epsilon: Keeps the division by the root of the latter finite.
        clip: The largest norm of a gradient; what is beyond is scaled down.
    """

    optimizer: str = "adam"
    learning_rate: float = 0.003
    schedule: str = "inverse_root"
    decay: float = 0.001
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    clip: float = 1.0

    def fill(self, shape: Shape, settings: Settings) -> None:
        """Write the settings where kernels read them."""
        shape[model.OPTIMIZER] = OPTIMIZERS[self.optimizer]
        shape[model.SCHEDULE] = SCHEDULES[self.schedule]
        settings[model.RATE] = self.learning_rate
        settings[model.RATE_DECAY] = self.decay
        settings[model.BETA1], settings[model.BETA2] = self.beta1, self.beta2
        settings[model.EPSILON], settings[model.CLIP] = self.epsilon, self.clip
        settings[model.WEIGHT_DECAY] = ADAMW_DECAY if self.optimizer == "adamw" else 0.0

    def rate(self, step: int) -> float:
        """Return the learning rate of the step with this number, from 1."""
        kind = SCHEDULES[self.schedule]
        return optimizers.scheduled_rate.py_func(kind, self.learning_rate, self.decay, step)
